//! A filter rule that another one already demands.

use crate::filter::{Condition, PATH, by_field, conditions};
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX050",
    name: "filter-shadowed",
    severity: Severity::Warning,
    about: "No filter rule follows from another one: whoever meets the narrower meets it too, so it filters nothing. \
            Judged with the same caution as contradictions.",
    origin: "[A] on [004]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for rules in by_field(&conditions(campaign)).values() {
        // Where nobody passes, everything follows from everything.
        if Condition::exclude_everybody(rules) {
            continue;
        }
        for rule in rules {
            let repeated = rules.iter().any(|other| other.index < rule.index && other.repeats(rule));
            if !repeated && let Some(narrower) = rules.iter().find(|other| shadows(other, rule)) {
                findings.push(
                    Finding::new(
                        &RULE,
                        campaign.spot(PATH, format!("/{}", rule.index)),
                        "this filter rule follows from another one and filters nothing",
                    )
                    .hint("drop it, or check that the other rule says what you mean")
                    .related(campaign.spot(PATH, format!("/{}", narrower.index)), "the narrower rule"),
                );
            }
        }
    }
}

/// Of two rules that mean the same in other words, the later one is shadowed.
fn shadows(narrower: &Condition<'_>, rule: &Condition<'_>) -> bool {
    narrower.index != rule.index
        && !narrower.repeats(rule)
        && narrower.implies(rule)
        && (narrower.index < rule.index || !rule.implies(narrower))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::{filters, project};

    fn found(rules: Value) -> Vec<String> {
        project(json!({ "campaign/q3": filters(&rules) })).found(&RULE)
    }

    #[test]
    fn a_rule_that_follows_from_another_is_shown() {
        for (rules, shadowed) in [
            (json!([["a", "gt", 3], ["a", "gt", 5]]), 0),
            (json!([["a", "gt", 5], ["a", "gte", 5]]), 1),
            (json!([["a", "lt", 5], ["a", "lte", 5.5]]), 1),
            (json!([["a", "lte", 5], ["a", "ne", 6]]), 1),
            (json!([["a", "eq", 5], ["a", "lt", 6]]), 1),
            (json!([["a", "in", ["x", "y", "z"]], ["a", "in", ["x", "y"]]]), 0),
            (json!([["a", "notIn", ["x", "y"]], ["a", "ne", "x"]]), 1),
            (json!([["a", "eq", "x"], ["a", "in", ["x"]]]), 1),
            (json!([["a", "gt", "2023-01-01"], ["a", "gt", "2022-01-01"]]), 1),
        ] {
            assert_eq!(
                found(rules.clone()),
                [format!("campaign/q3 contactSelection.filterRules/{shadowed}")],
                "{rules}"
            );
        }
    }

    #[test]
    fn rules_that_each_filter_something_pass() {
        for rules in [
            json!([["a", "gt", 3], ["a", "lt", 5]]),
            json!([["a", "gt", 3], ["b", "gt", 5]]),
            json!([["a", "gt", 3], ["a", "ne", 4]]),
            json!([["a", "gte", 3], ["a", "ne", 3]]),
            json!([["a", "like", "x"], ["a", "like", "xy"]]),
            json!([["a", "gt", "a"], ["a", "gt", "b"]]),
            json!([["a", "in", ["x", "y"]], ["a", "in", ["y", "z"]]]),
            json!([["a", "eq", 5], ["a", "ne", "5"]]),
        ] {
            assert!(found(rules.clone()).is_empty(), "{rules}");
        }
    }

    #[test]
    fn a_contradiction_or_a_copy_is_not_told_twice() {
        assert!(found(json!([["a", "eq", 1], ["a", "eq", 2], ["a", "gt", 0]])).is_empty());
        assert!(found(json!([["a", "gt", 1], ["a", "gt", 1]])).is_empty());
    }
}
