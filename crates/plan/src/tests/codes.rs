//! Outcomes and call codes: created, changed, moved, and their shortcut keys.

use cxform_model::{Document, Kind, NewParent, Precondition, Target, Write};
use serde_json::{Value, json};

use super::fixture::{ids, needs, observed, options, planned, planned_with, refused, told, warnings};
use super::tenant::Tenant;
use crate::Options;

#[test]
fn an_object_that_differs_only_in_form_is_unchanged() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "status": "ACTIVE", "uiConfig.colorCode": "#abcdef", "validationRules.retentionPeriodDays": 365,
                              "validationRules.requiredFields": ["b", "a"], "description": null}]}),
        &json!({"outcomes": [{"id": "1", "code": " A ", "status": "active", "uiConfig.colorCode": "#ABCDEF",
                              "validationRules.requiredFields": ["a", "b"], "description": ""}]}),
    );
    assert_eq!((plan.steps.len(), plan.unchanged), (0, 1));
}

#[test]
fn a_new_outcome_is_created_then_gets_its_rules_then_its_desktop() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "description": "d", "validationRules.retentionPeriodDays": 730,
                              "uiConfig.group": "G", "uiConfig.visible": true}]}),
        &json!({}),
    );
    assert_eq!(ids(&plan), ["outcome/A:create", "outcome/A:rules", "outcome/A:desktop"]);
    assert_eq!(told(&plan), ["outcome/A create"]);
    let paths: Vec<_> = plan.changes[0].fields.iter().map(|field| field.path.as_str()).collect();
    assert_eq!(paths, ["name", "description", "status", "validationRules.retentionPeriodDays", "uiConfig.group"]);
    let Write::Create { kind: Kind::Outcome, parent: None, fields } = &plan.steps[0].write else { panic!() };
    assert_eq!(json!(fields.to_paths()), json!({"code": "A", "name": "Name", "description": "d", "status": "ACTIVE"}));
    let Write::Update { document: Document::Outcome, target: Target::Created(_), fields, .. } = &plan.steps[1].write
    else {
        panic!()
    };
    assert_eq!(json!(fields.to_paths()), json!({"validationRules.retentionPeriodDays": 730}));
    assert_eq!(plan.steps[0].precondition, Precondition::Absent);
    assert_eq!(plan.steps[1].precondition, Precondition::Follows);
    assert_eq!(needs(&plan, "outcome/A:desktop"), ["outcome/A:rules"]);
}

#[test]
fn parents_are_created_before_children_and_named_by_address() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "parent": "Z"}, {"code": "Z"}], "callCodes": [{"path": "B/A"}, {"path": "B"}]}),
        &json!({}),
    );
    assert_eq!(needs(&plan, "outcome/A:create"), ["outcome/Z:create"]);
    assert_eq!(needs(&plan, "callcode/B/A:create"), ["callcode/B:create"]);
    assert!(plan.steps.iter().any(|step| matches!(&step.write,
        Write::Create { parent: Some(Target::Created(parent)), .. } if parent.to_string() == "outcome/Z")));
}

#[test]
fn a_parent_that_is_not_listed_must_live_on_the_tenant() {
    let desired = json!({"outcomes": [{"code": "A", "parent": "ROOT"}]});
    let plan = planned(&desired, &json!({"outcomes": [{"id": "9", "code": "ROOT"}]}));
    let Write::Create { parent: Some(Target::Existing(id)), .. } = &plan.steps[0].write else { panic!() };
    assert_eq!(id.0, "9");
    let problems = refused(&desired, &json!({"outcomes": [{"id": "9", "code": "ROOTS"}]}));
    assert_eq!((problems[0].code, problems[0].path.as_deref()), ("CX082", Some("parent")));
    assert_eq!(problems[0].sources[0].0.line, 4, "the place of the parent, not of the object");
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean `outcome/ROOTS`?"));
}

#[test]
fn an_update_holds_the_changed_fields_of_one_document_each() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "name": "New", "description": null, "uiConfig.icon": "x"}]}),
        &json!({"outcomes": [{"id": "1", "code": "A", "name": "Old", "description": "d", "uiConfig.group": "theirs"}]}),
    );
    assert_eq!(ids(&plan), ["outcome/A:update", "outcome/A:desktop"]);
    let Write::Update { fields, parent: None, .. } = &plan.steps[0].write else { panic!() };
    assert_eq!(json!(fields.to_paths()), json!({"name": "New", "description": null}));
    assert_eq!(
        json!(plan.steps[0].base),
        json!({"code": "A", "name": "Old", "description": "d", "parent": null, "status": "ACTIVE", "uiConfig.group": "theirs"})
    );
    assert!(matches!(plan.steps[0].precondition, Precondition::Content(_)));
    assert_eq!(plan.steps[1].precondition, Precondition::Follows);
    assert_eq!(needs(&plan, "outcome/A:desktop"), ["outcome/A:update"]);
    let places: Vec<_> = plan.steps[0].places.keys().map(String::as_str).collect();
    assert_eq!(places, ["", "description", "name"]);
    assert_eq!(plan.changes[0].fields.len(), 3);
}

