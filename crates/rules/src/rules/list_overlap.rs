//! A list is dialled or excluded, not both.

use std::collections::HashMap;

use serde_json::Value;

use crate::quote::quote;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX044",
    name: "list-overlap",
    severity: Severity::Error,
    about: "No list of `exclusionListIds` is also dialled, neither by `targetListIds` nor by `targetListId`.",
    origin: "[004]",
};

const TARGETS: &str = "contactSelection.targetListIds";
const EXCLUSIONS: &str = "contactSelection.exclusionListIds";
const TARGET: &str = "targetListId";

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let exclusions = campaign.items(EXCLUSIONS);
    if exclusions.is_empty() {
        return;
    }
    let mut targets = HashMap::new();
    for (index, list) in campaign.items(TARGETS).iter().enumerate() {
        targets.entry(id(list)).or_insert_with(|| campaign.spot(TARGETS, format!("/{index}")));
    }
    if let Some(list) = campaign.value(TARGET) {
        targets.entry(id(list)).or_insert_with(|| campaign.spot(TARGET, ""));
    }
    for (index, list) in exclusions.iter().enumerate() {
        if let Some(target) = id(list).and_then(|id| targets.get(&Some(id))) {
            findings.push(
                Finding::new(
                    &RULE,
                    campaign.spot(EXCLUSIONS, format!("/{index}")),
                    format!("the list {} is dialled and excluded", quote(list)),
                )
                .hint("take it out of one of the two")
                .related(target.clone(), "dialled here"),
            );
        }
    }
}

fn id(list: &Value) -> Option<&str> {
    list.as_str().map(str::trim).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn a_list_on_both_sides_is_refused_and_both_places_named() {
        let campaign = project(json!({ "campaign/q3": {
            "targetListId": "l0",
            "contactSelection": { "targetListIds": ["l1", "l2"], "exclusionListIds": ["l9", "l2 ", "l0"] },
        } }));
        let findings = campaign.findings(&RULE);
        let places: Vec<_> = findings.iter().map(|finding| finding.at.inside.as_str()).collect();
        assert_eq!(places, ["/1", "/2"]);
        assert_eq!(findings[0].related[0].0.inside, "/1");
        assert_eq!(findings[1].related[0].0.field.unwrap().path(), "targetListId");
    }

    #[test]
    fn separate_lists_pass() {
        let selection = json!({ "targetListIds": ["l1", ""], "exclusionListIds": ["L1", ""] });
        assert!(project(json!({ "campaign/q3": { "contactSelection": selection } })).found(&RULE).is_empty());
    }

    #[test]
    fn targets_that_only_the_tenant_knows_count() {
        let campaign = project(json!({ "campaign/q3": { "contactSelection.exclusionListIds": ["l1"] } }))
            .observed("campaign/q3", &json!({ "contactSelection.targetListIds": ["l1"] }));
        assert_eq!(campaign.found(&RULE), ["campaign/q3 contactSelection.exclusionListIds/0"]);
    }
}
