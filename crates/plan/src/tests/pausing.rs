//! `applyPolicy: pause`, and what plans tell of campaigns that dial.

use cxform_model::{CampaignStatus, Precondition, Version, Write};
use serde_json::{Value, json};

use super::fixture::{ids, needs, options, planned, planned_with, told};
use crate::render::human;
use crate::{Action, Options, OwnPause};

fn wanting(changes: Value) -> Value {
    let mut campaign = json!({"name": "q", "pause": true, "targetListId": "new"});
    for (path, value) in changes.as_object().unwrap() {
        campaign[path] = value.clone();
    }
    json!({"campaigns": [campaign]})
}

fn standing(status: &str) -> Value {
    json!({"campaigns": [{"id": "c", "name": "q", "version": 7, "targetListId": "old", "status": status}]})
}

#[test]
fn a_campaign_that_dials_stands_still_for_its_update_and_dials_again() {
    let plan = planned(&wanting(json!({})), &standing("active"));
    assert_eq!(ids(&plan), ["campaign/q:pause", "campaign/q:update", "campaign/q:resume"]);
    assert_eq!(needs(&plan, "campaign/q:update"), ["campaign/q:pause"]);
    assert_eq!(needs(&plan, "campaign/q:resume"), ["campaign/q:update"]);
    let preconditions: Vec<_> = plan.steps.iter().map(|step| &step.precondition).collect();
    assert_eq!(
        preconditions,
        [&Precondition::Version(Version(7)), &Precondition::Follows, &Precondition::Follows],
        "each follows the version that the one before got"
    );
    let turns: Vec<_> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.write {
            Write::Transition { to, .. } => Some(*to),
            _ => None,
        })
        .collect();
    assert_eq!(turns, [CampaignStatus::Paused, CampaignStatus::Active]);
    assert_eq!(told(&plan), ["campaign/q update", "campaign/q transition"]);
    assert_eq!(plan.estimate.requests, 3);
}

#[test]
fn the_pause_is_shown_before_anybody_approves() {
    let plan = planned(&wanting(json!({})), &standing("active"));
    let text: String = human(&plan, 120).iter().map(|line| line.text() + "\n").collect();
    for line in [
        "~ campaign/q  transition: it stands still while `targetListId` changes, and dials again afterwards  (all.yaml:3)",
        "      status: \"active\" -> \"paused\"",
        "      status: \"paused\" -> \"active\"",
        "  campaign/q  active; utilisation and calls unknown; stands still for the change of targetListId",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
    }
}

#[test]
fn pacing_changes_while_it_dials() {
    let plan = planned(&wanting(json!({"targetListId": "old", "dialerSettings.callRate": 0.4})), &standing("active"));
    assert_eq!(ids(&plan), ["campaign/q:update"]);
    assert!(plan.live[0].needs_pause.is_empty());
}

#[test]
fn what_does_not_dial_is_never_set_dialling() {
    for status in ["draft", "paused", "completed"] {
        assert_eq!(ids(&planned(&wanting(json!({})), &standing(status))), ["campaign/q:update"], "{status}");
    }
    for status in ["paused", "completed"] {
        let plan = planned(&wanting(json!({"status": status})), &standing("active"));
        assert_eq!(ids(&plan), ["campaign/q:transition", "campaign/q:update"], "it is stopped anyway");
        assert!(plan.live[0].stands_still);
    }
    let plan = planned(&wanting(json!({"status": "active"})), &standing("active"));
    assert_eq!(ids(&plan).len(), 3);
    let resumed = Options { allow_resume: true, ..options() };
    let plan = planned_with(&wanting(json!({"status": "active"})), &standing("paused"), &resumed);
    assert_eq!(ids(&plan), ["campaign/q:update", "campaign/q:transition"]);
}

#[test]
fn one_campaign_dials_again_before_the_next_is_paused() {
    let campaign = |name: &str| json!({"name": name, "pause": true, "targetListId": "new"});
    let live = |name: &str| json!({"id": name, "name": name, "targetListId": "old", "status": "active"});
    let names = ["a", "a-b", "b"];
    let plan =
        planned(&json!({"campaigns": names.map(campaign).to_vec()}), &json!({"campaigns": names.map(live).to_vec()}));
    let order: Vec<_> = ids(&plan).chunks(3).map(|three| three.join(" ")).collect();
    for three in order {
        let of = three.split(':').next().unwrap();
        assert_eq!(three, format!("{of}:pause {of}:update {of}:resume"));
    }
}

