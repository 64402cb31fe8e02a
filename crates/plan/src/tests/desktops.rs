//! Desktops: joined from entries, in order, with one default, never empty on the way.

use cxform_model::{Precondition, Write};
use serde_json::{Value, json};

use super::fixture::{desired, ids, needs, observed, options, planned, planned_with, refused, told};
use super::tenant::Tenant;
use crate::{Options, Plan};

fn tenant(desktop: &Value) -> Value {
    json!({
        "outcomes": [{"id": "a", "code": "A"}, {"id": "b", "code": "B"}, {"id": "c", "code": "C"}, {"id": "x", "code": "X"}],
        "campaigns": [{"id": "c1", "name": "q1"}, {"id": "c2", "name": "q2"}],
        "groups": [{"id": "g1", "name": "East", "campaigns": ["c1", "c2"]}, {"id": "g2", "name": "Twin", "campaigns": []},
                   {"id": "g3", "name": "Twin", "campaigns": []}, {"id": "g4", "name": "Odd", "campaigns": ["c9"]}],
        "desktops": {"c1": desktop},
    })
}

fn wanting(entries: &Value) -> Value {
    json!({"outcomes": [{"code": "A"}, {"code": "B"}, {"code": "C"}], "desktops": entries})
}

fn on_q1(mut entry: Value) -> Value {
    entry["campaigns"] = json!(["q1"]);
    wanting(&json!([entry]))
}

/// Applies in two orders, plans again, and returns the desktop of `q1` as code, number, default.
fn settled(desired_json: &Value, standing: &Value, plan: &Plan) -> Vec<(String, u64, bool)> {
    let mut desktop = Vec::new();
    for last in [false, true] {
        let mut tenant = Tenant::new(&observed(standing));
        tenant.apply(plan, |ready| if last { ready - 1 } else { 0 }).unwrap();
        let again =
            crate::plan(&desired(desired_json), &tenant.observed, &Options { allow_empty: true, ..options() }).unwrap();
        assert_eq!(ids(&again), [""; 0]);
        let seats = &tenant.observed.desktops[&cxform_model::RemoteId("c1".to_owned())];
        desktop = seats.iter().map(|one| (one.outcome.0.clone(), one.sequence.unwrap(), one.default)).collect();
        desktop.sort_by_key(|seat| seat.1);
    }
    desktop
}

fn seats(desktop: &[(String, u64, bool)]) -> Vec<(&str, u64, bool)> {
    desktop.iter().map(|(outcome, sequence, default)| (outcome.as_str(), *sequence, *default)).collect()
}

#[test]
fn new_outcomes_go_after_the_highest_number_and_foreign_ones_keep_theirs() {
    let standing = tenant(&json!([["x", 7, false], ["a", 2, false]]));
    let wanted = on_q1(json!({"outcomes": ["A", "B"]}));
    let plan = planned(&wanted, &standing);
    assert_eq!(ids(&plan), ["assignment/q1/B:assign"]);
    assert_eq!(plan.steps[0].precondition, Precondition::Absent);
    assert_eq!(seats(&settled(&wanted, &standing, &plan)), [("a", 2, false), ("x", 7, false), ("b", 8, false)]);
    assert_eq!(plan.unchanged, 4, "three outcomes and one assignment");
}

#[test]
fn listed_outcomes_are_reordered_with_the_fewest_writes() {
    let standing = tenant(&json!([["a", 3, false], ["b", 1, false], ["c", 2, false], ["x", 4, false]]));
    let wanted = on_q1(json!({"outcomes": ["A", "B", "C"]}));
    let plan = planned(&wanted, &standing);
    assert_eq!(ids(&plan).len(), 2, "{:?}", ids(&plan));
    assert!(matches!(plan.steps[0].write, Write::Reassign { sequence: Some(_), default: None, .. }));
    let desktop = settled(&wanted, &standing, &plan);
    let order: Vec<_> = desktop.iter().map(|seat| seat.0.as_str()).filter(|outcome| *outcome != "x").collect();
    assert_eq!(order, ["a", "b", "c"]);
}

#[test]
fn an_exclusive_desktop_is_numbered_from_one_and_holds_nothing_else() {
    let standing = tenant(&json!([["x", 1, true], ["b", 2, false]]));
    let wanted = on_q1(json!({"outcomes": ["A", "B"], "exclusive": true}));
    let plan = planned(&wanted, &standing);
    assert_eq!(told(&plan), ["assignment/q1/A assign", "assignment/q1/X unassign"]);
    assert_eq!(needs(&plan, "assignment/q1/X:unassign"), ["assignment/q1/A:assign"]);
    assert!(plan.steps.iter().all(|step| !step.bare), "it shows something before and after");
    assert_eq!(seats(&settled(&wanted, &standing, &plan)), [("a", 1, false), ("b", 2, false)]);
}

