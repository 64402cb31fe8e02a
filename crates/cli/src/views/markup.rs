//! Text from manifests and tenants inside HTML and Markdown, where it is text and nothing else: no tag, no link, no
//! mention of a person, no character that hides.

use cxform_plan::render::printable;

/// Text for HTML, in an element or in a quoted attribute.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in printable(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}

/// A name or a value. Forges make neither links nor mentions of what is code.
pub fn code(text: &str) -> String {
    format!("<code>{}</code>", html(text))
}

/// A message: what it puts in backticks is code, the rest is prose without links and mentions.
pub fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let pieces: Vec<&str> = text.split('`').collect();
    for (at, piece) in pieces.iter().enumerate() {
        match at % 2 {
            1 if at + 1 < pieces.len() => out.push_str(&code(piece)),
            1 => out.push_str(&format!("`{}", inert(piece))),
            _ => out.push_str(&inert(piece)),
        }
    }
    out
}

/// Prose in which a forge finds nothing to link: a space without width stands in what would start a mention, a
/// reference to an issue, or an address.
fn inert(text: &str) -> String {
    let apart = |text: String, what: &str, instead: &str| text.replace(what, instead);
    let text = html(text).replace("&#39;", "&apos;");
    let text = apart(text, "@", "@&#8203;");
    let text = apart(text, "://", ":&#8203;//");
    let text = apart(text, "www.", "www&#8203;.");
    // The numbers of the entities above are no issues.
    text.replace('#', "#&#8203;").replace("&#&#8203;", "&#")
}

/// The fence of a block of code that none of its lines can close.
pub fn fence(lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|one| one != '`')).map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// A name inside an HTML comment, which it cannot end.
pub fn in_comment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut utf8 = [0; 4];
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || "._-".contains(character) {
            out.push(character);
        } else {
            for byte in character.encode_utf8(&mut utf8).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_acts_in_html() {
        assert_eq!(
            html("</details><script>alert('x')</script>\"&\u{202e}\n"),
            "&lt;/details&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\\u{202e}\\n"
        );
    }

    #[test]
    fn prose_mentions_and_links_nobody() {
        assert_eq!(
            prose("`@team` asks @team, see #1 at https://evil.example and www.evil.example"),
            "<code>@team</code> asks @&#8203;team, see #&#8203;1 at https:&#8203;//evil.example and www&#8203;.evil.example"
        );
        assert_eq!(prose("it's `open @a"), "it&apos;s `open @&#8203;a");
    }

    #[test]
    fn a_fence_is_longer_than_what_stands_in_it() {
        assert_eq!(fence(&["plain".to_owned()]), "```");
        assert_eq!(fence(&["a ``` b".to_owned(), "`````".to_owned()]), "``````");
    }

    #[test]
    fn a_name_cannot_end_a_comment() {
        assert_eq!(in_comment("a --> <b>"), "a%20--%3E%20%3Cb%3E");
        assert_eq!(in_comment("acme-outbound_1.2"), "acme-outbound_1.2");
    }
}
