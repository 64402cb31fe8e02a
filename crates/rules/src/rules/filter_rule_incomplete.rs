//! A filter rule says what is compared, how, and with what.

use serde_json::Value;

use crate::filter::PATH;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX047",
    name: "filter-rule-incomplete",
    severity: Severity::Error,
    about: "A filter rule has a field, an operator and a value, none of them empty.",
    origin: "[004]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for (index, rule) in campaign.items(PATH).iter().enumerate() {
        for member in ["field", "operator", "value"] {
            let value = rule.get(member);
            if value.is_none_or(is_empty) {
                let inside = if value.is_some() { format!("/{index}/{member}") } else { format!("/{index}") };
                findings.push(
                    Finding::new(&RULE, campaign.spot(PATH, inside), format!("the filter rule has no `{member}`"))
                        .hint("write `field`, `operator` and `value`, or drop the rule"),
                );
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::{filters, project};

    fn found(rules: Value) -> Vec<String> {
        project(json!({ "campaign/q3": rules })).found(&RULE)
    }

    #[test]
    fn an_empty_member_is_shown_at_its_place_and_a_missing_one_at_the_rule() {
        assert_eq!(
            found(filters(&json!([["a", "eq", 1], [" ", "eq", null], ["a", "", []]]))),
            [
                "campaign/q3 contactSelection.filterRules/1/field",
                "campaign/q3 contactSelection.filterRules/1/value",
                "campaign/q3 contactSelection.filterRules/2/operator",
                "campaign/q3 contactSelection.filterRules/2/value"
            ]
        );
        assert_eq!(
            found(json!({ "contactSelection.filterRules": [{ "field": "a", "operator": "eq" }] })),
            ["campaign/q3 contactSelection.filterRules/0"]
        );
    }

    #[test]
    fn zero_and_false_are_values() {
        assert!(found(filters(&json!([["a", "eq", 0], ["b", "eq", false], ["c", "in", ["x"]]]))).is_empty());
    }
}
