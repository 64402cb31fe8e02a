//! Guards against plans that change or retire much of a tenant.

use cxform_model::Guard;
use serde_json::{Value, json};

use super::fixture::{options, planned_with, refused_with};
use crate::Options;

/// Thirty and ten per cent of ten.
fn guarded() -> Options {
    Options { guard: Guard::default(), ..options() }
}

fn standing(count: usize) -> Value {
    let outcomes: Vec<_> = (0..count).map(|at| json!({"id": format!("o{at}"), "code": format!("K{at}")})).collect();
    json!({"outcomes": outcomes, "campaigns": [{"id": "c", "name": "q"}]})
}

/// Outcomes of which some are described anew and others retired.
fn wanted(count: usize, changed: usize, retired: usize) -> Value {
    let outcomes: Vec<_> = (0..count)
        .map(|at| {
            let mut one = json!({"code": format!("K{at}")});
            if at < changed {
                one["description"] = "new".into();
            } else if at < changed + retired {
                one["status"] = "INACTIVE".into();
            }
            one
        })
        .collect();
    json!({ "outcomes": outcomes })
}

#[track_caller]
fn assert_refused(wanted: &Value, standing: &Value, options: &Options, flag: &'static str, message: &str) {
    let problems = refused_with(wanted, standing, options);
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!((problem.code, problem.flag), ("CX088", Some(flag)));
    assert_eq!(problem.message, message);
}

#[test]
fn more_updates_than_the_limit_are_refused_and_as_many_are_not() {
    planned_with(&wanted(10, 3, 0), &standing(10), &guarded());
    assert_refused(
        &wanted(11, 4, 0),
        &standing(11),
        &guarded(),
        "--allow-changed PERCENT",
        "4 of 11 managed outcomes would change (37 %; `guard` allows 30 %): `outcome/K0`, `outcome/K1`, `outcome/K2`, `outcome/K3`",
    );
    let told = Options { guard: Guard { max_changed_percent: 37.0, ..Guard::default() }, ..options() };
    planned_with(&wanted(11, 4, 0), &standing(11), &told);
}

#[test]
fn more_retirements_than_the_limit_are_refused_and_as_many_are_not() {
    planned_with(&wanted(10, 0, 1), &standing(10), &guarded());
    assert_refused(
        &wanted(20, 0, 8),
        &standing(20),
        &guarded(),
        "--allow-retired PERCENT",
        "8 of 20 managed outcomes would be retired (40 %; `guard` allows 10 %): `outcome/K0`, `outcome/K1`, `outcome/K2`, `outcome/K3`, `outcome/K4`, and 3 more",
    );
}

#[test]
fn what_an_authority_retires_counts_among_what_it_owns() {
    let mut standing = standing(20);
    for outcome in standing["outcomes"].as_array_mut().unwrap().iter_mut().skip(1) {
        outcome["parent"] = "o0".into();
    }
    let listed: Vec<_> = (1..18).map(|at| json!({"code": format!("K{at}"), "parent": "K0"})).collect();
    let mut wanted = json!({"outcomes": [{"code": "K0"}], "authorities": [{"subtree": ["K0"]}]});
    wanted["outcomes"].as_array_mut().unwrap().extend(listed);
    planned_with(&wanted, &standing, &guarded());
    wanted["outcomes"].as_array_mut().unwrap().pop();
    assert_refused(
        &wanted,
        &standing,
        &guarded(),
        "--allow-retired PERCENT",
        "3 of 20 managed outcomes would be retired (15 %; `guard` allows 10 %): `outcome/K17`, `outcome/K18`, `outcome/K19`",
    );
}

#[test]
fn nothing_is_counted_where_little_is_managed() {
    planned_with(&wanted(9, 5, 4), &standing(9), &guarded());
    planned_with(&wanted(9, 5, 4), &standing(40), &guarded());
    let strict = Guard { minimum_population: 2, ..Guard::default() };
    refused_with(&wanted(9, 5, 0), &standing(9), &Options { guard: strict, ..options() });
}

