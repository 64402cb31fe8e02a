//! What an edit changes, and what it leaves alone.

use std::collections::BTreeMap;

use cxform_manifest::{HumanStyle, Project};
use cxform_model::{Address, Field};
use cxform_rules::Context;
use serde_json::{Value, json};

use crate::{Change, Edit, Edited, Refused, edit};

const PROJECT: &str = "\
apiVersion: cxform/v1
kind: Project
metadata: { name: acme }
spec:
  environments:
    test:
      emulator: {}
      variables: { list: t1, skill: s1 } # of this tenant
    prod:
      emulator: {}
      variables: { list: p1, skill: p9 }
";

fn project(files: &[(&str, &str)]) -> Project {
    let project = files.iter().find(|(name, _)| *name == "cxform.yaml").map_or(PROJECT, |(_, text)| text);
    let files = files.iter().filter(|(name, _)| *name != "cxform.yaml").map(|(name, text)| (*name, text.as_bytes()));
    let (project, diagnostics) = Project::in_memory(Some(project.as_bytes()), files);
    let project = project.unwrap_or_else(|| panic!("{}", diagnostics.human(&HumanStyle::default())));
    let validated = project.validate_all(&Context::default()).diagnostics;
    assert!(!validated.has_errors(), "{}", validated.human(&HumanStyle::default()));
    project
}

fn field(address: &str, path: &str, value: Value) -> Edit {
    let address: Address = address.parse().unwrap();
    let field = Field::find(address.kind(), path).unwrap();
    Edit { address, change: Change::Field(field, value) }
}

fn desktop(campaign: &str, outcomes: &[&str], default: Option<&str>) -> Edit {
    let outcomes = outcomes.iter().map(|code| Address::outcome(*code)).collect();
    Edit {
        address: Address::campaign(campaign),
        change: Change::Desktop { outcomes, default: default.map(Address::outcome) },
    }
}

fn run(files: &[(&str, &str)], edits: &[Edit]) -> Edited {
    let project = project(files);
    edit(&project, project.environment(Some("test")).unwrap(), &Context::default(), None, edits)
}

