//! Which side moved, and what counts as a difference at all.

use std::collections::BTreeMap;

use cxform_model::Severity;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixture;
use crate::{Agreed, Drift, Side, drift};

fn as_it_is(_: &str, value: &Value) -> Value {
    value.clone()
}

/// The differences, knowing what both agreed on: the bases of what is in sync between these two.
fn drifts(desired: &Value, observed: &Value, agreed: Option<(&Value, &Value)>) -> Vec<Drift> {
    let (desired, observed) = (fixture::desired(desired), fixture::observed(observed));
    let objects = agreed.map(|(git, tenant)| {
        let then = drift(&fixture::desired(git), &fixture::observed(tenant), None).unwrap();
        then.in_sync.into_iter().map(|one| (one.address, one.fields)).collect::<BTreeMap<_, _>>()
    });
    let agreed = objects.map(|objects| Agreed { objects, kept: &as_it_is });
    drift(&desired, &observed, agreed.as_ref()).unwrap().drifts
}

fn told(drifts: &[Drift]) -> Vec<String> {
    let word = |side: Option<Side>| side.map_or("?", Side::word);
    let line = |one: &Drift| format!("{} {} {}", one.address, one.path.as_deref().unwrap_or("-"), word(one.side));
    drifts.iter().map(line).collect()
}

fn git(name: &str, rate: f64) -> Value {
    json!({ "outcomes": [{ "code": "A", "name": name }],
            "campaigns": [{ "name": "q3", "type": "preview", "dialerSettings.callRate": rate }],
            "desktops": [{ "campaigns": ["q3"], "outcomes": ["A"], "default": "A" }] })
}

fn tenant(name: &str, rate: f64) -> Value {
    json!({ "outcomes": [{ "id": "1", "code": "A", "name": name, "status": "ACTIVE" }],
            "campaigns": [{ "id": "c", "name": "q3", "type": "preview", "dialerSettings.callRate": rate }],
            "desktops": { "c": [["1", 1, true]] } })
}

#[test]
fn each_difference_says_which_side_moved() {
    let (then_git, then_tenant) = (git("one", 0.5), tenant("one", 0.5));
    let all = |git: &Value, tenant: &Value| told(&drifts(git, tenant, Some((&then_git, &then_tenant))));
    assert_eq!(all(&then_git, &then_tenant), [""; 0]);
    assert_eq!(all(&git("two", 0.5), &then_tenant), ["outcome/A name git"]);
    assert_eq!(
        all(&then_git, &tenant("two", 0.6)),
        ["outcome/A name tenant", "campaign/q3 dialerSettings.callRate tenant"]
    );
    assert_eq!(all(&git("two", 0.5), &tenant("three", 0.5)), ["outcome/A name both"]);
    assert_eq!(all(&git("two", 0.5), &tenant("two", 0.5)), [""; 0], "both moved to the same");
    let nobody_knows = drifts(&git("two", 0.5), &then_tenant, None);
    assert_eq!((told(&nobody_knows), &nobody_knows[0].base), (vec!["outcome/A name ?".to_owned()], &None));
}

#[test]
fn what_only_one_side_has_was_made_or_lost_by_one_of_them() {
    let (then_git, then_tenant) = (git("one", 0.5), tenant("one", 0.5));
    let agreed = Some((&then_git, &then_tenant));
    let mut without = then_tenant.clone();
    without["desktops"] = json!({});
    let gone = drifts(&then_git, &without, agreed);
    assert_eq!(told(&gone), ["assignment/q3/A - tenant"]);
    assert_eq!((&gone[0].tenant, &gone[0].git["defaultSelection"]), (&Value::Null, &json!(true)));

    let mut more = then_git.clone();
    more["outcomes"].as_array_mut().unwrap().push(json!({ "code": "B" }));
    assert_eq!(told(&drifts(&more, &then_tenant, agreed)), ["outcome/B - git"]);

    let owned = json!({ "outcomes": [{ "code": "A" }], "authorities": [{ "subtree": ["A"] }] });
    let alone = json!({ "outcomes": [{ "id": "1", "code": "A" }] });
    let extra = json!({ "outcomes": [{ "id": "1", "code": "A" }, { "id": "2", "code": "X", "parent": "1" }] });
    let found = drifts(&owned, &extra, Some((&owned, &alone)));
    assert_eq!(told(&found), ["outcome/X - tenant"]);
    assert_eq!(found[0].git, Value::Null);
}

