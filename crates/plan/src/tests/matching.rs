//! Which observed object is which managed one: keys, renames, twins.

use cxform_model::{Field, Kind, Write};
use serde_json::{Value, json};

use super::fixture::{ids, needs, observed, planned, refused, told};
use super::tenant::Tenant;

fn new_key(write: &Write) -> Option<&Value> {
    match write {
        Write::Update { fields, .. } => {
            [Kind::Outcome, Kind::CallCode].into_iter().find_map(|kind| fields.get(Field::find(kind, "code")?))
        }
        _ => None,
    }
}

#[test]
fn two_objects_under_one_managed_key_are_refused_with_both_ids() {
    let problems = refused(
        &json!({"outcomes": [{"code": "A"}]}),
        &json!({"outcomes": [{"id": "x1", "code": "A"}, {"id": "x2", "code": "A "}]}),
    );
    assert_eq!(problems[0].code, "CX080");
    assert!(problems[0].message.contains("`x1`") && problems[0].message.contains("`x2`"));
}

#[test]
fn an_object_under_its_previous_key_is_renamed_in_place() {
    let desired = json!({"outcomes": [{"code": "NEW", "previous": ["OLD"]}], "campaigns": [{"name": "new", "previous": ["old"]}]});
    let plan = planned(
        &desired,
        &json!({"outcomes": [{"id": "1", "code": "OLD"}], "campaigns": [{"id": "c", "name": "old"}]}),
    );
    assert_eq!(ids(&plan), ["outcome/NEW:update", "campaign/new:update"]);
    assert_eq!(new_key(&plan.steps[0].write), Some(&json!("NEW")));
    assert_eq!(plan.changes[0].reason, "was `outcome/OLD`");
    assert_eq!(json!(plan.steps[1].base), json!({"name": "old", "status": "draft"}));
    assert!(
        planned(
            &desired,
            &json!({"outcomes": [{"id": "1", "code": "NEW"}], "campaigns": [{"id": "c", "name": "new"}]})
        )
        .steps
        .is_empty()
    );
}

#[test]
fn old_and_new_key_both_on_the_tenant_are_refused() {
    let problems = refused(
        &json!({"outcomes": [{"code": "NEW", "previous": ["OLD"]}]}),
        &json!({"outcomes": [{"id": "x1", "code": "OLD"}, {"id": "x2", "code": "NEW"}]}),
    );
    assert_eq!((problems[0].code, problems[0].sources.len()), ("CX081", 2));
    assert!(problems[0].message.contains("`x1`") && problems[0].message.contains("`x2`"));
}

#[test]
fn neither_key_on_the_tenant_creates() {
    let plan = planned(&json!({"outcomes": [{"code": "NEW", "previous": ["OLD"]}]}), &json!({}));
    assert_eq!(told(&plan), ["outcome/NEW create"]);
}

#[test]
fn a_chain_of_renames_frees_each_code_before_it_is_taken() {
    let standing = json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "B"}]});
    let desired =
        json!({"outcomes": [{"code": "B", "previous": ["A"]}, {"code": "C", "previous": ["B"]}, {"code": "X"}]});
    let plan = planned(&desired, &standing);
    assert_eq!(needs(&plan, "outcome/B:update"), ["outcome/C:update"]);
    let mut tenant = Tenant::new(&observed(&standing));
    tenant.apply(&plan, |_| 0).unwrap();
    assert_eq!(tenant.observed.of(Kind::Outcome)[0].key, "B");
}

#[test]
fn a_new_object_may_take_the_code_that_a_rename_frees() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "previous": ["Z"]}, {"code": "B", "previous": ["A"]}]}),
        &json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "Z"}]}),
    );
    assert_eq!(needs(&plan, "outcome/A:update"), ["outcome/B:update"]);
}

#[test]
fn a_swap_of_codes_is_refused() {
    let problems = refused(
        &json!({"outcomes": [{"code": "A", "previous": ["B"]}, {"code": "B", "previous": ["A"]}]}),
        &json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "B"}]}),
    );
    assert_eq!((problems.len(), problems[0].code, problems[0].sources.len()), (1, "CX081", 2));
    assert!(problems[0].message.contains("take each other's keys"));
}

#[test]
fn a_rename_that_is_also_a_move_is_two_writes() {
    let plan = planned(
        &json!({"outcomes": [{"code": "P"}, {"code": "NEW", "previous": ["OLD"], "parent": "P"}]}),
        &json!({"outcomes": [{"id": "1", "code": "OLD"}, {"id": "2", "code": "P"}]}),
    );
    assert_eq!(ids(&plan), ["outcome/NEW:rename", "outcome/NEW:update"]);
    assert_eq!(plan.changes.len(), 1);
}

#[test]
fn children_follow_a_renamed_call_code() {
    let plan = planned(
        &json!({"callCodes": [{"path": "NEW", "previous": ["OLD"]}, {"path": "NEW/KID"}, {"path": "NEW/KID/LEAF", "name": "Changed"}]}),
        &json!({"callCodes": [{"id": "1", "code": "OLD"}, {"id": "2", "code": "KID", "parent": "1"}, {"id": "3", "code": "LEAF", "parent": "2"}]}),
    );
    assert_eq!(told(&plan), ["callcode/NEW update", "callcode/NEW/KID/LEAF update"]);
    assert_eq!(plan.unchanged, 1);
}

