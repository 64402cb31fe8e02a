//! What documents ask for.

use cxform_model::{Address, AuthorityScope, Envelope, Kind, Setting};
use serde_json::json;

use super::*;

#[test]
fn the_manual_is_read_as_it_says() {
    let project = project(&[("cxform.yaml", MANUAL_PROJECT), ("manifests/q3.yaml", MANUAL)]);
    let environment = project.environment(Some("prod")).unwrap();
    let loaded = project.load(environment, &Context::default(), None);
    let desired = loaded.desired.unwrap_or_else(|| panic!("{}", human(&loaded.diagnostics)));
    let addresses: Vec<_> = desired.objects.keys().map(ToString::to_string).collect();
    assert_eq!(
        addresses,
        [
            "outcome/SI",
            "outcome/SI-DEMO",
            "outcome/SI-OLD",
            "outcome/SI-QUOTE",
            "callcode/DNC",
            "callcode/DNC/DNC_STATE",
            "callcode/SALE",
            "campaign/q3-renewals"
        ]
    );
    assert_eq!(value(&desired, "outcome/SI-DEMO", "validationRules.retentionPeriodDays"), Some(json!(730)));
    assert_eq!(value(&desired, "outcome/SI-DEMO", "uiConfig.shortcutKey"), Some(json!("1")));
    assert_eq!(value(&desired, "outcome/SI-OLD", "status"), Some(json!("INACTIVE")));
    assert_eq!(value(&desired, "campaign/q3-renewals", "targetListId"), Some(json!("3f0c2d9e-...")));
    assert_eq!(value(&desired, "campaign/q3-renewals", "contactSelection.priorityOrder").unwrap()[0], "high_value");
    assert_eq!(value(&desired, "campaign/q3-renewals", "status"), Some(json!("active")));
    let entry = &desired.desktops[0];
    assert_eq!(entry.outcomes.len(), 2);
    assert_eq!(entry.groups[0].value, "GRP_SALES_EAST");
    assert_eq!(entry.default.as_ref().unwrap().value, Some(Address::outcome("SI-DEMO")));
    assert!(!entry.exclusive);
}

#[test]
fn absent_is_not_managed_null_is_cleared_and_empty_is_empty() {
    let desired =
        desired(&tree("outcomes:\n- { code: A, name: A, description: null, validationRules: { requiredFields: [] } }"));
    assert_eq!(value(&desired, "outcome/A", "description"), Some(json!(null)));
    assert_eq!(value(&desired, "outcome/A", "validationRules.requiredFields"), Some(json!([])));
    assert_eq!(value(&desired, "outcome/A", "uiConfig.icon"), None);
}

#[test]
fn null_on_a_group_clears_each_field_of_it() {
    let desired = desired(&tree("outcomes:\n- { code: A, uiConfig: null }"));
    for field in ["visible", "group", "colorCode", "icon", "shortcutKey"] {
        assert_eq!(value(&desired, "outcome/A", &format!("uiConfig.{field}")), Some(json!(null)), "{field}");
    }
    assert_eq!(value(&desired, "outcome/A", "validationRules.requiredFields"), None);
}

#[test]
fn a_listed_code_is_active_unless_it_says_otherwise() {
    let outcomes = desired(&tree("outcomes:\n- { code: A }\n- { code: B, status: inactive }"));
    assert_eq!(value(&outcomes, "outcome/A", "status"), Some(json!("ACTIVE")));
    assert_eq!(value(&outcomes, "outcome/B", "status"), Some(json!("INACTIVE")));
    let calls = desired(&codes("codes:\n- { code: AA }\n- { code: BB, isActive: false }"));
    assert_eq!(value(&calls, "callcode/AA", "isActive"), Some(json!(true)));
    assert_eq!(value(&calls, "callcode/BB", "isActive"), Some(json!(false)));
}

#[test]
fn the_status_of_a_campaign_is_not_ours_where_it_is_absent() {
    assert_eq!(value(&desired(&campaign("type: preview")), "campaign/c", "status"), None);
}

