//! What it takes to start a campaign, judged as everything will stand.

use serde_json::{Value, json};

use super::fixture::{ids, options, planned_with, refused_with};
use crate::Options;

/// Rules count here.
fn strict() -> Options {
    Options { waivers: Vec::new(), ..options() }
}

fn ready() -> Value {
    json!({"name": "q", "type": "preview", "status": "active", "complianceSettings.doNotCallListCheck": true,
           "complianceSettings.doNotCallCompliance": true, "complianceSettings.regulatoryCompliance": "TCPA",
           "complianceSettings.timeZone": "America/New_York", "contactSelection.targetListIds": ["l"],
           "complianceSettings.allowedCallTimes": [{"days": ["mon"], "start": "09:00", "end": "17:00"}]})
}

fn with(changes: Value) -> Value {
    let mut campaign = ready();
    for (path, value) in changes.as_object().unwrap() {
        campaign[path] = value.clone();
    }
    json!({"outcomes": [{"code": "A"}], "campaigns": [campaign],
           "desktops": [{"campaigns": ["q"], "outcomes": ["A"], "default": "A"}]})
}

fn codes(desired: &Value, observed: &Value) -> Vec<&'static str> {
    refused_with(desired, observed, &strict()).iter().map(|problem| problem.code).collect()
}

#[test]
fn a_campaign_that_is_ready_starts() {
    let plan = planned_with(&with(json!({})), &json!({}), &strict());
    assert_eq!(*ids(&plan).last().unwrap(), "campaign/q:transition");
}

#[test]
fn every_failed_check_blocks_the_start_at_its_line() {
    let mut desired =
        with(json!({"contactSelection.targetListIds": [], "complianceSettings.doNotCallListCheck": null}));
    desired["campaigns"][0]["complianceSettings.regulatoryCompliance"] = Value::Null;
    desired["desktops"] = json!([]);
    let problems = refused_with(&desired, &json!({}), &strict());
    let launch: Vec<_> = problems.iter().filter(|problem| problem.code >= "CX070").collect();
    let found: Vec<_> = launch.iter().map(|problem| problem.code).collect();
    for code in ["CX070", "CX071", "CX072"] {
        assert!(found.contains(&code), "{code}: {found:?}");
    }
    for problem in launch {
        assert_eq!(problem.path.as_deref(), Some("status"), "{problem}");
        assert!(problem.hint.is_some(), "{problem}");
    }
}

#[test]
fn what_is_no_start_is_not_checked() {
    let mut desired = with(json!({"status": "draft"}));
    desired["desktops"] = json!([]);
    planned_with(&desired, &json!({}), &strict());
    desired["campaigns"][0].as_object_mut().unwrap().remove("status");
    planned_with(&desired, &json!({}), &strict());
}

#[test]
fn the_desktop_counts_as_it_will_be() {
    let standing = |desktop: Value| {
        json!({"outcomes": [{"id": "a", "code": "A"}, {"id": "b", "code": "B"}], "desktops": {"c": desktop},
               "campaigns": [{"id": "c", "name": "q", "type": "preview", "status": "draft"}]})
    };
    let mut unassigned = with(json!({}));
    unassigned["desktops"] = json!([]);
    assert_eq!(codes(&unassigned, &standing(json!([]))), ["CX071"], "nothing shown");
    assert_eq!(codes(&unassigned, &standing(json!([["a", 1, false]]))), ["CX071"], "nothing selected");
    planned_with(&unassigned, &standing(json!([["a", 1, true]])), &strict());
    let mut cleared = with(json!({}));
    cleared["desktops"] = json!([{"campaigns": ["q"], "outcomes": ["A"], "default": null}]);
    assert_eq!(codes(&cleared, &standing(json!([["b", 1, true]]))), ["CX071"], "the plan clears the selection");
    cleared["desktops"] = json!([{"campaigns": ["q"], "outcomes": ["A"], "default": "A", "exclusive": true}]);
    planned_with(&cleared, &standing(json!([["b", 1, true]])), &strict());
}

#[test]
fn the_desktop_of_a_campaign_that_is_to_start_is_read() {
    let mut desired = with(json!({}));
    desired["desktops"] = json!([]);
    let observed = |status: &str| {
        let campaigns = json!([{"id": "c", "name": "q", "type": "preview", "status": status}]);
        super::fixture::observed(&json!({"campaigns": campaigns}))
    };
    let read = |status| crate::desktops_to_read(&super::fixture::desired(&desired), &observed(status)).unwrap().len();
    assert_eq!((read("draft"), read("paused"), read("active")), (1, 1, 0));
}

#[test]
fn a_start_in_the_past_is_told_by_the_day_of_the_plan() {
    let desired = with(json!({"startDateTime": "2026-06-01T12:00:00Z"}));
    let on = |day: &str| {
        let mut options = strict();
        options.context.as_of = day.parse().unwrap();
        crate::plan(&super::fixture::desired(&desired), &super::fixture::observed(&json!({})), &options)
    };
    assert!(on("2026-06-01").is_ok());
    assert_eq!(on("2026-06-02").unwrap_err().problems[0].code, "CX073");
}
