//! Retirement: tombstones and authorities, desktops and guards.

use cxform_model::Kind;
use serde_json::{Value, json};

use super::fixture::{desired, ids, needs, observed, options, planned, planned_with, refused, told, warnings};
use super::tenant::Tenant;
use crate::Options;

fn tree() -> Value {
    json!({
        "outcomes": [{"id": "r", "code": "R"}, {"id": "a", "code": "A", "parent": "r"}, {"id": "b", "code": "B", "parent": "a"},
                     {"id": "k", "code": "K", "parent": "r"}, {"id": "o", "code": "OTHER"}],
        "campaigns": [{"id": "c1", "name": "q1"}, {"id": "c2", "name": "q2"}],
    })
}

#[test]
fn a_tombstone_is_retired_with_its_other_fields_in_one_write() {
    let plan = planned(&json!({"outcomes": [{"code": "OTHER", "status": "INACTIVE", "description": "gone"}]}), &tree());
    assert_eq!((ids(&plan), told(&plan)), (vec!["outcome/OTHER:retire"], vec!["outcome/OTHER retire".to_owned()]));
    assert_eq!(json!(plan.steps[0].base), json!({"code": "OTHER", "name": "Name", "parent": null, "status": "ACTIVE"}));
    let plan = planned(
        &json!({"callCodes": [{"path": "X", "isActive": false}]}),
        &json!({"callCodes": [{"id": "1", "code": "X"}]}),
    );
    assert_eq!(told(&plan), ["callcode/X retire"]);
}

#[test]
fn a_listed_code_that_was_retired_is_revived() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A"}]}),
        &json!({"outcomes": [{"id": "a", "code": "A", "status": "INACTIVE"}]}),
    );
    assert_eq!((ids(&plan), told(&plan)), (vec!["outcome/A:update"], vec!["outcome/A update".to_owned()]));
}

#[test]
fn below_an_authority_what_is_not_listed_is_retired_children_first() {
    let wanted =
        json!({"outcomes": [{"code": "R"}, {"code": "K", "parent": "R"}], "authorities": [{"subtree": ["R"]}]});
    let plan = planned(&wanted, &tree());
    assert_eq!(ids(&plan), ["outcome/B:retire", "outcome/A:retire"]);
    assert_eq!(needs(&plan, "outcome/A:retire"), ["outcome/B:retire"]);
    let change = &plan.changes[0];
    assert_eq!(change.source, None);
    assert_eq!(change.reason, "hangs below a root of `owner` (all.yaml:8), which does not list it");
    let mut tenant = Tenant::new(&observed(&tree()));
    tenant.apply(&plan, |_| 0).unwrap();
    assert!(crate::plan(&desired(&wanted), &tenant.observed, &options()).unwrap().steps.is_empty());
}

#[test]
fn a_root_that_is_not_listed_itself_stays() {
    let wanted = json!({"outcomes": [{"code": "K", "parent": "R"}], "authorities": [{"subtree": ["R"]}]});
    assert_eq!(told(&planned(&wanted, &tree())), ["outcome/A retire", "outcome/B retire"]);
}

#[test]
fn what_hangs_below_an_outcome_that_moves_goes_along() {
    let wanted = json!({"outcomes": [{"code": "R"}, {"code": "K", "parent": "R"}, {"code": "A"}], "authorities": [{"subtree": ["R"]}]});
    assert_eq!(told(&planned(&wanted, &tree())), ["outcome/A update"], "B leaves the authority together with A");
}

#[test]
fn a_category_authority_retires_its_codes_wherever_they_hang() {
    let standing = json!({"callCodes": [{"id": "1", "code": "KEEP"}, {"id": "2", "code": "KID", "parent": "1"},
        {"id": "3", "code": "OFF", "isActive": false}, {"id": "4", "code": "THEIRS", "category": "D"}]});
    let plan = planned(&json!({"callCodes": [{"path": "KEEP"}], "authorities": [{"category": "C"}]}), &standing);
    assert_eq!(told(&plan), ["callcode/KEEP/KID retire"]);
    assert!(plan.changes[0].reason.contains("category `C` of `owner`"));
}

#[test]
fn an_empty_desired_set_under_an_authority_needs_the_flag() {
    for (wanted, standing) in [
        (json!({"authorities": [{"category": "C"}]}), json!({"callCodes": [{"id": "1", "code": "X"}]})),
        (json!({"outcomes": [{"code": "R"}], "authorities": [{"subtree": ["R"]}]}), tree()),
        (json!({"authorities": [{"subtree": []}]}), tree()),
    ] {
        let problems = refused(&wanted, &standing);
        assert_eq!((problems.len(), problems[0].code, problems[0].flag), (1, "CX088", Some("--allow-empty")));
        planned_with(&wanted, &standing, &Options { allow_empty: true, ..options() });
    }
    let lone_root = json!({"outcomes": [{"code": "OTHER"}], "authorities": [{"subtree": ["OTHER"]}]});
    assert!(planned(&lone_root, &tree()).steps.is_empty(), "nothing would be retired");
}

#[test]
fn a_retired_outcome_leaves_managed_desktops_first() {
    let mut standing = tree();
    standing["desktops"] = json!({"c1": [["o", 1, true], ["k", 2, false]]});
    let wanted = json!({"outcomes": [{"code": "OTHER", "status": "INACTIVE"}, {"code": "K", "parent": "R"}],
                        "desktops": [{"campaigns": ["q1"], "outcomes": ["K"]}]});
    let plan = planned(&wanted, &standing);
    assert_eq!(ids(&plan), ["assignment/q1/OTHER:unassign", "outcome/OTHER:retire"]);
    assert_eq!(needs(&plan, "outcome/OTHER:retire"), ["assignment/q1/OTHER:unassign"]);
}

#[test]
fn a_retirement_that_an_unmanaged_desktop_would_notice_is_refused() {
    let mut standing = tree();
    standing["desktops"] = json!({"c1": [["o", 1, true]], "c2": [["o", 1, false]]});
    let wanted = json!({"outcomes": [{"code": "OTHER", "status": "INACTIVE"}]});
    let problems = refused(&wanted, &standing);
    assert_eq!((problems[0].code, problems[0].flag), ("CX088", Some("--allow-assigned")));
    assert!(problems[0].message.ends_with("`campaign/q1`, `campaign/q2`"), "{}", problems[0].message);
    let plan = planned_with(&wanted, &standing, &Options { allow_assigned: true, ..options() });
    assert_eq!(told(&plan), ["outcome/OTHER retire"]);
    assert_eq!(warnings(&plan).len(), 1);
    standing["outcomes"][4]["status"] = "INACTIVE".into();
    assert!(planned(&wanted, &standing).steps.is_empty(), "it is retired already");
}

#[test]
fn a_protected_object_is_retired_only_with_the_flag() {
    let wanted = json!({"outcomes": [{"code": "OTHER", "status": "INACTIVE", "protected": true}]});
    let problems = refused(&wanted, &tree());
    assert_eq!((problems[0].code, problems[0].flag), ("CX088", Some("--allow-protected")));
    planned_with(&wanted, &tree(), &Options { allow_protected: true, ..options() });
}

#[test]
fn what_moves_away_from_a_retired_parent_moves_first() {
    let wanted = json!({"outcomes": [{"code": "R"}, {"code": "A", "parent": "R", "status": "INACTIVE"}, {"code": "B", "parent": "R"}]});
    let plan = planned(&wanted, &tree());
    assert_eq!(needs(&plan, "outcome/A:retire"), ["outcome/B:update"]);
    assert_eq!(observed(&tree()).of(Kind::Outcome).len(), 5);
}
