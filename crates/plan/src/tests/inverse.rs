//! The way back, told on small inventories; `laws` tries it on random ones.

use cxform_model::{Address, CampaignStatus, Field, Kind, Observed, Ownership, Precondition, RemoteId, Version, same};
use serde_json::json;

use super::fixture::{ids, planned, told};
use crate::{Done, Inverse, Plan, activity, inverse, irreversible};

/// Everything that is not as it was `before`, though nothing said that it could not be.
pub(super) fn differences(before: &Observed, after: &Observed, back: &Inverse) -> Vec<String> {
    let mut wrong = Vec::new();
    for was in before.listings.values().flatten() {
        let is = after.of(was.kind).iter().find(|one| one.id == was.id).unwrap();
        let mut differs = |what: &str| wrong.push(format!("{what} of {} {}", was.kind, was.key));
        let excused = |why: &str| {
            let about = |address: &Address| {
                address.kind() == was.kind && [&was.key, &is.key].contains(&&address.key().to_owned())
            };
            back.cannot.iter().any(|(address, reason)| about(address) && reason.contains(why))
        };
        if was.key.trim() != is.key.trim() {
            differs("key");
        }
        if was.parent != is.parent {
            differs("parent");
        }
        for field in Field::all(was.kind) {
            let equal = same(field, was.fields.get(field), is.fields.get(field));
            if field.policy().ownership == Ownership::RunState {
                let status = |one: &cxform_model::ObservedObject| {
                    CampaignStatus::from_word(one.value("status").unwrap().as_str().unwrap()).unwrap()
                };
                let lawful = match (status(was), status(is)) {
                    (_, CampaignStatus::Completed) => equal || excused("completed campaign"),
                    (CampaignStatus::Draft, CampaignStatus::Paused) => excused("was a draft"),
                    _ => equal,
                };
                if !lawful {
                    differs("status");
                }
            } else if !equal {
                differs(field.path());
            }
        }
    }
    for new in after.listings.values().flatten() {
        let known = before.of(new.kind).iter().any(|one| one.id == new.id);
        if !known && new.kind != Kind::Campaign && activity::is_active(new) {
            wrong.push(format!("new {} {} is active", new.kind, new.key));
        }
        if !known && new.value("status") == Some(&json!("active")) {
            wrong.push(format!("new campaign {} is dialling", new.key));
        }
    }
    for (campaign, was) in &before.desktops {
        let sorted = |desktop: &[cxform_model::ObservedAssignment]| {
            let mut all: Vec<_> = desktop.iter().map(|one| (one.outcome.clone(), one.sequence, one.default)).collect();
            all.sort();
            all
        };
        if sorted(was) != sorted(&after.desktops[campaign]) {
            wrong.push(format!("desktop of {campaign}: {was:?} is {:?}", after.desktops[campaign]));
        }
    }
    wrong
}

fn done(plan: &Plan) -> Vec<Done> {
    let mut version = 0;
    plan.steps
        .iter()
        .map(|step| {
            version += 1;
            Done {
                step: step.id.clone(),
                created: Some(RemoteId(format!("id of {}", step.address))),
                version: Some(Version(version)),
                after: None,
            }
        })
        .collect()
}