#[test]
fn an_exclusive_desktop_without_outcomes_needs_the_flag() {
    let standing = tenant(&json!([["x", 1, true]]));
    let wanted = on_q1(json!({"outcomes": [], "exclusive": true}));
    let problems = refused(&wanted, &standing);
    assert_eq!((problems[0].code, problems[0].flag), ("CX088", Some("--allow-empty")));
    let plan = planned_with(&wanted, &standing, &Options { allow_empty: true, ..options() });
    assert!(plan.steps[0].bare, "apply may take the last one off");
    let read = crate::Plan::try_from(crate::v1::PlanV1::from(&plan)).unwrap();
    assert_eq!(read.steps, plan.steps);
    let kept = crate::Plan { steps: vec![crate::Step { bare: false, ..plan.steps[0].clone() }], ..plan.clone() };
    assert_ne!(crate::digest::digest(&kept), plan.digest);
    assert!(settled(&wanted, &standing, &plan).is_empty());
}

#[test]
fn the_old_default_is_cleared_before_the_new_one_is_set_even_a_foreign_one() {
    let standing = tenant(&json!([["x", 1, true], ["a", 2, false]]));
    for (default, setter) in [("A", "assignment/q1/A:reassign"), ("B", "assignment/q1/B:assign")] {
        let wanted = on_q1(json!({"outcomes": ["A", "B"], "default": default}));
        let plan = planned(&wanted, &standing);
        assert!(needs(&plan, setter).contains(&"assignment/q1/X:reassign"));
        let cleared = plan.changes.iter().find(|change| change.address.key() == "X").unwrap();
        assert_eq!(cleared.reason, format!("makes way for the default `outcome/{default}`"));
        let desktop = settled(&wanted, &standing, &plan);
        let defaults: Vec<_> = desktop.iter().filter(|seat| seat.2).map(|seat| seat.0.to_uppercase()).collect();
        assert_eq!(defaults, [default]);
    }
}

#[test]
fn a_default_that_is_taken_off_is_cleared_first_and_taken_off_last() {
    let standing = tenant(&json!([["x", 1, true]]));
    let wanted = on_q1(json!({"outcomes": ["A"], "default": "A", "unassigned": ["X"]}));
    let mut wanted = wanted;
    wanted["outcomes"].as_array_mut().unwrap().push(json!({"code": "X"}));
    let plan = planned(&wanted, &standing);
    assert_eq!(needs(&plan, "assignment/q1/A:assign"), ["assignment/q1/X:reassign"]);
    assert_eq!(needs(&plan, "assignment/q1/X:unassign"), ["assignment/q1/A:assign", "assignment/q1/X:reassign"]);
    assert_eq!(told(&plan), ["assignment/q1/A assign", "assignment/q1/X unassign"]);
    assert_eq!(seats(&settled(&wanted, &standing, &plan)), [("a", 2, true)]);
}

#[test]
fn a_null_default_clears_and_an_absent_one_leaves_alone() {
    let standing = tenant(&json!([["x", 1, true], ["a", 2, false]]));
    let wanted = on_q1(json!({"outcomes": ["A"], "default": null}));
    let plan = planned(&wanted, &standing);
    assert_eq!(ids(&plan), ["assignment/q1/X:reassign"]);
    assert!(settled(&wanted, &standing, &plan).iter().all(|seat| !seat.2));
    assert!(planned(&on_q1(json!({"outcomes": ["A"]})), &standing).steps.is_empty());
}

#[test]
fn a_default_that_is_not_on_the_desktop_is_refused() {
    let standing = tenant(&json!([["x", 1, true]]));
    let problems = refused(&on_q1(json!({"outcomes": ["A"], "default": "C"})), &standing);
    assert_eq!(problems[0].code, "CX085");
    let assigned = tenant(&json!([["c", 1, false]]));
    assert_eq!(told(&planned(&on_q1(json!({"outcomes": [], "default": "C"})), &assigned)), ["assignment/q1/C update"]);
}

#[test]
fn a_group_means_its_members_and_each_campaign_is_reached_once() {
    for group in ["g1", "East"] {
        let plan = planned(
            &wanting(&json!([{"campaigns": ["q1"], "groups": [group], "outcomes": ["A"]}])),
            &tenant(&json!([])),
        );
        assert_eq!(ids(&plan), ["assignment/q1/A:assign", "assignment/q2/A:assign"]);
    }
}

#[test]
fn groups_that_cannot_be_resolved_are_refused_all_at_once() {
    let problems =
        refused(&wanting(&json!([{"groups": ["West", "Twin", "Odd"], "outcomes": ["A"]}])), &tenant(&json!([])));
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["CX086"; 3]);
    let all = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("\n");
    assert!(all.contains("`West`") && all.contains("`g2`, `g3`") && all.contains("campaign id `c9`"), "{all}");
}