#[test]
fn an_object_that_was_retired_by_hand_or_moved_is_told_by_field() {
    let wanted = json!({ "outcomes": [{ "code": "A" }, { "code": "B", "parent": "A" }] });
    let then = json!({ "outcomes": [{ "id": "1", "code": "A" }, { "id": "2", "code": "B", "parent": "1" }] });
    let now = json!({ "outcomes": [{ "id": "1", "code": "A" }, { "id": "2", "code": "B", "status": "INACTIVE" }] });
    let found = drifts(&wanted, &now, Some((&wanted, &then)));
    assert_eq!(told(&found), ["outcome/B parent tenant", "outcome/B status tenant"]);
    assert_eq!((&found[0].git, &found[0].tenant, &found[0].base), (&json!("A"), &Value::Null, &Some(json!("A"))));
}

#[test]
fn a_run_state_that_no_transition_leads_back_from_is_told_all_the_same() {
    let state = |word: &str| json!({ "campaigns": [{ "id": "c", "name": "q3", "type": "preview", "status": word }] });
    let (wanted, then) = (state("active"), state("active"));
    let found = drifts(&wanted, &state("completed"), Some((&wanted, &then)));
    assert_eq!(told(&found), ["campaign/q3 status tenant"]);
    assert_eq!(found[0].severity, Severity::Critical);
}

#[test]
fn within_an_envelope_nothing_has_moved_and_outside_it_the_tenant_has() {
    let wanted = json!({ "campaigns": [{ "name": "q3", "type": "preview",
                                         "dialerSettings.concurrency": { "between": [50, 300] } }] });
    let state = |value: u32| json!({ "campaigns": [{ "id": "c", "name": "q3", "type": "preview", "dialerSettings.concurrency": value }] });
    let then = state(100);
    assert_eq!(told(&drifts(&wanted, &state(200), Some((&wanted, &then)))), [""; 0]);
    let found = drifts(&wanted, &state(400), Some((&wanted, &then)));
    assert_eq!(told(&found), ["campaign/q3 dialerSettings.concurrency tenant"]);
}

#[test]
fn a_hash_in_place_of_a_value_tells_who_moved_as_well() {
    let hashed = |_: &str, value: &Value| match value {
        Value::Array(rules) => rules.iter().map(|rule| json!({ "field": format!("hash of {rule}") })).collect(),
        other => other.clone(),
    };
    let state = |value: &str| {
        json!({ "campaigns": [{ "id": "c", "name": "q3", "type": "preview", "contactSelection.filterRules":
            [{ "field": "phone", "operator": "eq", "value": value }] }] })
    };
    let (git, tenant) = (|value: &str| fixture::desired(&state(value)), |value: &str| fixture::observed(&state(value)));
    let base = drift(&git("x"), &tenant("x"), None).unwrap().in_sync.remove(0);
    let fields = base.fields.iter().map(|(path, value)| (path.clone(), hashed(path, value))).collect();
    let agreed = Agreed { objects: BTreeMap::from([(base.address, fields)]), kept: &hashed };
    let side = |git, tenant| drift(&git, &tenant, Some(&agreed)).unwrap().drifts[0].side;
    assert_eq!(side(git("x"), tenant("y")), Some(Side::Tenant));
    assert_eq!(side(git("y"), tenant("x")), Some(Side::Git));
    assert_eq!(side(git("y"), tenant("z")), Some(Side::Both));
}

proptest! {
    /// The side that is told is the side that moved; nothing is told where both say the same.
    #[test]
    fn the_side_that_moved_is_told(then in 0..4u8, now_git in 0..4u8, now_tenant in 0..4u8, rate in 2..9u8) {
        let (name, rate) = (|number: u8| format!("name {number}"), f64::from(rate) / 10.0);
        let (then_git, then_tenant) = (git(&name(then), rate), tenant(&name(then), rate));
        let (git, tenant) = (git(&name(now_git), rate), tenant(&name(now_tenant), rate));
        let found = drifts(&git, &tenant, Some((&then_git, &then_tenant)));
        let side = match (now_git == then, now_tenant == then) {
            _ if now_git == now_tenant => None,
            (true, _) => Some(Side::Tenant),
            (_, true) => Some(Side::Git),
            _ => Some(Side::Both),
        };
        let sides: Vec<_> = found.iter().map(|one| one.side).collect();
        prop_assert_eq!(sides, side.map(Some).into_iter().collect::<Vec<_>>());
        // The same difference is the same, whatever was agreed on.
        let fingerprints = |drifts: &[Drift]| drifts.iter().map(|one| one.fingerprint.clone()).collect::<Vec<_>>();
        prop_assert_eq!(fingerprints(&found), fingerprints(&drifts(&git, &tenant, None)));
    }
}
