//! Writing scalars so that every reader of YAML takes them for what they are.

use cxform_model::is_unprintable;
use serde_json::Value;

use super::{Body, Node, Style};

/// A scalar with this value: plain where no reader could take it for anything else, otherwise in double quotes.
pub(crate) fn scalar_of(value: &Value) -> Node {
    let (text, style) = match value {
        Value::String(text) if is_plain(text) => (text.clone(), Style::Plain),
        Value::String(text) => (text.clone(), Style::Double(None)),
        other => (other.to_string(), Style::Plain),
    };
    Node::new(Body::Scalar { text, style })
}

/// Whether a text may stand without quotes anywhere: in block and flow style, as a key, and for readers of YAML 1.1, too.
pub(crate) fn is_plain(text: &str) -> bool {
    let (Some(first), Some(last)) = (text.chars().next(), text.chars().next_back()) else { return false };
    let inner = |character: char| {
        character.is_alphanumeric()
            || matches!(
                character,
                ' ' | '-'
                    | '_'
                    | '.'
                    | '/'
                    | '+'
                    | '('
                    | ')'
                    | '$'
                    | '='
                    | ';'
                    | '~'
                    | '^'
                    | '<'
                    | '>'
                    | ':'
                    | '\''
                    | '@'
                    | '!'
                    | '?'
                    | '*'
                    | '&'
            )
    };
    (first.is_alphanumeric() || matches!(first, '_' | '/' | '.' | '+' | '(' | '$'))
        && last != ' '
        && last != ':'
        && text.chars().all(|character| inner(character) && !is_unprintable(character))
        && !text.contains(": ")
        && !text.contains("${")
        && !is_typed(text)
}

/// Whether some reader takes the plain text for a number, a boolean, null, a time or a merge key.
fn is_typed(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", ".", "..", "..."].contains(&lower.as_str());
    let unsigned = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    let special = [".inf", ".nan"].contains(&unsigned);
    word || special || is_number(unsigned) || is_date(unsigned)
}

/// Numbers of YAML 1.1 and 1.2: grouped digits, other radixes, exponents, and `12:30` in base sixty.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| {
        text.contains(|next: char| next.is_ascii_digit())
            && text.chars().all(|next| next.is_ascii_digit() || "_.:".contains(next))
    };
    if ["0x", "0o", "0b"].iter().any(|radix| {
        text.strip_prefix(radix).is_some_and(|rest| rest.chars().all(|next| next.is_ascii_hexdigit() || next == '_'))
    }) {
        return true;
    }
    match text.split_once('e') {
        Some((mantissa, exponent)) => digits(mantissa) && digits(exponent.trim_start_matches(['-', '+'])),
        None => digits(text),
    }
}

/// `2026-12-01`, and whatever follows.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut number = |most: usize| {
        parts.next().is_some_and(|part| {
            !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    number(4) && number(2) && parts.next().is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// The text between double quotes.
pub(crate) fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\0' => quoted.push_str("\\0"),
            // Invisible characters, and those that readers fold or refuse.
            _ if is_unprintable(character) || is_awkward(character) => {
                let code = u32::from(character);
                quoted.push_str(&match code {
                    0..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                });
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Characters that YAML does not count as printable, or takes for white space of its own.
fn is_awkward(character: char) -> bool {
    matches!(u32::from(character), 0x7f..=0xa0 | 0xfdd0..=0xfdef | 0xfffe | 0xffff | 0xe000..=0xf8ff | 0xe0000..=0x10_ffff)
        || (u32::from(character) & 0xfffe) == 0xfffe
}

/// The text between single quotes.
pub(crate) fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_taken_for_something_else_is_quoted() {
        for text in [
            "",
            " a",
            "a ",
            "no",
            "Null",
            "007",
            "1_000",
            "12:30",
            "2026-12-01",
            "0x1F",
            "1e3",
            "-5",
            ".inf",
            "~",
            "a: b",
            "a #b",
            "- a",
            "#2ECC71",
            "${var.x}",
            "a,b",
            "[a",
            "{a",
            "<<",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "a\tb",
            "a\nb",
            "\u{2028}",
            "a:",
            "?",
            "'a'",
            "\"a\"",
            "0.5",
            "+1",
            "1.",
            "...",
            "---",
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn what_is_plainly_text_stands_without_quotes() {
        for text in [
            "a",
            "SI-DEMO",
            "Product demo requested",
            "list_123abc",
            "America/New_York",
            "cxform/v1",
            "Don't call",
            "v1.2",
            "3f0c2d9e-6f0b-4c7e-9a53-0d8a5b1c7e11",
            "Größe",
            "100/s",
            "https://api.example.com",
            "5 days",
            "GRP_1",
        ] {
            assert!(is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn awkward_characters_are_escaped() {
        assert_eq!(double_quoted("a\"\\\n\u{7f}\u{2028}\u{feff}"), r#""a\"\\\n\x7F\u2028\uFEFF""#);
    }
}
