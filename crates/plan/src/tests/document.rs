//! The plan as a document: format 1, its schema, its digest, its estimate.

use serde_json::{Value, json};

use super::fixture::{options, planned, planned_with};
use crate::{Options, Plan, v1};

/// A plan with every action and every form of a write.
pub(super) fn everything() -> Plan {
    planned_with(
        &json!({
            "outcomes": [{"code": "P"}, {"code": "A", "parent": "P", "uiConfig.icon": "i"}, {"code": "M", "parent": "OLD"},
                         {"code": "OLD", "description": "first\nsecond changed\nthird"}, {"code": "GONE", "status": "INACTIVE"}],
            "callCodes": [{"path": "X"}, {"path": "X/Y"}],
            "campaigns": [{"name": "q", "type": "preview", "status": "active", "contactSelection.targetListIds": ["l"],
                           "complianceSettings.allowedCallTimes": [{"days": ["mon"], "start": "09:00", "end": "17:00"}]},
                          {"name": "new", "type": "preview"}],
            "desktops": [{"campaigns": ["q"], "outcomes": ["A", "OLD"], "default": "A", "unassigned": ["GONE"]}],
        }),
        &json!({
            "outcomes": [{"id": "1", "code": "OLD", "description": "first\nsecond\nthird"}, {"id": "2", "code": "GONE"}, {"id": "3", "code": "M"}],
            "campaigns": [{"id": "c", "name": "q", "version": 3, "type": "preview"}],
            "desktops": {"c": [["1", 4, true], ["2", 5, false]]},
        }),
        &options(),
    )
}

fn schema() -> jsonschema::Validator {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/plan.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn json_of(plan: &Plan) -> Value {
    serde_json::from_str(&v1::write(plan)).unwrap()
}

#[test]
fn every_action_is_in_the_plan_that_has_everything() {
    let summary = json_of(&everything())["summary"].clone();
    assert_eq!(
        summary,
        json!({"create": 5, "update": 4, "retire": 1, "assign": 1, "unassign": 1, "transition": 1, "unchanged": 0})
    );
}

#[test]
fn produced_plans_follow_the_schema() {
    let schema = schema();
    for plan in [everything(), planned(&json!({}), &json!({}))] {
        let errors: Vec<_> =
            schema.iter_errors(&json_of(&plan)).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert_eq!(errors, [""; 0]);
    }
}

#[test]
fn the_schema_refuses_unknown_fields_everywhere() {
    let schema = schema();
    let document = json_of(&everything());
    for pointer in [
        "",
        "/summary",
        "/estimate",
        "/changes/0",
        "/changes/0/source",
        "/changes/0/fields/0",
        "/steps/0",
        "/steps/0/precondition",
        "/steps/0/write",
    ] {
        let mut changed = document.clone();
        changed.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert("surprise".into(), json!(1));
        assert!(!schema.is_valid(&changed), "{pointer}");
        assert!(v1::read(&changed.to_string()).is_err(), "{pointer}");
    }
}

#[test]
fn a_plan_that_was_changed_after_it_was_made_is_refused() {
    let document = json_of(&everything());
    let change = |pointer: &str, value: Value| {
        let mut changed = document.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        v1::read(&changed.to_string()).map(|_| ()).unwrap_err().to_string()
    };
    assert!(change("/tenant", json!("https://other.example")).contains("changed after it was made"));
    let step = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .position(|step| step["write"]["fields"]["name"].is_string())
        .unwrap();
    assert!(change(&format!("/steps/{step}/write/fields/name"), json!("Evil")).contains("changed after it was made"));
    assert!(change("/summary/create", json!(0)).contains("does not count its changes"));
    assert!(change("/formatVersion", json!(2)).contains("plan again"));
    assert!(change("/steps/0/needs", json!(["x"])).contains("does not come before it"));
}

#[test]
fn the_digest_covers_what_is_written_and_not_why() {
    let (wanted, standing) =
        (json!({"outcomes": [{"code": "A", "name": "n"}]}), json!({"outcomes": [{"id": "1", "code": "A"}]}));
    let plan = planned(&wanted, &standing);
    let known = planned_with(&wanted, &standing, &Options { known: Some([].into()), ..options() });
    assert_ne!(plan.changes, known.changes);
    assert_eq!(plan.digest, known.digest);
    for other in [
        planned_with(&wanted, &standing, &Options { environment: "prod".into(), ..options() }),
        planned(&json!({"outcomes": [{"code": "A", "name": "m"}]}), &standing),
        planned(&wanted, &json!({"outcomes": [{"id": "1", "code": "A", "description": "d"}]})),
    ] {
        assert_ne!(plan.digest, other.digest);
    }
}

#[test]
fn the_estimate_counts_writes_and_the_reads_that_guard_them() {
    let plan = everything();
    let count = |endpoint: &str| plan.estimate.by_endpoint.get(endpoint).copied().unwrap_or(0);
    assert_eq!(count("create-outcome"), 2);
    assert_eq!(count("update-outcome"), 3, "OLD, the move of M, the retirement");
    assert_eq!(count("read-outcome"), 3);
    assert_eq!((count("create-call-code"), count("create-campaign"), count("update-campaign")), (2, 1, 2));
    assert_eq!((count("list-assignments"), count("assign"), count("reassign"), count("unassign")), (1, 1, 1, 1));
    assert_eq!(plan.estimate.requests, plan.estimate.by_endpoint.values().sum::<u64>());
    assert_eq!(plan.estimate.seconds, 1.2, "two requests of one endpoint at 100 a minute");
}

#[test]
fn every_full_update_of_an_outcome_is_built_from_a_read() {
    let plan = planned(
        &json!({"outcomes": [{"code": "P"}, {"code": "NEW", "previous": ["OLD"], "parent": "P"}]}),
        &json!({"outcomes": [{"id": "1", "code": "OLD"}, {"id": "2", "code": "P"}]}),
    );
    assert_eq!((plan.estimate.by_endpoint["update-outcome"], plan.estimate.by_endpoint["read-outcome"]), (2, 2));
}

/// Linear, and far from what a person would notice: 10,000 objects, created and in sync.
#[test]
fn ten_thousand_objects_are_planned_in_no_time() {
    let parent = |at: u32| format!("K{}", at / 10);
    let mut outcomes = vec![json!({"code": "K0"})];
    outcomes.extend((1..5_000).map(|at| {
        json!({"code": format!("K{at}"), "parent": parent(at), "uiConfig.group": format!("G{at}"), "uiConfig.visible": true})
    }));
    let call_codes: Vec<_> = (0..5_000).map(|at| json!({"path": format!("C{at}")})).collect();
    let wanted = super::fixture::desired(&json!({"outcomes": outcomes, "callCodes": call_codes}));
    for outcome in &mut outcomes {
        outcome["id"] = outcome["code"].clone();
    }
    let call_codes: Vec<_> = (0..5_000).map(|at| json!({"code": format!("C{at}"), "id": format!("C{at}")})).collect();
    let standing = super::fixture::observed(&json!({"outcomes": outcomes, "callCodes": call_codes}));
    for (standing, steps) in [(super::fixture::observed(&json!({})), 14_999), (standing, 0)] {
        let start = std::time::Instant::now();
        let plan = crate::plan(&wanted, &standing, &options()).unwrap();
        let elapsed = start.elapsed();
        println!("{} steps in {elapsed:?}", plan.steps.len());
        assert_eq!(plan.steps.len(), steps);
        assert!(elapsed.as_secs() < 20, "quadratic somewhere: {elapsed:?}");
    }
}
