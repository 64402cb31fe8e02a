//! Colours are written in full.

use cxform_model::{Field, Shape};
use serde_json::Value;

use crate::quote::quote;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX034",
    name: "colour",
    severity: Severity::Error,
    about: "A colour is `#RRGGBB`: six hexadecimal digits, no names and no short forms.",
    origin: "[000]",
};

pub(super) fn judge(object: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for field in Field::all(object.address.kind()).filter(|field| field.policy().shape == Shape::Colour) {
        let Some(value @ Value::String(text)) = object.value_of(field) else { continue };
        if !text.trim().is_empty() && !is_colour(text.trim()) {
            findings.push(
                Finding::new(&RULE, object.spot_of(field, ""), format!("{} is no colour", quote(value)))
                    .hint("write `#` and six hexadecimal digits in quotes, such as `\"#2ECC71\"`"),
            );
        }
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(colour: Value) -> Vec<String> {
        project(json!({ "outcome/A": { "uiConfig.colorCode": colour } })).found(&RULE)
    }

    #[test]
    fn other_forms_of_colour_are_refused() {
        for colour in ["green", "#2EC", "2ECC71", "#2ECC7G", "#2ECC7100"] {
            assert_eq!(found(json!(colour)), ["outcome/A uiConfig.colorCode"], "{colour}");
        }
    }

    #[test]
    fn six_digits_of_any_case_pass_and_a_cleared_colour_too() {
        for colour in [json!("#2ecc71"), json!("#2ECC71"), json!(null), json!("")] {
            assert!(found(colour).is_empty());
        }
    }
}
