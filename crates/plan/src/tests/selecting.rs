//! `--target` and `--exclude`.

use serde_json::{Value, json};

use super::fixture::{ids, options, planned_with, told, warnings};
use crate::{Options, Plan};

fn wanted() -> Value {
    json!({"outcomes": [{"code": "P"}, {"code": "A", "parent": "P", "uiConfig.icon": "i"}, {"code": "Z"}],
           "campaigns": [{"name": "q", "type": "preview", "status": "active"}, {"name": "r", "type": "preview"}],
           "desktops": [{"campaigns": ["q"], "outcomes": ["A"]}]})
}

fn plan(target: &[&str], exclude: &[&str]) -> Plan {
    let read = |selectors: &[&str]| selectors.iter().map(|selector| selector.parse().unwrap()).collect();
    planned_with(&wanted(), &json!({}), &Options { target: read(target), exclude: read(exclude), ..options() })
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
fn a_selector_that_picks_nothing_is_warned_of() {
    let plan = plan(&["campaign/x*"], &[]);
    assert!(plan.steps.is_empty());
    assert_eq!(warnings(&plan)[0].message, "`campaign/x*` picks nothing");
}