#[test]
fn the_inverse_of_a_paused_update_is_a_paused_update() {
    let plan = planned(&wanting(json!({})), &standing("active"));
    let done: Vec<_> = plan
        .steps
        .iter()
        .zip(8..)
        .map(|(step, version)| crate::Done {
            step: step.id.clone(),
            version: Some(Version(version)),
            ..crate::Done::default()
        })
        .collect();
    let inverse = crate::inverse(&plan, &done).plan;
    assert_eq!(ids(&inverse), ["campaign/q:undo-resume", "campaign/q:undo-update", "campaign/q:undo-pause"]);
    assert_eq!(inverse.steps[0].precondition, Precondition::Version(Version(10)));
    let Write::Transition { to, .. } = &inverse.steps[2].write else { panic!() };
    assert_eq!(*to, CampaignStatus::Active);
    let turn = inverse.changes.iter().find(|change| change.action == Action::Transition).unwrap();
    let turns: Vec<_> = turn.fields.iter().map(|field| json!([field.before, field.after])).collect();
    assert_eq!(turns, [json!(["active", "paused"]), json!(["paused", "active"])]);
}

#[test]
fn an_update_that_failed_is_undone_by_dialling_again() {
    let plan = planned(&wanting(json!({})), &standing("active"));
    let paused = crate::Done { step: "campaign/q:pause".into(), version: Some(Version(8)), ..crate::Done::default() };
    let inverse = crate::inverse(&plan, &[paused]).plan;
    assert_eq!(ids(&inverse), ["campaign/q:undo-pause"]);
    let Write::Transition { to, .. } = &inverse.steps[0].write else { panic!() };
    assert_eq!(*to, CampaignStatus::Active);
}

#[test]
fn campaigns_that_dial_are_told_and_others_are_not() {
    let desired = json!({"outcomes": [{"code": "A"}], "campaigns": [{"name": "b", "type": "preview"}, {"name": "q", "targetListId": "new"}],
                         "desktops": [{"campaigns": ["b"], "outcomes": ["A"]}]});
    let observed = json!({"outcomes": [{"id": "a", "code": "A"}],
        "campaigns": [{"id": "b", "name": "b", "type": "preview", "status": "ACTIVE"}, {"id": "c", "name": "q", "targetListId": "old", "status": "active"},
                      {"id": "d", "name": "d", "status": "active"}]});
    let plan = planned(&desired, &observed);
    let live: Vec<_> = plan.live.iter().map(|live| (live.address.to_string(), live.needs_pause.clone())).collect();
    assert_eq!(
        live,
        [("campaign/b".to_owned(), vec![]), ("campaign/q".to_owned(), vec!["targetListId".to_owned()])],
        "a desktop counts, and what is not touched does not"
    );
    let text: String = human(&plan, 140).iter().map(|line| line.text() + "\n").collect();
    assert!(
        text.contains("; changed while it dials: targetListId (`applyPolicy: pause` stops it meanwhile)"),
        "{text}"
    );
    let read = crate::v1::read(&crate::v1::write(&plan)).unwrap();
    assert_eq!(read.live, plan.live);
    let digest = crate::Plan { live: Vec::new(), ..plan.clone() };
    assert_eq!(crate::v1::read(&crate::v1::write(&digest)).unwrap().digest, plan.digest, "figures are no part of it");
}

#[test]
fn what_a_run_paused_for_an_update_dials_again_unless_somebody_wrote_since() {
    let paused = |version| Options {
        own_pauses: [(
            cxform_model::Address::campaign("q"),
            OwnPause { version: Version(version), run: "r1".to_owned(), for_update: true },
        )]
        .into(),
        ..options()
    };
    let plan = planned_with(&wanting(json!({})), &standing("paused"), &paused(7));
    assert_eq!(ids(&plan), ["campaign/q:update", "campaign/q:resume"]);
    assert_eq!(plan.steps[0].precondition, Precondition::Version(Version(7)));
    let plan = planned_with(&wanting(json!({"targetListId": "old"})), &standing("paused"), &paused(7));
    assert_eq!(ids(&plan), ["campaign/q:resume"], "the update is there already");
    assert_eq!(plan.steps[0].precondition, Precondition::Version(Version(7)));
    assert!(plan.changes[0].reason.starts_with("run r1 paused it"), "{}", plan.changes[0].reason);
    let plan = planned_with(&wanting(json!({})), &standing("paused"), &paused(6));
    assert_eq!(ids(&plan), ["campaign/q:update"], "somebody wrote to it");
    let plan = planned_with(&wanting(json!({"status": "paused"})), &standing("paused"), &paused(7));
    assert_eq!(ids(&plan), ["campaign/q:update"], "the manifest wants it paused");
    let plan = planned_with(&wanting(json!({"status": "active"})), &standing("paused"), &paused(7));
    assert_eq!(ids(&plan), ["campaign/q:update", "campaign/q:resume"], "no flag is needed");
    assert_eq!(ids(&planned_with(&wanting(json!({})), &standing("active"), &paused(7))).len(), 3, "it dials already");
}
