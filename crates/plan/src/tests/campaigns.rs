//! Campaigns: one patch with a version, and run states.

use cxform_model::{Address, Precondition, Version, Write};
use serde_json::{Value, json};

use super::fixture::{ids, needs, options, planned, planned_with, refused, refused_with, told};
use crate::{Action, Options, OwnPause};

fn wanting(status: &str) -> Value {
    json!({"campaigns": [{"name": "q", "type": "predictive", "dialerSettings.callRate": 0.6, "status": status}]})
}

fn standing(status: &str) -> Value {
    json!({"campaigns": [{"id": "c", "name": "q", "version": 7, "type": "PREDICTIVE", "dialerSettings.callRate": 0.5,
                          "dialerSettings.wrapUpTime": 30, "status": status}]})
}

#[test]
fn an_update_is_one_patch_of_changed_fields_with_the_version_that_was_read() {
    let plan = planned(&wanting("draft"), &standing("draft"));
    assert_eq!(ids(&plan), ["campaign/q:update"]);
    let step = &plan.steps[0];
    let Write::Update { fields, .. } = &step.write else { panic!() };
    assert_eq!(json!(fields.to_paths()), json!({"dialerSettings.callRate": 0.6}));
    assert_eq!((&step.precondition, step.base_version), (&Precondition::Version(Version(7)), Some(Version(7))));
    let whole = json!({"name": "q", "type": "PREDICTIVE", "status": "draft", "dialerSettings.callRate": 0.5, "dialerSettings.wrapUpTime": 30});
    assert_eq!(json!(step.base), whole, "a version says that somebody wrote; only all of the fields say what");
    assert_eq!((plan.estimate.requests, plan.estimate.seconds), (1, 0.6));
}

#[test]
fn a_new_campaign_is_created_without_a_status_and_started_apart() {
    let plan = planned(&wanting("active"), &json!({}));
    assert_eq!(ids(&plan), ["campaign/q:create", "campaign/q:transition"]);
    assert_eq!(told(&plan), ["campaign/q create", "campaign/q transition"]);
    let Write::Create { fields, .. } = &plan.steps[0].write else { panic!() };
    assert!(!fields.to_paths().contains_key("status"));
    assert_eq!(plan.steps[1].precondition, Precondition::Follows);
    assert_eq!(ids(&planned(&wanting("draft"), &json!({}))), ["campaign/q:create"]);
}

#[test]
fn stopping_goes_before_settings_and_starting_after() {
    for stop in ["paused", "completed"] {
        let plan = planned(&wanting(stop), &standing("active"));
        assert_eq!(ids(&plan), ["campaign/q:transition", "campaign/q:update"]);
        assert_eq!(plan.steps[0].precondition, Precondition::Version(Version(7)));
        assert_eq!(plan.steps[1].precondition, Precondition::Follows);
        assert_eq!(needs(&plan, "campaign/q:update"), ["campaign/q:transition"]);
    }
    let plan = planned_with(&wanting("active"), &standing("paused"), &Options { allow_resume: true, ..options() });
    assert_eq!(ids(&plan), ["campaign/q:update", "campaign/q:transition"]);
    assert_eq!(plan.steps[1].precondition, Precondition::Follows);
}

#[test]
fn an_illegal_transition_is_refused_and_the_legal_path_told() {
    let problems = refused(&wanting("paused"), &standing("draft"));
    assert_eq!((problems[0].code, problems[0].path.as_deref()), ("CX084", Some("status")));
    assert!(problems[0].message.ends_with("it would dial first"), "{}", problems[0].message);
    assert!(problems[0].hint.as_deref().unwrap().contains("`draft` -> `active` -> `paused`"));
    assert_eq!(refused(&wanting("paused"), &json!({}))[0].code, "CX084");
    let hint = refused(&wanting("active"), &standing("completed"))[0].hint.clone().unwrap();
    assert!(hint.starts_with("`completed` is final"), "{hint}");
    let hint = refused(&wanting("draft"), &standing("active"))[0].hint.clone().unwrap();
    assert_eq!(hint, "from `active` a campaign can become `paused` or `completed`");
}

