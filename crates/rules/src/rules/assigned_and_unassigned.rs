//! An outcome is put on a desktop or taken off it.

use cxform_model::{Address, Source};

use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, spot_at};

pub(super) static RULE: Rule = Rule {
    id: "CX056",
    name: "assigned-and-unassigned",
    severity: Severity::Error,
    about: "No entry takes an outcome off a desktop that the same or another entry puts there. Through groups this shows in a plan only.",
    origin: "[A]",
};

pub(super) fn finding(campaign: &Address, outcome: &Address, assigned: Source, unassigned: Source) -> Finding {
    let assignment = Address::assignment(campaign.key(), outcome.key());
    Finding::new(
        &RULE,
        spot_at(assignment.clone(), unassigned),
        format!("the outcome {} is taken off and put there", quote_text(outcome.key())),
    )
    .hint("drop it from `outcomes` or from `unassigned`")
    .related(spot_at(assignment, assigned), "put there")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::clashes;

    #[test]
    fn an_outcome_put_there_and_taken_off_is_refused() {
        let off = json!({ "unassigned": ["A"] });
        assert_eq!(clashes(&RULE, &[json!({ "outcomes": ["A", "B"] }), off]), ["assignment/q3/A"]);
        assert_eq!(clashes(&RULE, &[json!({ "outcomes": ["A"], "unassigned": ["A"] })]), ["assignment/q3/A"]);
    }

    #[test]
    fn another_outcome_taken_off_passes() {
        assert!(clashes(&RULE, &[json!({ "outcomes": ["A"], "unassigned": ["B"] })]).is_empty());
    }
}
