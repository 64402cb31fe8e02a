//! A selection selects from something.

use cxform_model::{Field, Kind};
use serde_json::Value;

use crate::{Finding, Rule, Severity, Standing, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX043",
    name: "target-list",
    severity: Severity::Error,
    about: "A campaign whose contact selection is managed has at least one of `targetListIds`. Selection rules that leave them out \
            are judged in a plan, as the campaign will stand; it may then have its `targetListId` instead.",
    origin: "[004]",
};

const TARGETS: &str = "contactSelection.targetListIds";
const TARGET: &str = "targetListId";

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    // Offline, a campaign that names no lists may have them on the tenant.
    let offline = standing.foreign.is_none();
    standing.of(Kind::Campaign).for_each(|campaign| judge_one(campaign, offline, findings));
}

fn judge_one(campaign: StandingObject<'_>, offline: bool, findings: &mut Vec<Finding>) {
    let managed: Vec<Field> = Field::all(campaign.address.kind())
        .filter(|field| field.path().starts_with("contactSelection.") && campaign.setting(*field).is_some())
        .collect();
    let Some(first) = managed.first() else { return };
    if campaign.items(TARGETS).iter().any(names_a_list) {
        return;
    }
    let mut spot = campaign.spot(TARGETS, "");
    let fault = if managed.iter().any(|field| field.path() == TARGETS) {
        "the campaign has no target list left"
    } else if offline || campaign.value(TARGET).is_some_and(names_a_list) {
        return;
    } else {
        // The selection may be written elsewhere than the campaign.
        spot.source = campaign.spot_of(*first, "").source;
        "the selection names no target list"
    };
    findings.push(Finding::new(&RULE, spot, fault).hint("name at least one list under `targetListIds`"));
}

fn names_a_list(id: &Value) -> bool {
    match id {
        Value::String(text) => !text.trim().is_empty(),
        other => !other.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(campaign: Value) -> Vec<String> {
        project(json!({ "campaign/q3": campaign })).found(&RULE)
    }

    #[test]
    fn a_selection_without_target_lists_is_refused() {
        for lists in [json!([]), json!(null), json!([""])] {
            assert_eq!(
                found(json!({ "contactSelection.targetListIds": lists })),
                ["campaign/q3 contactSelection.targetListIds"],
                "{lists}"
            );
        }
    }

    #[test]
    fn a_selection_that_leaves_them_out_is_judged_in_a_plan_and_refused_where_it_is_written() {
        let campaign = project(json!({ "campaign/q3": { "contactSelection.priorityOrder": ["a"] } }));
        assert!(campaign.findings(&RULE).is_empty(), "the tenant may have them");
        let findings = campaign.foreign(&[]).findings(&RULE);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "the selection names no target list");
    }

    #[test]
    fn lists_of_the_tenant_or_of_the_campaign_itself_count_where_the_selection_leaves_them_out() {
        let selection = json!({ "contactSelection.priorityOrder": ["a"] });
        let campaign = project(json!({ "campaign/q3": selection }));
        let living = campaign.observed("campaign/q3", &json!({ "contactSelection.targetListIds": ["l1"] }));
        assert!(living.foreign(&[]).found(&RULE).is_empty());
        let own = project(json!({ "campaign/q3": { "contactSelection.priorityOrder": ["a"], "targetListId": "l1" } }));
        assert!(own.foreign(&[]).found(&RULE).is_empty());
        assert_eq!(found(json!({ "contactSelection.targetListIds": [], "targetListId": "l1" })).len(), 1);
    }

    #[test]
    fn one_list_is_enough_and_an_unmanaged_selection_is_not_judged() {
        assert!(found(json!({ "contactSelection.targetListIds": ["l1"] })).is_empty());
        assert!(found(json!({ "type": "preview" })).is_empty());
    }
}