#[test]
fn a_call_code_moves_from_its_previous_path() {
    let plan = planned(
        &json!({"callCodes": [{"path": "A"}, {"path": "A/X", "previous": ["X"]}]}),
        &json!({"callCodes": [{"id": "1", "code": "X"}, {"id": "2", "code": "A"}]}),
    );
    assert_eq!(ids(&plan), ["callcode/A/X:update"]);
    assert_eq!(new_key(&plan.steps[0].write), None);
}

#[test]
fn call_codes_share_a_code_under_different_parents() {
    let plan = planned(
        &json!({"callCodes": [{"path": "A"}, {"path": "B"}, {"path": "A/X"}, {"path": "B/X", "name": "Mine"}]}),
        &json!({"callCodes": [{"id": "1", "code": "A"}, {"id": "2", "code": "B"}, {"id": "3", "code": "X", "parent": "1"}, {"id": "4", "code": "X", "parent": "2"}]}),
    );
    assert_eq!(told(&plan), ["callcode/B/X update"]);
}

#[test]
fn a_call_code_that_no_root_leads_to_is_ignored_unless_it_may_be_a_managed_one() {
    let standing = json!({"callCodes": [{"id": "1", "code": "LOST", "parent": "gone"}, {"id": "2", "code": "R1", "parent": "3"},
                                        {"id": "3", "code": "R2", "parent": "2"}]});
    assert_eq!(told(&planned(&json!({"callCodes": [{"path": "A"}]}), &standing)), ["callcode/A create"]);
    let problems = refused(&json!({"callCodes": [{"path": "LOST"}]}), &standing);
    assert!(problems[0].message.contains("id `1`"), "{}", problems[0].message);
    assert_eq!(refused(&json!({"callCodes": [{"path": "R2"}]}), &standing).len(), 1);
}

fn renamed_below(previous: &str) -> Value {
    json!({"callCodes": [{"path": "BB", "previous": ["AA"]}, {"path": "BB/XX", "previous": [previous]}]})
}

#[test]
fn a_call_code_is_renamed_below_a_renamed_parent_also_after_an_interrupted_run() {
    for previous in ["AA/YY", "BB/YY"] {
        let desired = renamed_below(previous);
        let standing = |above: &str, code: &str| json!({"callCodes": [{"id": "1", "code": above}, {"id": "2", "code": code, "parent": "1"}]});
        let plan = planned(&desired, &standing("AA", "YY"));
        assert_eq!(told(&plan), ["callcode/BB update", "callcode/BB/XX update"], "{previous}");
        assert_eq!(plan.steps.iter().filter_map(|step| new_key(&step.write)).count(), 2);
        assert_eq!(told(&planned(&desired, &standing("BB", "YY"))), ["callcode/BB/XX update"], "{previous}");
        assert_eq!(told(&planned(&desired, &standing("AA", "XX"))), ["callcode/BB update"], "{previous}");
        assert_eq!(told(&planned(&desired, &standing("BB", "XX"))), [""; 0], "{previous}");
    }
}

#[test]
fn a_twin_below_a_renamed_parent_is_refused() {
    for (previous, above) in [("AA/YY", "AA"), ("BB/YY", "AA"), ("AA/YY", "BB")] {
        let problems = refused(
            &renamed_below(previous),
            &json!({"callCodes": [{"id": "1", "code": above}, {"id": "2", "code": "YY", "parent": "1"}, {"id": "3", "code": "XX", "parent": "1"}]}),
        );
        assert_eq!((problems.len(), problems[0].code), (1, "CX081"), "{problems:?}");
        assert!(problems[0].message.contains("`2`") && problems[0].message.contains("`3`"), "{}", problems[0].message);
    }
}

#[test]
fn three_levels_are_renamed_at_once_and_after_any_interruption() {
    let desired = json!({"callCodes": [{"path": "B", "previous": ["A"]}, {"path": "B/D", "previous": ["A/C"]},
                                       {"path": "B/D/F", "previous": ["A/C/E"]}]});
    let standing = json!({"callCodes": [{"id": "1", "code": "A"}, {"id": "2", "code": "C", "parent": "1"}, {"id": "3", "code": "E", "parent": "2"}]});
    for count in 0..=3 {
        for last in [false, true] {
            let mut tenant = Tenant::new(&observed(&standing));
            let plan = planned(&desired, &standing);
            tenant.apply_first(&plan, count, |ready| if last { ready - 1 } else { 0 }).unwrap();
            let rest = crate::plan(&super::fixture::desired(&desired), &tenant.observed, &super::fixture::options());
            assert_eq!(rest.unwrap().steps.len(), 3 - count);
        }
    }
}

#[test]
fn codes_below_one_renamed_parent_pass_their_codes_on_or_are_refused_as_a_swap() {
    let standing = json!({"callCodes": [{"id": "1", "code": "A"}, {"id": "2", "code": "X", "parent": "1"}, {"id": "3", "code": "Y", "parent": "1"}]});
    let mut desired = json!({"callCodes": [{"path": "B", "previous": ["A"]}, {"path": "B/Y", "previous": ["A/X"]},
                                           {"path": "B/Z", "previous": ["A/Y"]}]});
    let plan = planned(&desired, &standing);
    assert_eq!(needs(&plan, "callcode/B/Y:update"), ["callcode/B/Z:update"]);
    desired["callCodes"][2]["path"] = "B/X".into();
    assert!(refused(&desired, &standing)[0].message.contains("take each other's keys"));
}
