//! Small pieces of text that several views share.

use std::time::Duration;

use cxform_model::is_unprintable;
use cxform_plan::Place;

/// Text from elsewhere with everything invisible made visible, so that no tenant can steer a terminal.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '\n' && is_unprintable(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// An error and its causes, each on a line of its own, as their hints are.
pub fn causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let cause = safe(&cause.to_string());
        // A cause that its wrapper already quotes would only be read twice.
        if !said.contains(&cause) {
            if !said.is_empty() {
                said.push_str("\n  caused by: ");
            }
            said.push_str(&cause);
        }
    }
    said
}

/// At most `width` characters.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// `file:line:column`.
pub fn place(place: &Place) -> String {
    format!("{}:{}:{}", safe(&place.file), place.line, place.column)
}

/// Words in lines of at most `width` characters, each indented; a line feed at the end.
pub fn folded(text: &str, width: usize, indent: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| format!("{:indent$}{line}\n", "")).collect()
}

/// The first few of a list, and how many more there are.
pub fn some_of(items: &[String], most: usize) -> String {
    let shown = items.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 run`, `2 runs`.
pub fn counted(count: impl TryInto<u64>, word: &str) -> String {
    let count: u64 = count.try_into().unwrap_or(u64::MAX);
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// A stored time to the second.
pub fn second(stamp: &str) -> String {
    let cut: String = stamp.chars().take(19).collect();
    if cut.len() == 19 && stamp.ends_with('Z') { format!("{}Z", safe(&cut)) } else { safe(stamp) }
}

/// A stored time to the minute.
pub fn minute(stamp: &str) -> String {
    let cut: String = stamp.chars().take(16).collect();
    if cut.len() == 16 && stamp.ends_with('Z') { format!("{}Z", safe(&cut).replace('T', " ")) } else { safe(stamp) }
}

/// A duration as a person says it.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        format!("{} ms", duration.as_millis())
    } else if seconds < 120.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_cannot_steer_the_terminal() {
        assert_eq!(safe("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
    }

    #[test]
    fn times_are_cut_to_what_a_person_reads() {
        assert_eq!(second("2026-11-21T03:48:15.123456Z"), "2026-11-21T03:48:15Z");
        assert_eq!(minute("2026-11-21T03:48:15.123456Z"), "2026-11-21 03:48Z");
        assert_eq!(second("soon"), "soon");
    }

    #[test]
    fn long_text_is_folded_between_words() {
        assert_eq!(folded("one two three four five six", 24, 2), "  one two three four\n  five six\n");
        assert_eq!(folded("", 24, 2), "");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(12)), "12 ms");
        assert_eq!(duration(Duration::from_millis(1250)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 5 s");
    }
}
