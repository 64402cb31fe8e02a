//! Codes and names hold nothing that nobody sees.

use cxform_model::{Field, is_unprintable};
use serde_json::Value;

use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX064",
    name: "hidden-character",
    severity: Severity::Error,
    about: "A code or a name holds no control character but blank space, no override of the direction of writing and nothing without width; joiners and marks that scripts need are allowed.",
    origin: "[UTS 39](https://www.unicode.org/reports/tr39/)",
};

pub(super) fn judge(object: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let mut hidden = |text: &str, path: &str| {
        if let Some(character) = text.chars().find(|character| is_hidden(*character)) {
            let message = format!("{} hides the character `U+{:04X}`", quote_text(text), u32::from(character));
            findings.push(
                Finding::new(&RULE, object.spot(path, ""), message)
                    .hint("type it anew: a copied text can bring along what nobody sees"),
            );
        }
    };
    let has_code = Field::find(object.address.kind(), "code").is_some();
    hidden(object.address.key(), if has_code { "code" } else { "name" });
    if has_code && let Some(Value::String(name)) = object.value("name") {
        hidden(name, "name");
    }
}

/// What is unprintable, but for blank space, and marks and joiners that Arabic, Hebrew, Persian and Indic texts are written with.
fn is_hidden(character: char) -> bool {
    is_unprintable(character) && !matches!(character, '\t' | '\n' | '\r' | '\u{061c}' | '\u{200c}'..='\u{200f}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn what_nobody_sees_is_refused_in_codes_and_names() {
        for hidden in ["A\u{202e}B", "A\u{200b}", "\u{feff}A", "A\u{1b}[31m", "A\u{2066}B"] {
            let found = project(json!({ "outcome/A": { "name": hidden } })).found(&RULE);
            assert_eq!(found, ["outcome/A name"], "{hidden:?}");
        }
        let escaped = project(json!({ "campaign/q3%E2%80%AE": {}, "outcome/A%E2%80%8B": {} })).found(&RULE);
        assert_eq!(escaped.len(), 2, "{escaped:?}");
    }

    #[test]
    fn blanks_and_marks_that_scripts_are_written_with_pass() {
        for name in [
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{5d0}\u{200f}",
            "Caf\u{e9}",
            "\u{65e5}\u{672c}",
        ] {
            assert!(project(json!({ "outcome/A": { "name": name } })).found(&RULE).is_empty(), "{name:?}");
        }
    }
}
