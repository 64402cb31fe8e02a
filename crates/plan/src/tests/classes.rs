//! Tightening, neutral, loosening: what a plan tells of each field, and what it may be refused for.

use serde_json::{Value, json};

use super::fixture::{options, planned, planned_with};
use crate::render::{human, laxer};
use crate::{Options, OwnPause, Plan, v1};

/// `path class` of every field that has one, as the JSON of the plan tells it.
fn classes(plan: &Plan) -> Vec<String> {
    let json: Value = serde_json::from_str(&v1::write(plan)).unwrap();
    let changes = json["changes"].as_array().unwrap().iter();
    let fields = changes.flat_map(|change| change["fields"].as_array().unwrap());
    fields
        .filter_map(|field| {
            Some(format!("{} {}", field["path"].as_str().unwrap(), field.get("class")?.as_str().unwrap()))
        })
        .collect()
}

fn loosened(plan: &Plan) -> Vec<String> {
    plan.loosening().map(|one| format!("{} {}", one.address, one.path)).collect()
}

fn campaign(mut fields: Value, more: Value) -> Value {
    fields["name"] = "q".into();
    fields["type"] = "predictive".into();
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    json!({ "campaigns": [fields] })
}

fn update(wanted: Value, standing: Value) -> Plan {
    planned(&campaign(wanted, json!({})), &campaign(standing, json!({"id": "c", "version": 7})))
}

#[test]
fn every_field_that_bears_on_compliance_has_its_class() {
    let plan = update(
        json!({
            "dialerSettings.callRate": 0.6, "dialerSettings.concurrency": 10, "dialerSettings.wrapUpTime": 5,
            "complianceSettings.allowedCallTimes": [{"days": ["mon"], "start": "09:00", "end": "12:00"}, {"days": ["mon"], "start": "12:00", "end": "17:00"}],
            "contactSelection.filterRules": [],
        }),
        json!({
            "dialerSettings.callRate": 0.5, "dialerSettings.concurrency": 20, "dialerSettings.wrapUpTime": 30,
            "complianceSettings.allowedCallTimes": [{"days": ["mon"], "start": "09:00", "end": "17:00"}],
            "contactSelection.filterRules": [{"field": "status", "operator": "eq", "value": "new"}],
        }),
    );
    assert_eq!(
        classes(&plan),
        [
            "dialerSettings.callRate loosening",
            "dialerSettings.concurrency tightening",
            "complianceSettings.allowedCallTimes neutral",
            "contactSelection.filterRules loosening"
        ]
    );
    assert_eq!(loosened(&plan), ["campaign/q dialerSettings.callRate", "campaign/q contactSelection.filterRules"]);
    let shown: String = human(&plan, 120).iter().map(|line| line.text() + "\n").collect();
    assert!(shown.contains("0.5 -> 0.6 (loosening)"), "{shown}");
    assert!(shown.contains("Loosening: 2 fields become laxer, of campaign/q."), "{shown}");
}

#[test]
fn what_an_outcome_keeps_has_a_class_and_a_new_outcome_loosens_nothing() {
    let wanted = json!({"outcomes": [{"code": "A", "validationRules.retentionPeriodDays": 30, "validationRules.blockDisqualification": true}]});
    let plan = planned(&wanted, &json!({"outcomes": [{"id": "1", "code": "A"}]}));
    assert_eq!(
        classes(&plan),
        ["validationRules.retentionPeriodDays loosening", "validationRules.blockDisqualification neutral"],
        "365 days where nothing is said"
    );
    let plan = planned(&wanted, &json!({}));
    assert_eq!((classes(&plan), loosened(&plan), laxer(&plan)), (vec![], vec![], None));
}

#[test]
fn starting_a_campaign_is_loosening_and_stopping_it_tightening() {
    let state = |status: &str| json!({"status": status});
    let new = planned(&campaign(state("active"), json!({})), &json!({}));
    assert_eq!(
        (classes(&new), loosened(&new)),
        (vec!["status loosening".to_owned()], vec!["campaign/q status".to_owned()])
    );
    let stopped = update(state("paused"), state("active"));
    assert_eq!((classes(&stopped), loosened(&stopped)), (vec!["status tightening".to_owned()], vec![]));
}

#[test]
fn a_campaign_that_stands_still_for_a_stricter_update_is_not_loosened_by_dialling_again() {
    let wanted = campaign(json!({"contactSelection.exclusionListIds": ["x"]}), json!({"pause": true}));
    let standing = |status: &str| campaign(json!({"status": status}), json!({"id": "c", "version": 7}));
    let plan = planned(&wanted, &standing("active"));
    assert_eq!(plan.steps.len(), 3);
    assert_eq!(
        (classes(&plan), loosened(&plan)),
        (vec!["contactSelection.exclusionListIds tightening".to_owned()], vec![])
    );

    let pause = OwnPause { version: cxform_model::Version(7), run: "r".to_owned(), for_update: true };
    let own_pauses = [(cxform_model::Address::campaign("q"), pause)].into();
    let owed = planned_with(&wanted, &standing("paused"), &Options { own_pauses, ..options() });
    assert_eq!(loosened(&owed), ["campaign/q status"], "it does not dial now, and will");
}

#[test]
fn a_plan_without_classes_is_read_and_judged_all_the_same() {
    let plan = update(json!({"dialerSettings.callRate": 0.6}), json!({"dialerSettings.callRate": 0.5}));
    let mut json: Value = serde_json::from_str(&v1::write(&plan)).unwrap();
    json["changes"][0]["fields"][0].as_object_mut().unwrap().remove("class").unwrap();
    let old = v1::read(&json.to_string()).unwrap();
    assert_eq!(old, plan);
    json["changes"] = json!([]);
    json["summary"]["update"] = 0.into();
    let silent = v1::read(&json.to_string()).unwrap();
    assert_eq!(loosened(&silent), ["campaign/q dialerSettings.callRate"], "what is written decides, not what is told");
}
