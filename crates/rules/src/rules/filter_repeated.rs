//! A filter rule that stands there twice.

use crate::filter::{PATH, by_field, conditions};
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX049",
    name: "filter-repeated",
    severity: Severity::Warning,
    about: "No filter rule of a campaign is written twice: a copy filters nothing and takes one of the 50 places.",
    origin: "[A] on [004]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for rules in by_field(&conditions(campaign)).values() {
        for (place, rule) in rules.iter().enumerate() {
            if let Some(first) = rules[..place].iter().find(|earlier| earlier.repeats(rule)) {
                findings.push(
                    Finding::new(
                        &RULE,
                        campaign.spot(PATH, format!("/{}", rule.index)),
                        "this filter rule repeats an earlier one",
                    )
                    .hint("drop one of them")
                    .related(campaign.spot(PATH, format!("/{}", first.index)), "the same rule"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::{filters, project};

    #[test]
    fn a_copy_is_shown_whatever_its_form_and_operator() {
        let rules = json!([["a", "eq", 1], ["b", "like", "x"], ["a ", "EQ", 1.0], ["b", "Like", "x"]]);
        assert_eq!(
            project(json!({ "campaign/q3": filters(&rules) })).found(&RULE),
            ["campaign/q3 contactSelection.filterRules/2", "campaign/q3 contactSelection.filterRules/3"]
        );
    }

    #[test]
    fn rules_that_differ_in_anything_pass() {
        let rules = json!([["a", "eq", 1], ["A", "eq", 1], ["a", "ne", 1], ["a", "eq", "1"]]);
        assert!(project(json!({ "campaign/q3": filters(&rules) })).found(&RULE).is_empty());
    }
}