#[test]
fn an_ignored_field_is_left_alone() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "description": "mine", "ignored": ["description"]}]}),
        &json!({"outcomes": [{"id": "1", "code": "A", "description": "theirs"}]}),
    );
    assert!(plan.steps.is_empty());
}

#[test]
fn a_move_names_the_new_place_and_remembers_the_old() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A"}, {"code": "B", "parent": "A"}]}),
        &json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "B", "parent": "gone"}]}),
    );
    let Write::Update { parent: Some(NewParent::Below(Target::Existing(id))), fields, .. } = &plan.steps[0].write
    else {
        panic!()
    };
    assert!(id.0 == "1" && fields.is_empty());
    assert_eq!(json!(plan.steps[0].base), json!({"code": "B", "name": "Name", "parent": "gone", "status": "ACTIVE"}));
    let field = &plan.changes[0].fields[0];
    assert_eq!((field.path.as_str(), &field.before, &field.after), ("parent", &json!("gone"), &json!("A")));
}

/// A chain is turned upside down: in the wrong order every move would close a circle.
#[test]
fn moves_never_make_a_circle_on_the_way() {
    let standing = observed(&json!({"outcomes": [
        {"id": "1", "code": "A"}, {"id": "2", "code": "B", "parent": "1"}, {"id": "3", "code": "C", "parent": "2"}]}));
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "parent": "B"}, {"code": "B", "parent": "C"}, {"code": "C", "parent": "N"}, {"code": "N"}]}),
        &json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "B", "parent": "1"}, {"id": "3", "code": "C", "parent": "2"}]}),
    );
    assert_eq!(ids(&plan), ["outcome/N:create", "outcome/C:update", "outcome/B:update", "outcome/A:update"]);
    Tenant::new(&standing).apply(&plan, |_| 0).unwrap();
    assert_eq!(needs(&plan, "outcome/A:update"), ["outcome/B:update"]);
}

#[test]
fn a_true_circle_is_refused_with_every_place() {
    let problems = refused(
        &json!({"outcomes": [{"code": "A", "parent": "U"}]}),
        &json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "U", "parent": "1"}]}),
    );
    assert_eq!(problems[0].code, "CX082");
    assert!(problems[0].message.contains("`outcome/A`, `outcome/U`"), "{}", problems[0].message);
}

#[test]
fn a_create_without_a_required_field_is_refused_where_the_object_is_written() {
    let problems = refused(&json!({"callCodes": [{"path": "A", "bare": true, "name": "n"}]}), &json!({}));
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_deref().unwrap()).collect();
    assert_eq!(paths, ["category", "type"]);
    assert!(problems[0].hint.as_deref().unwrap().contains("name the key under which"));
}

#[test]
fn a_tombstone_that_is_nowhere_is_created_only_with_a_name() {
    let desired =
        json!({"outcomes": [{"code": "A", "bare": true, "status": "INACTIVE"}, {"code": "B", "status": "INACTIVE"}]});
    let plan = planned(&desired, &json!({}));
    assert_eq!((ids(&plan), plan.unchanged), (vec!["outcome/B:create"], 1));
}

#[test]
fn what_frees_a_shortcut_key_comes_before_what_takes_it() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "uiConfig.shortcutKey": "2"}, {"code": "B", "uiConfig.shortcutKey": null},
                             {"code": "NEW", "uiConfig.shortcutKey": "1"}]}),
        &json!({"outcomes": [{"id": "1", "code": "A", "uiConfig.shortcutKey": "1"}, {"id": "2", "code": "B", "uiConfig.shortcutKey": "2"}]}),
    );
    assert_eq!(needs(&plan, "outcome/A:desktop"), ["outcome/B:desktop"]);
    assert_eq!(needs(&plan, "outcome/NEW:desktop"), ["outcome/A:desktop", "outcome/NEW:create"]);
}

#[test]
fn a_circle_of_shortcut_keys_gets_one_clearing_step() {
    let standing = json!({"outcomes": [{"id": "1", "code": "A", "uiConfig.shortcutKey": "1"},
        {"id": "2", "code": "B", "uiConfig.shortcutKey": "2"}, {"id": "3", "code": "C", "uiConfig.shortcutKey": "3", "name": "Old"}]});
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "uiConfig.shortcutKey": "2"}, {"code": "B", "uiConfig.shortcutKey": "3"},
                             {"code": "C", "uiConfig.shortcutKey": "1"}]}),
        &standing,
    );
    let clears: Vec<_> = ids(&plan).into_iter().filter(|id| id.ends_with(":desktop-clear")).collect();
    assert_eq!(clears, ["outcome/A:desktop-clear"]);
    assert!(needs(&plan, "outcome/A:desktop").contains(&"outcome/A:desktop-clear"));
    Tenant::new(&observed(&standing)).apply(&plan, |ready| ready - 1).unwrap();
}