#[test]
fn demands_that_contradict_each_other_through_a_group_are_refused_with_both_places() {
    let two_defaults = json!([{"groups": ["East"], "outcomes": ["A"], "default": "A"}, {"campaigns": ["q1"], "outcomes": ["B"], "default": "B"}]);
    let shared =
        json!([{"groups": ["East"], "outcomes": ["A"], "exclusive": true}, {"campaigns": ["q1"], "outcomes": ["B"]}]);
    let both =
        json!([{"groups": ["East"], "outcomes": ["A"]}, {"campaigns": ["q1"], "outcomes": ["B"], "unassigned": ["A"]}]);
    for entries in [two_defaults, shared, both] {
        let problems = refused(&wanting(&entries), &tenant(&json!([])));
        assert_eq!((problems.len(), problems[0].code, problems[0].sources.len()), (1, "CX085", 2), "{problems:?}");
        assert_eq!(problems[0].address.as_ref().unwrap().to_string(), "campaign/q1");
    }
}

#[test]
fn a_campaign_that_is_nowhere_is_refused_with_a_hint() {
    let problems = refused(&wanting(&json!([{"campaigns": ["q3"], "outcomes": ["A"]}])), &tenant(&json!([])));
    assert_eq!((problems[0].code, problems[0].hint.as_deref()), ("CX087", Some("did you mean `campaign/q1`?")));
}

#[test]
fn assignments_follow_a_renamed_campaign() {
    let mut wanted = wanting(&json!([{"campaigns": ["new"], "outcomes": ["A"]}]));
    wanted["campaigns"] = json!([{"name": "new", "previous": ["q1"]}]);
    let plan = planned(&wanted, &tenant(&json!([["a", 1, false]])));
    assert_eq!(told(&plan), ["campaign/new update"]);
}

#[test]
fn only_the_desktops_that_entries_reach_are_read_unless_an_outcome_is_retired() {
    let standing = observed(&tenant(&json!([])));
    let to_read = |wanted: &Value| {
        let ids = crate::desktops_to_read(&desired(wanted), &standing).unwrap();
        ids.into_iter().map(|id| id.0).collect::<Vec<_>>()
    };
    let entry = json!({"outcomes": ["A"]});
    assert_eq!(to_read(&on_q1(entry.clone())), ["c1"]);
    let mut retiring = on_q1(entry);
    retiring["outcomes"][1]["status"] = "INACTIVE".into();
    assert_eq!(to_read(&retiring), ["c1", "c2"]);
    assert_eq!(to_read(&wanting(&json!([]))), [""; 0]);
    assert_eq!(to_read(&wanting(&json!([{"groups": ["East"], "outcomes": ["A"]}]))), ["c1", "c2"]);
}

#[test]
fn a_desktop_that_was_not_read_is_never_taken_for_empty() {
    let mut standing = observed(&tenant(&json!([])));
    standing.desktops.clear();
    let refusal = crate::plan(&desired(&on_q1(json!({"outcomes": ["A"]}))), &standing, &options()).unwrap_err();
    assert_eq!(refusal.problems[0].code, "CX089");
}

#[test]
fn a_listing_that_was_not_read_is_never_taken_for_empty() {
    let refusal =
        crate::plan(&desired(&json!({"outcomes": [{"code": "A"}]})), &cxform_model::Observed::default(), &options());
    assert_eq!(refusal.unwrap_err().problems[0].message, "the outcomes of the tenant were not read");
}

#[test]
fn nothing_more_than_needed_is_listed() {
    use cxform_model::Kind;
    let kinds = |wanted: &Value| crate::scope(&desired(wanted)).listings.into_iter().collect::<Vec<_>>();
    assert_eq!(kinds(&json!({"outcomes": [{"code": "A"}]})), [Kind::Outcome]);
    assert_eq!(kinds(&json!({"outcomes": [{"code": "A", "status": "INACTIVE"}]})), [Kind::Outcome, Kind::Campaign]);
    assert_eq!(kinds(&json!({"callCodes": [{"path": "A"}]})), [Kind::CallCode]);
    assert_eq!(kinds(&json!({"campaigns": [{"name": "q"}]})), [Kind::Campaign]);
    assert_eq!(kinds(&json!({"authorities": [{"category": "C"}]})), [Kind::CallCode]);
    let scope = crate::scope(&desired(&wanting(&json!([{"groups": ["g", "g"], "outcomes": []}]))));
    assert_eq!(scope.groups.into_iter().collect::<Vec<_>>(), ["g"]);
}