#[test]
fn defaults_are_inherited_field_by_field_and_nested_ones_override() {
    let text = tree(
        "defaults: { uiConfig: { group: TOP, icon: star }, validationRules: { requiredFields: [a, b] } }
outcomes:
- code: A
  uiConfig: { icon: own }
  defaults: { uiConfig: { group: NESTED, shortcutKey: null } }
  children:
  - { code: AA }
  - { code: AB, validationRules: { requiredFields: [c] } }
- { code: B }",
    );
    let desired = desired(&text);
    let field = |code: &str, path: &str| value(&desired, &format!("outcome/{code}"), path);
    // A node's own fields are its own, and its `defaults` are for what is below it.
    assert_eq!(field("A", "uiConfig.icon"), Some(json!("own")));
    assert_eq!(field("A", "uiConfig.group"), Some(json!("TOP")));
    assert_eq!(field("AA", "uiConfig.icon"), Some(json!("star")));
    assert_eq!(field("AA", "uiConfig.group"), Some(json!("NESTED")));
    assert_eq!(field("AA", "uiConfig.shortcutKey"), Some(json!(null)));
    assert_eq!(field("AA", "validationRules.requiredFields"), Some(json!(["a", "b"])));
    assert_eq!(field("AB", "validationRules.requiredFields"), Some(json!(["c"])));
    assert_eq!(field("B", "uiConfig.group"), Some(json!("TOP")));
}

#[test]
fn a_value_knows_where_it_is_written_even_when_it_is_inherited() {
    let desired =
        desired(&tree("defaults:\n  uiConfig: { icon: star }\noutcomes:\n- code: A\n  children:\n  - code: AA"));
    let object = object(&desired, "outcome/AA");
    let field = Field::find(Kind::Outcome, "uiConfig.icon").unwrap();
    let source = object.fields.get(field).unwrap().source;
    assert_eq!((source.line, source.column), (6, 23));
    assert_eq!((object.source.line, object.source.column), (10, 13));
    assert_eq!(desired.files.name(source.file), "manifests/a.yaml");
    assert_eq!(object.parent.as_ref().unwrap().value, Address::outcome("A"));
}

#[test]
fn a_root_may_hang_below_a_code_that_is_not_listed() {
    let outcomes = desired(&tree("outcomes:\n- { code: A, parent: ELSEWHERE }"));
    assert_eq!(object(&outcomes, "outcome/A").parent.as_ref().unwrap().value, Address::outcome("ELSEWHERE"));
    let calls = desired(&codes("codes:\n- { code: BB, parent: AA }"));
    assert!(calls.objects.contains_key(&Address::call_code(["AA", "BB"])));
}

#[test]
fn an_authority_covers_its_roots_or_its_category() {
    let outcomes =
        desired(&tree("authority: subtree\noutcomes:\n- { code: A, children: [{ code: AA }] }\n- { code: B }"));
    let roots = vec![Address::outcome("A"), Address::outcome("B")];
    assert_eq!(outcomes.authorities[0].scope, AuthorityScope::Subtree(roots));
    assert_eq!(outcomes.authorities[0].owner, "t");
    let calls = desired(&codes("authority: category\ncategory: X\ncodes: []"));
    assert_eq!(calls.authorities[0].scope, AuthorityScope::Category("X".to_owned()));
    assert!(desired(&tree("authority: listed\noutcomes: []")).authorities.is_empty());
}

#[test]
fn call_codes_have_the_category_of_their_set_and_inherit_a_type() {
    let desired = desired(&codes(
        "category: X\ndefaults: { type: failure }\ncodes:\n- { code: AA, children: [{ code: BB, type: SUCCESS }] }",
    ));
    assert_eq!(value(&desired, "callcode/AA", "type"), Some(json!("FAILURE")));
    assert_eq!(value(&desired, "callcode/AA/BB", "type"), Some(json!("SUCCESS")));
    assert_eq!(value(&desired, "callcode/AA/BB", "category"), Some(json!("X")));
}