#[test]
fn a_circle_of_groups_brings_the_key_back() {
    let standing = json!({"outcomes": [{"id": "1", "code": "A", "uiConfig.shortcutKey": "1", "uiConfig.group": "G"},
                                       {"id": "2", "code": "B", "uiConfig.shortcutKey": "1", "uiConfig.group": "H"}]});
    let desired = json!({"outcomes": [{"code": "A", "uiConfig.group": "H"}, {"code": "B", "uiConfig.group": "G"}]});
    let plan = planned(&desired, &standing);
    let mut tenant = Tenant::new(&observed(&standing));
    tenant.apply(&plan, |_| 0).unwrap();
    for outcome in tenant.observed.of(Kind::Outcome) {
        assert_eq!(outcome.value("uiConfig.shortcutKey"), Some(&json!("1")));
    }
}

#[test]
fn a_key_that_an_unlisted_outcome_holds_is_warned_of() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "uiConfig.shortcutKey": "1"}]}),
        &json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "B", "uiConfig.shortcutKey": "1"}]}),
    );
    assert!(warnings(&plan)[0].message.contains("held by `outcome/B`"), "{:?}", plan.warnings);
}

#[test]
fn an_envelope_leaves_room_and_names_its_bounds() {
    let desired = |between: Value| json!({"campaigns": [{"name": "q", "type": "preview", "dialerSettings.concurrency": between}]});
    let envelope = json!({"between": [50, 300], "initial": 80});
    let standing = |value: u32| json!({"campaigns": [{"id": "c", "name": "q", "type": "preview", "dialerSettings.concurrency": value}]});
    assert!(planned(&desired(envelope.clone()), &standing(300)).steps.is_empty());
    let plan = planned(&desired(envelope.clone()), &standing(301));
    assert_eq!(plan.changes[0].fields[0].after, json!(300));
    assert!(plan.changes[0].reason.contains("lies outside 50..300"), "{}", plan.changes[0].reason);
    let plan = planned(&desired(envelope), &json!({}));
    assert_eq!(plan.changes[0].fields[1].after, json!(80));
}

#[test]
fn a_first_plan_says_that_it_adopts_what_it_did_not_create() {
    let desired = json!({"outcomes": [{"code": "A", "name": "n"}, {"code": "B", "name": "n"}]});
    let standing = json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "B"}, {"id": "3", "code": "C"}]});
    let reasons = |known: Option<&[&str]>| {
        let known = known.map(|known| known.iter().map(|address| address.parse().unwrap()).collect());
        let plan = planned_with(&desired, &standing, &Options { known, ..options() });
        let warned: Vec<_> =
            warnings(&plan).iter().map(|warning| warning.address.clone().unwrap().to_string()).collect();
        (plan.changes.iter().map(|change| change.reason.clone()).collect::<Vec<_>>(), warned)
    };
    assert_eq!(reasons(None).0, ["differs from the manifest", "differs from the manifest"]);
    let (reasons, warned) = reasons(Some(&["outcome/B", "outcome/C", "outcome/GONE"]));
    assert_eq!(reasons, ["adopts existing", "differs from the manifest"]);
    assert_eq!(warned, ["outcome/C"]);
}

#[test]
fn a_circle_among_foreign_outcomes_alone_is_a_warning() {
    let standing = json!({"outcomes": [{"id": "1", "code": "U", "parent": "2"}, {"id": "2", "code": "V", "parent": "1"}, {"id": "3", "code": "A", "parent": "1"}]});
    let plan = planned(&json!({"outcomes": [{"code": "N", "parent": "U"}]}), &standing);
    assert_eq!(told(&plan), ["outcome/N create"]);
    assert!(warnings(&plan)[0].message.contains("`outcome/U`, `outcome/V`"), "{:?}", plan.warnings);
}

#[test]
fn a_move_that_pushes_unlisted_call_codes_too_deep_is_refused() {
    let standing = json!({"callCodes": [{"id": "1", "code": "A"}, {"id": "2", "code": "X"}, {"id": "3", "code": "KID", "parent": "2"},
                                        {"id": "4", "code": "LEAF", "parent": "3"}]});
    let mut desired = json!({"callCodes": [{"path": "A"}, {"path": "A/X", "previous": ["X"]}]});
    let problems = refused(&desired, &standing);
    assert_eq!((problems.len(), problems[0].code), (1, "CX082"), "{problems:?}");
    assert!(problems[0].message.contains("`callcode/X/KID/LEAF`"), "{}", problems[0].message);
    desired["callCodes"].as_array_mut().unwrap().push(json!({"path": "LEAF", "previous": ["X/KID/LEAF"]}));
    let plan = planned(&desired, &standing);
    assert_eq!(told(&plan), ["callcode/A/X update", "callcode/LEAF update"]);
    assert_eq!(needs(&plan, "callcode/A/X:update"), ["callcode/LEAF:update"], "or it would be too deep meanwhile");
}