#[test]
fn a_paused_campaign_dials_again_only_with_the_flag() {
    let problems = refused(&wanting("active"), &standing("paused"));
    assert_eq!((problems[0].code, problems[0].flag), ("CX088", Some("--allow-resume")));
}

#[test]
fn a_campaign_that_cxform_paused_and_nobody_wrote_to_since_dials_again_without_the_flag() {
    let paused = |version| Options {
        own_pauses: [(
            Address::campaign("q"),
            OwnPause { version: Version(version), run: "r1".to_owned(), for_update: false },
        )]
        .into(),
        ..options()
    };
    let plan = planned_with(&wanting("active"), &standing("paused"), &paused(7));
    assert_eq!(ids(&plan), ["campaign/q:update", "campaign/q:transition"]);
    let reason = &plan.changes.iter().find(|change| change.action == Action::Transition).unwrap().reason;
    assert!(reason.contains("run r1 that paused it"), "{reason}");
    // Whoever wrote to it since may have meant that it stays paused.
    for version in [6, 8] {
        let problems = refused_with(&wanting("active"), &standing("paused"), &paused(version));
        assert_eq!(problems[0].flag, Some("--allow-resume"));
    }
}

#[test]
fn a_run_state_that_is_not_asked_for_is_not_ours() {
    let desired = json!({"campaigns": [{"name": "q", "type": "predictive"}]});
    assert!(planned(&desired, &standing("paused")).steps.is_empty());
}

#[test]
fn a_protected_campaign_is_completed_only_with_the_flag() {
    let mut desired = wanting("completed");
    desired["campaigns"][0]["protected"] = true.into();
    let problems = refused(&desired, &standing("active"));
    assert_eq!((problems[0].code, problems[0].flag), ("CX088", Some("--allow-protected")));
    let allowed = planned_with(&desired, &standing("active"), &Options { allow_protected: true, ..options() });
    assert_eq!(allowed.steps.len(), 2);
    desired["campaigns"][0]["status"] = "paused".into();
    assert_eq!(planned(&desired, &standing("active")).steps.len(), 2, "pausing is no loss");
}

#[test]
fn selection_rules_of_a_campaign_that_lives_nowhere_are_refused_with_a_hint() {
    let desired =
        json!({"campaigns": [{"name": "q4-renewals", "declared": false, "contactSelection.targetListIds": ["l"]}]});
    let problems = refused(&desired, &json!({"campaigns": [{"id": "c", "name": "q3-renewals"}]}));
    assert_eq!(problems[0].code, "CX087");
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean `campaign/q3-renewals`?"));
    let plan = planned(&desired, &json!({"campaigns": [{"id": "c", "name": "q4-renewals"}]}));
    assert_eq!(told(&plan), ["campaign/q4-renewals update"]);
}

#[test]
fn tightening_goes_before_loosening() {
    let desired = json!({"campaigns": [{"name": "a", "dialerSettings.callRate": 0.9}, {"name": "b", "dialerSettings.wrapUpTime": 9},
                                       {"name": "c", "dialerSettings.callRate": 0.1}]});
    let standing: Vec<_> =
        ["a", "b", "c"].map(|name| json!({"id": name, "name": name, "dialerSettings.callRate": 0.5})).to_vec();
    let plan = planned(&desired, &json!({"campaigns": standing}));
    assert_eq!(ids(&plan), ["campaign/c:update", "campaign/b:update", "campaign/a:update"]);
}

#[test]
fn a_campaign_starts_after_its_desktop_is_complete() {
    let plan = planned(
        &json!({"campaigns": [{"name": "q", "type": "preview", "status": "active"}], "outcomes": [{"code": "A", "uiConfig.icon": "i"}],
                "desktops": [{"campaigns": ["q"], "outcomes": ["A"], "default": "A"}]}),
        &json!({}),
    );
    assert_eq!(*ids(&plan).last().unwrap(), "campaign/q:transition");
    assert_eq!(
        needs(&plan, "campaign/q:transition"),
        ["assignment/q/A:assign", "campaign/q:create", "outcome/A:desktop"]
    );
    assert_eq!(needs(&plan, "assignment/q/A:assign"), ["campaign/q:create", "outcome/A:desktop"]);
}