#[test]
fn an_envelope_starts_at_its_lower_bound_unless_it_says_otherwise() {
    let desired = desired(&campaign(
        "dialerSettings:\n  concurrency: { between: [50, 300] }\n  callRate: { between: [0.1, 0.6], initial: 0.3 }",
    ));
    let campaign = object(&desired, "campaign/c");
    let envelope = |path| match setting(campaign, Kind::Campaign, path) {
        Some(Setting::Between(Envelope { low, high, initial })) => {
            (low.to_string(), high.to_string(), initial.to_string())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(envelope("dialerSettings.concurrency"), ("50".into(), "300".into(), "50".into()));
    assert_eq!(envelope("dialerSettings.callRate"), ("0.1".into(), "0.6".into(), "0.3".into()));
}

#[test]
fn selection_rules_join_their_campaigns_even_those_that_no_manifest_declares() {
    let text = campaign("type: preview") + "---\n" + &selection("s", "campaigns: [c, foreign]\ntargetListIds: [l]");
    let desired = desired(&text);
    for (address, declared) in [("campaign/c", true), ("campaign/foreign", false)] {
        assert_eq!(value(&desired, address, "contactSelection.targetListIds"), Some(json!(["l"])));
        assert_eq!(object(&desired, address).declared, declared);
    }
    assert_eq!(value(&desired, "campaign/c", "type"), Some(json!("preview")));
}

#[test]
fn an_entry_without_outcomes_means_all_active_leaves_of_its_tree() {
    let text = tree(
        "outcomes:
- { code: A, children: [{ code: AB }, { code: AA }, { code: OLD, status: INACTIVE }] }
- { code: B }
assignments:
- campaigns: [c]
- { campaigns: [d], unassigned: [AA] }
- { campaigns: [e], outcomes: [] }",
    );
    let desired = desired(&text);
    let shown = |at: usize| desired.desktops[at].outcomes.iter().map(|outcome| outcome.value.key()).collect::<Vec<_>>();
    assert_eq!(shown(0), ["AB", "AA", "B"]);
    assert_eq!(shown(1), ["AB", "B"]);
    assert_eq!(shown(2), [""; 0]);
}

#[test]
fn a_default_may_be_set_cleared_or_left_alone() {
    let text = tree(
        "outcomes: [{ code: A }]
assignments:
- { campaigns: [a], outcomes: [A], default: A }
- { campaigns: [b], outcomes: [A], default: null }
- { campaigns: [c], outcomes: [A], exclusive: true }",
    );
    let desired = desired(&text);
    let default = |at: usize| desired.desktops[at].default.as_ref().map(|default| default.value.clone());
    assert_eq!(default(0), Some(Some(Address::outcome("A"))));
    assert_eq!(default(1), Some(None));
    assert_eq!(default(2), None);
    assert!(desired.desktops[2].exclusive);
}

#[test]
fn old_names_are_kept_with_the_object() {
    let outcomes = desired(&tree("outcomes: [{ code: NEW, previousCode: OLD }]"));
    assert_eq!(object(&outcomes, "outcome/NEW").previous[0].value, Address::outcome("OLD"));
    let calls = desired(&codes("codes: [{ code: NEW, previousCode: AA/OLD }]"));
    assert_eq!(object(&calls, "callcode/NEW").previous[0].value, Address::call_code(["AA", "OLD"]));
    let text =
        "apiVersion: cxform/v1\nkind: Campaign\nmetadata: { name: new, previousNames: [old, older] }\nspec: {}\n";
    let campaigns = desired(text);
    assert_eq!(object(&campaigns, "campaign/new").previous.len(), 2);
}

#[test]
fn annotations_protect_and_ignore_and_a_node_overrides_its_document() {
    let text = "apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: t, annotations: { cxform/protect: \"true\", cxform/ignore: \"uiConfig, description\", team: blue } }
spec:
  outcomes:
    - { code: A }
    - { code: B, annotations: { cxform/protect: \"false\", cxform/ignore: name } }
";
    let desired = desired(text);
    let (a, b) = (object(&desired, "outcome/A"), object(&desired, "outcome/B"));
    assert!(a.protected && !b.protected);
    assert_eq!(a.ignored.len(), 6);
    assert_eq!(b.ignored.len(), 7);
}

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let text = tree(
        "outcomes:
- { code: A, uiConfig: &ui { icon: star, group: G } }
- { code: B, uiConfig: *ui }
- { code: C, uiConfig: { <<: *ui, icon: own } }",
    );
    let desired = desired(&text);
    assert_eq!(value(&desired, "outcome/B", "uiConfig.icon"), Some(json!("star")));
    assert_eq!(value(&desired, "outcome/C", "uiConfig.icon"), Some(json!("own")));
    assert_eq!(value(&desired, "outcome/C", "uiConfig.group"), Some(json!("G")));
}
