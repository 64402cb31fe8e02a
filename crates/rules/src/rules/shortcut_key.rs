//! One key selects one outcome.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use cxform_model::{Field, Kind, canonical_field};
use serde_json::Value;

use crate::outcomes::Sight;
use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, Standing};

pub(super) static RULE: Rule = Rule {
    id: "CX035",
    name: "shortcut-key",
    severity: Severity::Error,
    about: "A shortcut key is unique among the visible outcomes of one group, inactive ones included: the tenant refuses a second one.",
    origin: "[A] on [000]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    let field = |path| Field::find(Kind::Outcome, path);
    let (Some(key), Some(group), Some(sight)) = (field("uiConfig.shortcutKey"), field("uiConfig.group"), Sight::new())
    else {
        return;
    };
    let mut taken = HashMap::new();
    for outcome in standing.of(Kind::Outcome) {
        let Value::String(text) = canonical_field(key, outcome.value_of(key)) else { continue };
        if !sight.is_visible(outcome) {
            continue;
        }
        let Value::String(group) = canonical_field(group, outcome.value_of(group)) else { continue };
        match taken.entry((group, text)) {
            Entry::Vacant(free) => {
                free.insert(outcome);
            }
            Entry::Occupied(clash) => {
                let ((group, text), first) = (clash.key(), clash.get());
                findings.push(
                    Finding::new(
                        &RULE,
                        outcome.spot_of(key, ""),
                        format!("the key {} is taken in group {}", quote_text(text), quote_text(group)),
                    )
                    .hint("choose another key, or clear or hide one of the two")
                    .related(first.spot_of(key, ""), format!("taken by `{}`", first.address)),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(first: Value, second: Value) -> Vec<String> {
        project(json!({ "outcome/A": { "uiConfig": first }, "outcome/B": { "uiConfig": second } })).found(&RULE)
    }

    #[test]
    fn a_key_that_is_taken_in_the_group_is_refused_and_the_holder_named() {
        let tree = project(json!({
            "outcome/A": { "uiConfig": { "shortcutKey": "1", "group": "SALES" } },
            "outcome/B": { "uiConfig": { "shortcutKey": " 1 ", "group": "SALES" }, "status": "INACTIVE" },
        }));
        let findings = tree.findings(&RULE);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].at.address.to_string(), "outcome/B");
        assert_eq!(findings[0].related[0].0.address.to_string(), "outcome/A");
    }

    #[test]
    fn no_group_is_the_standard_group() {
        assert_eq!(
            found(json!({ "shortcutKey": "1" }), json!({ "shortcutKey": "1", "group": "STANDARD" })),
            ["outcome/B uiConfig.shortcutKey"]
        );
    }

    #[test]
    fn another_group_or_key_or_a_hidden_outcome_is_no_clash() {
        let one = json!({ "shortcutKey": "1", "group": "SALES" });
        for other in [
            json!({ "shortcutKey": "1", "group": "CARE" }),
            json!({ "shortcutKey": "2", "group": "SALES" }),
            json!({ "shortcutKey": null, "group": "SALES" }),
            json!({ "shortcutKey": "1", "group": "SALES", "visible": false }),
        ] {
            assert!(found(one.clone(), other.clone()).is_empty(), "{other}");
        }
        assert!(found(json!({ "shortcutKey": null }), json!({ "shortcutKey": "" })).is_empty());
    }

    #[test]
    fn keys_and_groups_of_the_tenant_count() {
        let tree = project(json!({ "outcome/A": { "uiConfig.shortcutKey": "1" }, "outcome/B": {} }))
            .observed("outcome/B", &json!({ "uiConfig.shortcutKey": "1" }));
        assert_eq!(tree.found(&RULE), ["outcome/B uiConfig.shortcutKey"]);
    }
}
