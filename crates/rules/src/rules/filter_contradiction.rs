//! A filter set that nobody can match stops a campaign as surely as an empty list, only silently.

use crate::filter::{Condition, PATH, by_field, conditions};
use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX048",
    name: "filter-contradiction",
    severity: Severity::Error,
    about: "Some contact can meet all filter rules. Judged for `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `in` and `notIn` over \
            numbers, ISO dates and texts, and only where every reading agrees; other operators are never judged.",
    origin: "[A] on [004]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for (field, rules) in by_field(&conditions(campaign)) {
        if let Some(core) = core(&rules)
            && let Some((last, earlier)) = core.split_last()
        {
            let finding = Finding::new(
                &RULE,
                campaign.spot(PATH, format!("/{}", last.index)),
                format!("no contact can meet this filter rule and the others about {}", quote_text(field)),
            )
            .hint("drop one of the rules, or widen it: all filter rules must hold at once");
            findings.push(earlier.iter().fold(finding, |finding, rule| {
                finding.related(campaign.spot(PATH, format!("/{}", rule.index)), "contradicts this rule")
            }));
        }
    }
}

/// The rules that contradict each other, without those that have no part in it.
fn core<'c, 'a>(rules: &[&'c Condition<'a>]) -> Option<Vec<&'c Condition<'a>>> {
    if !Condition::exclude_everybody(rules) {
        return None;
    }
    // Dropping the later rules first blames the earliest rule that completes a contradiction.
    let mut core = rules.to_vec();
    for at in (0..rules.len()).rev() {
        let rule = core.remove(at);
        if !Condition::exclude_everybody(&core) {
            core.insert(at, rule);
        }
    }
    Some(core)
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
    fn rules_that_nobody_can_meet_are_refused() {
        for rules in [
            json!([["a", "eq", 1], ["a", "eq", 2]]),
            json!([["a", "eq", "x"], ["a", "NE", "x"]]),
            json!([["a", "gt", 5], ["a", "lt", 5]]),
            json!([["a", "gte", 5], ["a", "lt", 5]]),
            json!([["a", "gt", 6], ["a", "lte", 5.5]]),
            json!([["a", "eq", "x"], ["a", "in", ["y", "z"]]]),
            json!([["a", "in", ["x", "y"]], ["a", "in", ["v", "w"]]]),
            json!([["a", "in", [1, 2]], ["a", "gt", 2]]),
            json!([["a", "in", [1, 2]], ["a", "notIn", [2, 1, 0]]]),
            json!([["a", "gt", "2023-06-01"], ["a", "lt", "2023-01-01"]]),
            json!([["a", "eq", "2023-01-01"], ["a", "gt", "2023-01-01"]]),
            json!([["a", "gt", "2023-01-01T00:00:00Z"], ["a", "lt", "2023-01-01T00:00:00+01:00"]]),
        ] {
            assert_eq!(found(rules.clone()), ["campaign/q3 contactSelection.filterRules/1"], "{rules}");
        }
    }

    #[test]
    fn rules_that_somebody_may_meet_pass() {
        for rules in [
            json!([["a", "eq", 1], ["b", "eq", 2]]),
            json!([["a", "gte", 5], ["a", "lte", 5]]),
            json!([["a", "gt", 5], ["a", "lt", 6]]),
            json!([["a", "eq", "Sale"], ["a", "eq", "sale"]]),
            json!([["a", "eq", 5], ["a", "eq", "5"]]),
            json!([["a", "gt", "b"], ["a", "lt", "a"]]),
            json!([["a", "contains", "x"], ["a", "contains", "y"]]),
            json!([["a", "in", "x,y"], ["a", "eq", "z"]]),
            json!([["a", "in", ["x", "y"]], ["a", "ne", "x"]]),
            json!([["a", "gt", "2023-01-01"], ["a", "lt", "2022-12-31T00:00:00Z"]]),
            json!([["a", "ne", 1], ["a", "notIn", [2, 3]]]),
        ] {
            assert!(found(rules.clone()).is_empty(), "{rules}");
        }
    }

    #[test]
    fn only_the_rules_that_take_part_are_named() {
        let rules =
            json!([["a", "gte", 5], ["a", "gt", 0], ["b", "eq", 1], ["a", "ne", 5], ["a", "lte", 5], ["a", "lt", 9]]);
        let findings = project(json!({ "campaign/q3": filters(&rules) })).findings(&RULE);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].at.inside, "/4");
        let related: Vec<_> = findings[0].related.iter().map(|(spot, _)| spot.inside.as_str()).collect();
        assert_eq!(related, ["/0", "/3"]);
    }
}