/// The lines that went and came, in one file or several.
#[track_caller]
fn changes(files: &[(&str, &str)], edits: &[Edit]) -> String {
    let edited = run(files, edits);
    assert_eq!(edited.refused, BTreeMap::new());
    let mut out = String::new();
    for (name, new) in &edited.files {
        let old = files.iter().find(|(other, _)| other == name).map_or(PROJECT, |(_, text)| text);
        let (mut old, mut new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
        while !old.is_empty() && old.first() == new.first() {
            old.remove(0);
            new.remove(0);
        }
        while !old.is_empty() && old.last() == new.last() {
            old.pop();
            new.pop();
        }
        out.extend(old.iter().map(|line| format!("-{line}\n")));
        out.extend(new.iter().map(|line| format!("+{line}\n")));
    }
    out
}

#[track_caller]
fn refused(files: &[(&str, &str)], one: Edit) -> Refused {
    let edited = run(files, &[one]);
    assert_eq!(edited.files, BTreeMap::new());
    edited.refused.get(&0).expect("refused").clone()
}

const CAMPAIGN: &str = "\
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  type: predictive # for good
  targetListId: ${var.list}
  dialerSettings:
    callRate: 0.6   # calls per agent
    skillGroupId: ${var.skill}
    concurrency: { between: [50, 300], initial: 80 } # the supervisors'
    strategy: 'predictive'
    predictiveSettings: { answerRate: 0.65, agentEfficiency: 0.8 }
  complianceSettings:
    timeZone: America/New_York
    regulatoryCompliance: TCPA
    doNotCallListCheck: true
    doNotCallCompliance: true
    allowedCallTimes: [{ days: [mon, tue], start: \"12:00\", end: \"20:00\" }]
    timeZoneRestrictions:
      # the coast
      - America/New_York # head office
      # inland
      - America/Chicago
---
apiVersion: cxform/v1
kind: SelectionRules
metadata: { name: q3 }
spec:
  campaigns: [q3]
  targetListIds: [\"${var.list}\", other]
  filterRules:
    - { field: status, operator: eq, value: active } # ours
    - { field: age, operator: gt, value: 18 }
";

#[test]
fn a_value_changes_where_it_stands_and_its_comment_stays() {
    let files = [("manifests/c.yaml", CAMPAIGN)];
    assert_eq!(
        changes(&files, &[field("campaign/q3", "dialerSettings.callRate", json!(0.5))]),
        "-    callRate: 0.6   # calls per agent\n+    callRate: 0.5   # calls per agent\n"
    );
    assert_eq!(
        changes(&files, &[field("campaign/q3", "dialerSettings.strategy", json!("ratio"))]),
        "-    strategy: 'predictive'\n+    strategy: \"ratio\"\n"
    );
    assert_eq!(
        changes(&files, &[field("campaign/q3", "dialerSettings.predictiveSettings.answerRate", json!(0.7))]),
        "-    predictiveSettings: { answerRate: 0.65, agentEfficiency: 0.8 }\n+    predictiveSettings: { answerRate: 0.7, agentEfficiency: 0.8 }\n"
    );
    assert_eq!(
        changes(&files, &[field("campaign/q3", "dialerSettings.callRate", Value::Null)]),
        "-    callRate: 0.6   # calls per agent\n+    callRate: null   # calls per agent\n"
    );
}

#[test]
fn the_same_value_in_another_form_is_no_edit() {
    let edited = run(&[("manifests/c.yaml", CAMPAIGN)], &[field("campaign/q3", "type", json!("PREDICTIVE"))]);
    assert_eq!((edited.files, edited.refused), (BTreeMap::new(), BTreeMap::new()));
}

#[test]
fn an_envelope_is_widened_by_its_nearer_bound() {
    assert_eq!(
        changes(&[("manifests/c.yaml", CAMPAIGN)], &[field("campaign/q3", "dialerSettings.concurrency", json!(350))]),
        "-    concurrency: { between: [50, 300], initial: 80 } # the supervisors'\n+    concurrency: { between: [50, 350], initial: 80 } # the supervisors'\n"
    );
}

#[test]
fn items_that_stay_keep_their_comments_and_their_variables() {
    let files = [("manifests/c.yaml", CAMPAIGN)];
    assert_eq!(
        changes(
            &files,
            &[field(
                "campaign/q3",
                "complianceSettings.timeZoneRestrictions",
                json!(["America/Denver", "America/Chicago"])
            )]
        ),
        "-      # the coast\n-      - America/New_York # head office\n-      # inland\n-      - America/Chicago\n\
         +      # inland\n+      - America/Chicago\n+      - America/Denver\n"
    );
    assert_eq!(
        changes(&files, &[field("campaign/q3", "contactSelection.targetListIds", json!(["new", "t1"]))]),
        "-  targetListIds: [\"${var.list}\", other]\n+  targetListIds: [\"${var.list}\", new]\n"
    );
    let rules = json!([{ "field": "age", "operator": "GT", "value": 18, "vendor": 1 },
                       { "field": "x", "operator": "eq", "value": "007" }, { "field": "status", "operator": "eq", "value": "active" }]);
    assert_eq!(
        changes(&files, &[field("campaign/q3", "contactSelection.filterRules", rules)]),
        "-    - { field: status, operator: eq, value: active } # ours\n-    - { field: age, operator: gt, value: 18 }\n\
         +    - { field: age, operator: gt, value: 18 }\n+    - { field: x, operator: eq, value: \"007\" }\n\
         +    - { field: status, operator: eq, value: active } # ours\n"
    );
}

#[test]
fn a_variable_that_nothing_else_needs_changes_in_its_environment() {
    let files = [("manifests/c.yaml", CAMPAIGN)];
    let edited = run(&files, &[field("campaign/q3", "dialerSettings.skillGroupId", json!("s2"))]);
    assert!(edited.files["cxform.yaml"].contains("variables: { list: t1, skill: s2 } # of this tenant"), "{edited:?}");
    assert!(edited.also_in.is_empty(), "prod has a value of its own");
    assert_eq!(
        refused(&files, field("campaign/q3", "targetListId", json!("t2"))),
        Refused::Variable { name: "list".to_owned() }
    );
}

#[test]
fn environments_that_share_the_file_are_told() {
    let edited = run(&[("manifests/c.yaml", CAMPAIGN)], &[field("campaign/q3", "dialerSettings.callRate", json!(0.5))]);
    assert_eq!(edited.also_in.into_iter().collect::<Vec<_>>(), ["prod"]);
    assert_eq!(edited.done[&0], ("manifests/c.yaml".to_owned(), 8));
}

const TREE: &str = "\
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: t }
spec:
  defaults: { uiConfig: { group: SALES } } # everybody
  outcomes:
    - code: A
      name: &name First
      uiConfig: &look { icon: phone, colorCode: \"#112233\" }
      validationRules:
        requiredFields: [notes]
      children:
        - { code: A1, name: One, uiConfig: *look }
        - code: A2
          name: *name
          # about the rules
          uiConfig: { <<: *look, icon: mail }
          description: |-
            line one
            line two
    # the other one
    - { code: B, name: Second, status: INACTIVE }
  assignments:
  - campaigns: [q3] # the only one
    outcomes:
      - A1 # first
      - A2
    default: A1
";

#[test]
fn a_field_that_defaults_set_becomes_the_node_s_own() {
    let files = [("manifests/t.yaml", TREE)];
    assert_eq!(
        changes(&files, &[field("outcome/A1", "uiConfig.group", json!("VIP"))]),
        "-        - { code: A1, name: One, uiConfig: *look }\n+        - { code: A1, name: One, uiConfig: { <<: *look, group: VIP } }\n"
    );
    assert_eq!(
        changes(&files, &[field("outcome/B", "uiConfig.group", json!("VIP"))]),
        "-    - { code: B, name: Second, status: INACTIVE }\n+    - { code: B, name: Second, status: INACTIVE, uiConfig: { group: VIP } }\n"
    );
    // An anchor that others use stays as it is.
    assert!(matches!(refused(&files, field("outcome/A", "uiConfig.group", json!("VIP"))), Refused::Unsafe { .. }));
}

#[test]
fn a_retired_code_gets_its_tombstone_in_the_right_line() {
    let (assigned, free) = (TREE, TREE.split("  assignments:").next().unwrap());
    let files = [("manifests/t.yaml", free)];
    assert_eq!(changes(&files, &[field("outcome/A2", "status", json!("INACTIVE"))]), "+          status: INACTIVE\n");
    assert_eq!(
        changes(&files, &[field("outcome/A1", "status", json!("INACTIVE"))]),
        "-        - { code: A1, name: One, uiConfig: *look }\n+        - { code: A1, name: One, status: INACTIVE, uiConfig: *look }\n"
    );
    assert_eq!(
        changes(&files, &[field("outcome/B", "status", json!("active"))]),
        "-    - { code: B, name: Second, status: INACTIVE }\n+    - { code: B, name: Second, status: ACTIVE }\n"
    );
    match refused(&[("manifests/t.yaml", assigned)], field("outcome/A2", "status", json!("INACTIVE"))) {
        Refused::Invalid(told) => assert!(told.contains("CX051"), "{told}"),
        other => panic!("{other}"),
    }
}

#[test]
fn what_an_alias_stands_for_is_replaced_at_the_alias() {
    let files = [("manifests/t.yaml", TREE)];
    assert_eq!(
        changes(&files, &[field("outcome/A2", "name", json!("Two"))]),
        "-          name: *name\n+          name: Two\n"
    );
    assert!(matches!(refused(&files, field("outcome/A", "name", json!("Two"))), Refused::Shared { .. }));
}

#[test]
fn lines_stay_lines() {
    let files = [("manifests/t.yaml", TREE)];
    assert_eq!(
        changes(&files, &[field("outcome/A2", "description", json!("line one\nline 2"))]),
        "-            line two\n+            line 2\n"
    );
}

#[test]
fn a_desktop_lists_what_the_tenant_shows() {
    let files = [("manifests/t.yaml", TREE)];
    assert_eq!(
        changes(&files, &[desktop("q3", &["A2", "A1"], Some("A2"))]),
        "-      - A1 # first\n-      - A2\n-    default: A1\n+      - A2\n+      - A1 # first\n+    default: A2\n"
    );
    assert_eq!(
        changes(&files, &[desktop("q3", &["B", "A1"], Some("A1"))]),
        "-      - A2\n",
        "B is nobody's business here"
    );
}

#[test]
fn many_edits_of_one_file_are_made_together() {
    let files = [("manifests/t.yaml", TREE)];
    let edits = [
        field("outcome/A", "validationRules.requiredFields", json!(["notes", "consent"])),
        field("outcome/B", "name", json!("Other: 2nd")),
        field("outcome/B", "uiConfig.group", json!("VIP")),
        field("outcome/A2", "uiConfig.icon", json!("fax")),
        field("outcome/A2", "uiConfig.group", json!("VIP")),
        field("outcome/A1", "uiConfig.colorCode", json!("#445566")),
    ];
    insta::assert_snapshot!(run(&files, &edits).files["manifests/t.yaml"]);
}

#[test]
fn what_would_break_a_rule_is_refused() {
    let files = [("manifests/c.yaml", CAMPAIGN)];
    match refused(&files, field("campaign/q3", "dialerSettings.callRate", json!(7))) {
        Refused::Invalid(told) => assert!(told.contains("CX033"), "{told}"),
        other => panic!("{other}"),
    }
}

#[test]
fn what_nobody_manages_is_refused() {
    let files = [("manifests/c.yaml", CAMPAIGN)];
    assert!(matches!(
        refused(&files, field("campaign/q3", "dialerSettings.wrapUpTime", json!(7))),
        Refused::NotManaged { .. }
    ));
    assert!(matches!(
        refused(&files, field("campaign/q4", "dialerSettings.wrapUpTime", json!(7))),
        Refused::Unknown(_)
    ));
}

#[test]
fn a_reference_in_the_tenant_s_text_stays_text() {
    let files = [("manifests/t.yaml", TREE)];
    assert_eq!(
        changes(&files, &[field("outcome/B", "name", json!("${var.list} #1"))]),
        "-    - { code: B, name: Second, status: INACTIVE }\n+    - { code: B, name: \"$${var.list} #1\", status: INACTIVE }\n"
    );
}
