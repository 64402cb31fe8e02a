//! A desktop that one entry claims has no other.

use cxform_model::{Address, Source};

use crate::{Finding, Rule, Severity, spot_at};

pub(super) static RULE: Rule = Rule {
    id: "CX055",
    name: "exclusive-shared",
    severity: Severity::Error,
    about: "A campaign that an `exclusive` entry reaches is reached by no other entry. Through groups this shows in a plan only.",
    origin: "[A]",
};

pub(super) fn finding(campaign: &Address, exclusive: Source, other: Source) -> Finding {
    Finding::new(&RULE, spot_at(campaign.clone(), other), "another entry claims this desktop for itself")
        .hint("join the two entries, or drop `exclusive`")
        .related(spot_at(campaign.clone(), exclusive), "the exclusive entry")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::clashes;

    #[test]
    fn an_exclusive_entry_beside_another_is_refused_in_either_order() {
        let [exclusive, other] = [json!({ "outcomes": ["A"], "exclusive": true }), json!({ "outcomes": ["B"] })];
        assert_eq!(clashes(&RULE, &[exclusive.clone(), other.clone()]), ["campaign/q3"]);
        assert_eq!(clashes(&RULE, &[other, exclusive]), ["campaign/q3"]);
    }

    #[test]
    fn an_exclusive_entry_alone_and_two_that_share_pass() {
        assert!(clashes(&RULE, &[json!({ "outcomes": ["A"], "exclusive": true })]).is_empty());
        assert!(clashes(&RULE, &[json!({ "outcomes": ["A"] }), json!({ "outcomes": ["B"] })]).is_empty());
    }
}