#[test]
fn two_campaigns_of_one_name_are_refused_where_groups_reach_them() {
    let mut standing = tenant(&json!([]));
    standing["campaigns"] = json!([{"id": "c1", "name": "q1"}, {"id": "c2", "name": "q1 "}]);
    for groups in [json!(["East"]), json!(["W1", "W2"])] {
        let mut standing = standing.clone();
        let two = [
            json!({"id": "w1", "name": "W1", "campaigns": ["c1"]}),
            json!({"id": "w2", "name": "W2", "campaigns": ["c2"]}),
        ];
        standing["groups"].as_array_mut().unwrap().extend(two);
        let problems = refused(&wanting(&json!([{"groups": groups, "outcomes": ["A"]}])), &standing);
        assert_eq!((problems.len(), problems[0].code, problems[0].sources.len()), (1, "CX080", 2), "{problems:?}");
        assert!(problems[0].message.contains("`c1`") && problems[0].message.contains("`c2`"));
        assert_eq!(problems[0].address.as_ref().unwrap().to_string(), "campaign/q1");
    }
}

#[test]
fn each_unassign_waits_for_what_is_put_on_and_for_no_other_unassign() {
    let standing = tenant(&json!([["a", 1, false], ["b", 2, false], ["x", 3, false]]));
    let mut wanted = on_q1(json!({"outcomes": ["A"], "unassigned": ["B", "X"]}));
    wanted["outcomes"].as_array_mut().unwrap().push(json!({"code": "X"}));
    let plan = planned(&wanted, &standing);
    for id in ["assignment/q1/B:unassign", "assignment/q1/X:unassign"] {
        assert_eq!(needs(&plan, id), [""; 0]);
    }
    wanted["desktops"][0]["outcomes"] = json!(["A", "C"]);
    let plan = planned(&wanted, &standing);
    for id in ["assignment/q1/B:unassign", "assignment/q1/X:unassign"] {
        assert_eq!(needs(&plan, id), ["assignment/q1/C:assign"]);
    }
}

#[test]
fn a_default_is_cleared_once_the_new_one_has_all_that_it_needs() {
    let standing = tenant(&json!([["x", 1, true]]));
    let mut wanted = on_q1(json!({"outcomes": ["NEW"], "default": "NEW"}));
    wanted["outcomes"] = json!([{"code": "NEW", "uiConfig.icon": "i"}]);
    let plan = planned(&wanted, &standing);
    assert_eq!(needs(&plan, "assignment/q1/X:reassign"), ["outcome/NEW:desktop"]);
    assert_eq!(needs(&plan, "assignment/q1/NEW:assign"), ["assignment/q1/X:reassign", "outcome/NEW:desktop"]);
}

#[test]
fn clearing_a_default_and_setting_another_are_selected_together() {
    let standing = tenant(&json!([["x", 1, true], ["a", 2, false]]));
    let wanted = on_q1(json!({"outcomes": ["A"], "default": "A"}));
    let select = |target: &[&str], exclude: &[&str]| {
        let read = |selectors: &[&str]| selectors.iter().map(|selector| selector.parse().unwrap()).collect();
        let options = Options { target: read(target), exclude: read(exclude), ..options() };
        told(&planned_with(&wanted, &standing, &options)).len()
    };
    assert_eq!(select(&["assignment/q1/X"], &[]), 2);
    assert_eq!(select(&["assignment/q1/A"], &[]), 2);
    assert_eq!(select(&[], &["assignment/q1/X"]), 0);
    assert_eq!(select(&[], &["assignment/q1/A"]), 0);
}

#[test]
fn a_desktop_that_would_end_empty_needs_the_flag() {
    let standing = tenant(&json!([["x", 1, true], ["b", 2, false]]));
    let mut unassigned = on_q1(json!({"outcomes": [], "unassigned": ["B", "X"]}));
    unassigned["outcomes"].as_array_mut().unwrap().push(json!({"code": "X"}));
    let mut retired = on_q1(json!({"outcomes": []}));
    retired["outcomes"] = json!([{"code": "B", "status": "INACTIVE"}, {"code": "X", "status": "INACTIVE"}]);
    for wanted in [unassigned, retired] {
        let problems = refused(&wanted, &standing);
        assert_eq!((problems.len(), problems[0].code, problems[0].flag), (1, "CX088", Some("--allow-empty")));
        assert!(problems[0].message.contains("`campaign/q1`"), "{}", problems[0].message);
        let plan = planned_with(&wanted, &standing, &Options { allow_empty: true, ..options() });
        assert!(settled(&wanted, &standing, &plan).is_empty());
    }
    let empty = tenant(&json!([]));
    assert!(planned(&on_q1(json!({"outcomes": [], "unassigned": ["B"]})), &empty).steps.is_empty());
}