#[test]
fn what_is_taken_off_desktops_counts_as_retired() {
    let mut standing = standing(12);
    let seats: Vec<_> = (0..12).map(|at| json!([format!("o{at}"), at + 1, false])).collect();
    standing["desktops"] = json!({ "c": seats });
    let mut exclusive = wanted(12, 0, 0);
    let listed = |count| (0..count).map(|at| format!("K{at}")).collect::<Vec<_>>();
    exclusive["desktops"] = json!([{"campaigns": ["q"], "exclusive": true, "outcomes": listed(11)}]);
    planned_with(&exclusive, &standing, &guarded());
    exclusive["desktops"][0]["outcomes"] = json!(listed(10));
    assert_refused(
        &exclusive,
        &standing,
        &guarded(),
        "--allow-retired PERCENT",
        "2 of 12 managed assignments would be taken off desktops (17 %; `guard` allows 10 %): `assignment/q/K10`, `assignment/q/K11`",
    );
    exclusive["desktops"][0]["outcomes"] = json!([]);
    let flags: Vec<_> = refused_with(&exclusive, &standing, &guarded()).iter().map(|problem| problem.flag).collect();
    assert_eq!(flags, [Some("--allow-retired PERCENT"), Some("--allow-empty")]);
}

#[test]
fn completing_counts_as_retiring_and_pausing_never_does() {
    let campaigns = |status: &str| -> Vec<Value> {
        (0..12).map(|at| json!({"id": format!("c{at}"), "name": format!("q{at}"), "status": status})).collect()
    };
    let standing = json!({ "campaigns": campaigns("active") });
    planned_with(&json!({ "campaigns": campaigns("paused") }), &standing, &guarded());
    let problems = refused_with(&json!({ "campaigns": campaigns("completed") }), &standing, &guarded());
    assert_eq!(problems[0].flag, Some("--allow-retired PERCENT"));
    let starting = json!({ "campaigns": campaigns("draft") });
    let problems = refused_with(&json!({ "campaigns": campaigns("active") }), &starting, &guarded());
    assert_eq!(problems[0].flag, Some("--allow-changed PERCENT"));
}

#[test]
fn a_part_of_a_plan_is_judged_by_itself_against_all_that_is_managed() {
    let part = Options { target: vec!["outcome/K0".parse().unwrap()], ..guarded() };
    planned_with(&wanted(12, 12, 0), &standing(12), &part);
    let most = Options { exclude: vec!["outcome/K0".parse().unwrap()], ..guarded() };
    let problems = refused_with(&wanted(12, 12, 0), &standing(12), &most);
    assert!(problems[0].message.starts_with("11 of 12 managed outcomes"), "{}", problems[0].message);
}

#[test]
fn to_complete_what_a_create_left_is_no_change() {
    let icons = |standing: &str| {
        let mut inventory = wanted(12, 0, 0);
        for outcome in inventory["outcomes"].as_array_mut().unwrap() {
            outcome["uiConfig.icon"] = standing.into();
        }
        inventory
    };
    planned_with(&icons("phone"), &standing(12), &guarded());
    let mut standing = standing(12);
    for outcome in standing["outcomes"].as_array_mut().unwrap() {
        outcome["uiConfig.icon"] = "mail".into();
    }
    refused_with(&icons("phone"), &standing, &guarded());
}

#[test]
fn an_outcome_that_is_put_first_moves_the_others_and_changes_nothing_else() {
    let mut standing = standing(13);
    let seats: Vec<_> = (0..12).map(|at| json!([format!("o{at}"), at + 1, at == 0])).collect();
    standing["desktops"] = json!({ "c": seats });
    let mut wanted = wanted(13, 0, 0);
    let order: Vec<_> = (0..13).map(|at| format!("K{}", (at + 12) % 13)).collect();
    wanted["desktops"] = json!([{"campaigns": ["q"], "exclusive": true, "outcomes": order, "default": "K12"}]);
    let plan = planned_with(&wanted, &standing, &guarded());
    assert_eq!(plan.changes.len(), 13);
}
