//! Variables.

use serde_json::json;

use super::*;

#[test]
fn a_lone_reference_takes_the_type_of_its_value_and_a_mixed_one_is_text() {
    let desired = desired(
        &(campaign(
            "targetListId: x-${var.list}-$${y}\ndialerSettings: { callRate: \"${var.rate}\" }\ncomplianceSettings: { doNotCallListCheck: \"${var.flag}\" }",
        ) + "---\n"
            + &selection("s", "campaigns: [c]\ntargetListIds: ${var.lists}")),
    );
    assert_eq!(value(&desired, "campaign/c", "targetListId"), Some(json!("x-list_1-${y}")));
    assert_eq!(value(&desired, "campaign/c", "dialerSettings.callRate"), Some(json!(0.5)));
    assert_eq!(value(&desired, "campaign/c", "complianceSettings.doNotCallListCheck"), Some(json!(true)));
    assert_eq!(value(&desired, "campaign/c", "contactSelection.targetListIds"), Some(json!(["a", "b"])));
}

#[test]
fn an_unknown_variable_comes_with_the_nearest_one() {
    let loaded = load(&campaign("targetListId: ${var.lst}"));
    assert_eq!(lines(&loaded.diagnostics), ["manifests/a.yaml:5:17 CX016 there is no variable `lst`"]);
    assert_eq!(loaded.diagnostics.iter().next().unwrap().hint.as_deref(), Some("did you mean `list`?"));
}

#[test]
fn the_process_environment_is_for_the_project_file_alone() {
    assert!(error(&campaign("targetListId: ${env.LIST}")).starts_with("5:17 CX017"));
    assert!(error(&campaign("targetListId: ${HOME}")).starts_with("5:17 CX016"));
    assert!(error(&campaign("targetListId: ${var.list")).starts_with("5:17 CX016"));
    assert!(error(&campaign("targetListId: a-${var.lists}")).contains("is a list"));
}

#[test]
fn a_value_can_never_inject_yaml() {
    let file = PROJECT.replace("list: list_1", "list: \"x\\nstatus: active\"");
    let project = project(&[("cxform.yaml", &file), ("manifests/a.yaml", &campaign("targetListId: ${var.list}"))]);
    let desired = project.load(project.environment(None).unwrap(), &Context::default(), None).desired.unwrap();
    assert_eq!(value(&desired, "campaign/c", "targetListId"), Some(json!("x\nstatus: active")));
    assert_eq!(value(&desired, "campaign/c", "status"), None);
}

#[test]
fn a_wrong_value_out_of_a_variable_names_both_places() {
    let loaded = load(&campaign("dialerSettings: { callRate: \"${var.list}\" }"));
    let problem = loaded.diagnostics.iter().next().unwrap();
    assert_eq!(
        lines(&loaded.diagnostics),
        ["manifests/a.yaml:5:31 CX006 `callRate` must be a number, but this is text"]
    );
    let related = problem.related[0].at.unwrap();
    assert_eq!((loaded.diagnostics.file(related), related.source.line), ("cxform.yaml", 6));
}

const FROM_ENV: &str = "apiVersion: cxform/v1\nkind: Project\nmetadata: { name: test }\nspec: { environments: { e: { emulator: {}, variables: { rate: \"${env.RATE}\", list: \"l-${env.LIST}\" } } } }\n";

#[test]
fn a_variable_from_the_process_environment_is_needed_only_where_it_is_used() {
    let text = campaign("targetListId: ${var.list}\ndialerSettings: { callRate: \"${var.rate}\" }");
    let used = project(&[("cxform.yaml", FROM_ENV), ("manifests/a.yaml", &text)]);
    let environment = used.environment(None).unwrap();
    // Offline nothing is known, and nothing is wrong.
    assert!(!used.validate_all(&Context::default()).diagnostics.has_errors());
    let set = |name: &str| Some(if name == "RATE" { "0.4" } else { "x" }.to_owned());
    let desired = used.load(environment, &Context::default(), Some(&set)).desired.unwrap();
    assert_eq!(value(&desired, "campaign/c", "dialerSettings.callRate"), Some(json!(0.4)));
    assert_eq!(value(&desired, "campaign/c", "targetListId"), Some(json!("l-x")));
    let unset = used.load(environment, &Context::default(), Some(&|_| None));
    assert_eq!(lines(&unset.diagnostics).len(), 2);
    assert!(lines(&unset.diagnostics)[0].contains("CX017 variable `list` needs `LIST`"));
    let unused = project(&[("cxform.yaml", FROM_ENV), ("manifests/a.yaml", &campaign("type: preview"))]);
    assert!(unused.load(unused.environment(None).unwrap(), &Context::default(), Some(&|_| None)).desired.is_some());
}
