//! How a message shows a value: in backticks, on one line, with nothing in it that a terminal would obey.

use cxform_model::is_unprintable;
use serde_json::Value;

/// Longer values are cut: the finding points at the whole.
const LONGEST: usize = 80;

/// A JSON value as a message shows it; texts stand without their quotes unless they are empty.
pub(crate) fn quote(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => quote_text(text),
        other => quote_text(&other.to_string()),
    }
}

/// A text as a message shows it.
pub(crate) fn quote_text(text: &str) -> String {
    let mut quoted = String::from("`");
    for (place, character) in text.chars().enumerate() {
        if place == LONGEST {
            quoted.push('…');
            break;
        }
        if is_unprintable(character) {
            quoted.extend(character.escape_unicode());
        } else {
            quoted.push(character);
        }
    }
    quoted.push('`');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_short_and_harmless() {
        assert_eq!(quote(&json!("a\u{1b}[31m")), "`a\\u{1b}[31m`");
        assert_eq!(quote(&json!("")), "`\"\"`");
        assert_eq!(quote(&json!(0.5)), "`0.5`");
        assert_eq!(quote(&json!("x".repeat(200))).chars().count(), LONGEST + 3);
    }
}