#[test]
fn writes_go_back_in_the_opposite_order_pinned_to_what_the_run_left() {
    let plan = planned(
        &json!({
            "outcomes": [{"code": "NEW"}, {"code": "OLD", "description": "ours", "uiConfig.icon": "ours"}],
            "campaigns": [{"name": "q", "type": "predictive", "dialerSettings.callRate": 0.6, "status": "active"}],
            "desktops": [{"campaigns": ["q"], "outcomes": ["NEW"], "unassigned": ["OLD"]}],
        }),
        &json!({
            "outcomes": [{"id": "1", "code": "OLD", "description": "theirs"}],
            "campaigns": [{"id": "c", "name": "q", "version": 7, "type": "predictive", "dialerSettings.callRate": 0.5, "status": "draft"}],
            "desktops": {"c": [["1", 4, true]]},
        }),
    );
    let Inverse { plan: back, cannot } = inverse(&plan, &done(&plan));
    assert_eq!(
        ids(&back),
        [
            "campaign/q:undo-transition",
            "assignment/q/OLD:undo-unassign",
            "assignment/q/NEW:undo-assign",
            "campaign/q:undo-update",
            "outcome/OLD:undo-desktop",
            "outcome/OLD:undo-update",
            "outcome/NEW:undo-create",
        ]
    );
    let step = |id: &str| back.steps.iter().find(|step| step.id == id).unwrap();
    let started = plan.steps.iter().position(|step| step.id == "campaign/q:transition").unwrap() as u64 + 1;
    assert_eq!(step("campaign/q:undo-transition").precondition, Precondition::Version(Version(started)));
    assert_eq!(step("campaign/q:undo-update").precondition, Precondition::Follows);
    assert_eq!(step("assignment/q/OLD:undo-unassign").precondition, Precondition::Absent);
    assert!(step("outcome/OLD:undo-update").needs.contains(&"outcome/OLD:undo-desktop".to_owned()));
    assert!(step("outcome/NEW:undo-create").needs.contains(&"assignment/q/NEW:undo-assign".to_owned()));
    assert_eq!(
        told(&back),
        [
            "outcome/NEW retire",
            "outcome/OLD update",
            "campaign/q update",
            "campaign/q transition",
            "assignment/q/NEW unassign",
            "assignment/q/OLD assign"
        ]
    );
    assert_eq!(back.changes[1].fields.len(), 2);
    let cannot: Vec<_> = cannot.iter().map(|(address, why)| format!("{address}: {why}")).collect();
    assert_eq!(
        cannot,
        [
            "outcome/NEW: it cannot be deleted: it is retired, and its code stays taken",
            "campaign/q: it was a draft and cannot become one again: it is paused, and calls that it made stay made",
        ]
    );
    assert_eq!(back.warnings.len(), 2, "who reads the plan is told");
    assert_eq!(irreversible(&plan).len(), 2, "and who approves the first one, too");
}

#[test]
fn what_was_not_done_is_not_undone_and_order_holds_across_the_gap() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A"}, {"code": "B", "parent": "A"}, {"code": "C", "parent": "B"}]}),
        &json!({}),
    );
    let some: Vec<_> = done(&plan).into_iter().filter(|done| !done.step.starts_with("outcome/B")).collect();
    let back = inverse(&plan, &some).plan;
    assert_eq!(ids(&back), ["outcome/C:undo-create", "outcome/A:undo-create"]);
    assert_eq!(back.steps[1].needs, ["outcome/C:undo-create"]);
    let back = inverse(&plan, &done(&plan)).plan;
    assert_eq!(ids(&back), ["outcome/C:undo-create", "outcome/B:undo-create", "outcome/A:undo-create"]);
    assert!(inverse(&plan, &[]).plan.steps.is_empty());
}

#[test]
fn what_dials_is_stopped_and_what_was_stopped_dials_again() {
    for (was, asked, back) in [
        ("active", "paused", Some("active")),
        ("paused", "active", Some("paused")),
        ("active", "completed", None),
        ("draft", "completed", None),
    ] {
        let plan = super::fixture::planned_with(
            &json!({"campaigns": [{"name": "q", "type": "predictive", "status": asked}]}),
            &json!({"campaigns": [{"id": "c", "name": "q", "version": 7, "type": "predictive", "status": was}]}),
            &crate::Options { allow_resume: true, ..super::fixture::options() },
        );
        let undone = inverse(&plan, &done(&plan));
        let to = undone.plan.changes.first().map(|change| change.fields[0].after.clone());
        assert_eq!(to, back.map(Into::into), "{was} -> {asked}");
        assert_eq!(undone.cannot.is_empty(), (was, asked) == ("active", "paused"));
    }
}
