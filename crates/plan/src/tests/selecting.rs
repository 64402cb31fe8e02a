//! `--target` and `--exclude`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fixture::{ids, options, planned_with, refused_with, told, warnings};
use crate::{Options, Plan};

fn wanted() -> Value {
    json!({"outcomes": [{"code": "P"}, {"code": "A", "parent": "P", "uiConfig.icon": "i"}, {"code": "Z"}],
           "campaigns": [{"name": "q", "type": "preview", "status": "active"}, {"name": "r", "type": "preview"}],
           "desktops": [{"campaigns": ["q"], "outcomes": ["A"]}]})
}

fn plan(target: &[&str], exclude: &[&str]) -> Plan {
    planned_with(&wanted(), &json!({}), &selecting(target, exclude))
}

fn selecting(target: &[&str], exclude: &[&str]) -> Options {
    let read = |selectors: &[&str]| selectors.iter().map(|selector| selector.parse().unwrap()).collect();
    Options { target: read(target), exclude: read(exclude), ..options() }
}

#[test]
fn a_target_takes_along_what_it_needs_and_says_so() {
    let plan = plan(&["assignment/q/*"], &[]);
    assert_eq!(told(&plan), ["outcome/A create", "outcome/P create", "campaign/q create", "assignment/q/A assign"]);
    assert!(ids(&plan).contains(&"outcome/A:desktop"), "a change is taken as a whole");
    let along: Vec<_> = warnings(&plan).iter().map(|warning| warning.address.clone().unwrap().to_string()).collect();
    assert_eq!(along, ["outcome/A", "outcome/P", "campaign/q"]);
    assert_eq!(plan.estimate.by_endpoint["create-outcome"], 2);
}

#[test]
fn what_is_excluded_takes_with_it_what_needs_it() {
    let plan = plan(&[], &["outcome/P"]);
    assert_eq!(told(&plan), ["outcome/Z create", "campaign/q create", "campaign/r create"]);
    let left_out: Vec<_> = warnings(&plan).iter().map(|warning| warning.address.clone().unwrap().to_string()).collect();
    assert_eq!(left_out, ["outcome/A", "campaign/q", "assignment/q/A"]);
}

#[test]
fn both_together_leave_a_plan_that_stands_by_itself() {
    let plan = plan(&["outcome/*"], &["outcome/A"]);
    assert_eq!(told(&plan), ["outcome/P create", "outcome/Z create"]);
    crate::v1::read(&crate::v1::write(&plan)).unwrap();
}

#[test]
fn a_target_that_picks_nothing_is_refused_and_an_exclude_is_warned_of() {
    let problems = refused_with(&wanted(), &json!({}), &selecting(&["assignment/q/B", "campaign/x*"], &[]));
    let told: Vec<_> = problems.iter().map(|problem| (problem.code, problem.message.as_str())).collect();
    let expected = ["`--target assignment/q/B` picks nothing", "`--target campaign/x*` picks nothing"];
    assert_eq!(told, expected.map(|message| ("CX090", message)));
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean `assignment/q/A`?"));
    let plan = plan(&[], &["campaign/x*"]);
    assert_eq!(warnings(&plan)[0].message, "`campaign/x*` picks nothing");
}

/// Refused as a whole: a protected object, an empty desktop, a call rate out of range and an illegal transition.
#[test]
fn what_only_the_part_left_out_would_do_refuses_nothing() {
    let wanted = json!({
        "outcomes": [{"code": "A", "name": "New"}, {"code": "P", "status": "INACTIVE", "protected": true}, {"code": "X"}],
        "campaigns": [{"name": "q", "dialerSettings.callRate": 7}, {"name": "r", "status": "draft"}],
        "desktops": [{"campaigns": ["s"], "outcomes": [], "unassigned": ["X"]}]});
    let standing = json!({
        "outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "P"}, {"id": "3", "code": "X"}],
        "campaigns": [{"id": "c1", "name": "q"}, {"id": "c2", "name": "r", "status": "completed"}, {"id": "c3", "name": "s"}],
        "desktops": {"c3": [["3", 1, false]]}});
    let strict = |target: &[&str], exclude: &[&str]| Options { waivers: Vec::new(), ..selecting(target, exclude) };
    let addresses = |target: &[&str], exclude: &[&str]| {
        let problems = refused_with(&wanted, &standing, &strict(target, exclude));
        problems.iter().map(|problem| problem.address.as_ref().unwrap().to_string()).collect::<BTreeSet<_>>()
    };
    let all = ["assignment/s/X", "campaign/q", "campaign/r", "outcome/P"];
    assert!(all.iter().all(|address| addresses(&[], &[]).contains(*address)), "{:?}", addresses(&[], &[]));
    for one in all {
        assert_eq!(addresses(&[one], &[]).into_iter().collect::<Vec<_>>(), [one]);
    }
    let plan = planned_with(&wanted, &standing, &strict(&["outcome/A"], &[]));
    assert_eq!(told(&plan), ["outcome/A update"]);
    let plan = planned_with(&wanted, &standing, &strict(&[], &["campaign/*", "outcome/P", "assignment/s/*"]));
    assert_eq!(told(&plan), ["outcome/A update"]);
}
