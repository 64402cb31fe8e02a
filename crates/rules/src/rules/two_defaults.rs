//! One desktop selects one outcome.

use cxform_model::{Address, Sourced};

use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, spot_at};

pub(super) static RULE: Rule = Rule {
    id: "CX054",
    name: "two-defaults",
    severity: Severity::Error,
    about: "All entries that reach one campaign and name a `default` name the same one. Through groups this shows in a plan only.",
    origin: "[000][A]",
};

type Default = Sourced<Option<Address>>;

pub(super) fn finding(campaign: &Address, first: &Default, second: &Default) -> Finding {
    Finding::new(
        &RULE,
        spot_at(campaign.clone(), second.source),
        format!("the desktop is to select {}, and elsewhere {}", name(second), name(first)),
    )
    .hint("leave `default` to one of the entries")
    .related(spot_at(campaign.clone(), first.source), "the other default")
}

fn name(default: &Default) -> String {
    default.value.as_ref().map_or_else(|| "nothing".to_owned(), |outcome| quote_text(outcome.key()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::clashes;

    fn found(second: Value) -> Vec<String> {
        clashes(&RULE, &[json!({ "outcomes": ["A"], "default": "A" }), second])
    }

    #[test]
    fn different_defaults_are_refused_and_so_is_none_beside_one() {
        assert_eq!(found(json!({ "default": "B" })), ["campaign/q3"]);
        assert_eq!(found(json!({ "default": null })), ["campaign/q3"]);
    }

    #[test]
    fn the_same_default_twice_or_no_word_about_it_passes() {
        assert!(found(json!({ "default": "A" })).is_empty());
        assert!(found(json!({ "outcomes": ["B"] })).is_empty());
    }
}
