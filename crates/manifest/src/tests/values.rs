//! Types of values.

use serde_json::json;

use super::*;

#[test]
fn text_is_taken_as_it_is_written() {
    let desired = desired(&tree(
        "outcomes:\n- { code: 007, name: 1.10, description: no, uiConfig: { shortcutKey: 1, group: 1_000 } }",
    ));
    assert_eq!(value(&desired, "outcome/007", "name"), Some(json!("1.10")));
    assert_eq!(value(&desired, "outcome/007", "description"), Some(json!("no")));
    assert_eq!(value(&desired, "outcome/007", "uiConfig.shortcutKey"), Some(json!("1")));
    assert_eq!(value(&desired, "outcome/007", "uiConfig.group"), Some(json!("1_000")));
}

#[test]
fn a_boolean_is_no_text_and_a_text_no_boolean() {
    assert_eq!(
        error(&tree("outcomes:\n- { code: A, name: true }")),
        "6:22 CX006 `name` must be text, but this is a boolean"
    );
    for wrong in ["yes", "off", "\"true\"", "1"] {
        let found = error(&tree(&format!("outcomes:\n- {{ code: A, uiConfig: {{ visible: {wrong} }} }}")));
        assert!(found.starts_with("6:37 CX006 `visible` must be `true` or `false`"), "{found}");
    }
}

#[test]
fn numbers_stay_numbers() {
    let desired = desired(&campaign("dialerSettings: { callRate: 0.60, wrapUpTime: 30.0, agentCapacity: 0x10 }"));
    assert_eq!(value(&desired, "campaign/c", "dialerSettings.callRate"), Some(json!(0.6)));
    assert_eq!(value(&desired, "campaign/c", "dialerSettings.wrapUpTime"), Some(json!(30)));
    assert_eq!(value(&desired, "campaign/c", "dialerSettings.agentCapacity"), Some(json!(16)));
}

#[test]
fn numbers_that_readers_disagree_on_are_refused() {
    for (written, expected) in [
        ("012", "CX009"),
        ("1_000", "CX009"),
        ("0b11", "CX009"),
        ("18446744073709551616", "CX009"),
        (".inf", "CX009"),
        ("\"12\"", "CX006"),
        ("1.5", "CX006"),
        ("many", "CX006"),
        ("[1]", "CX006"),
    ] {
        let found = error(&campaign(&format!("dialerSettings: {{ wrapUpTime: {written} }}")));
        assert!(found.contains(expected), "{written}: {found}");
    }
    let found = error(&selection("s", "campaigns: [c]\nfilterRules: [{ field: zip, operator: eq, value: 012 }]"));
    assert_eq!(found, "6:52 CX009 `value`: `012` is ambiguous: some readers take the leading zero for octal");
}

#[test]
fn an_untyped_value_has_the_type_of_yaml() {
    let rules = "[{ field: a, operator: eq, value: no }, { field: b, operator: eq, value: \"012\" }, { field: c, operator: eq, value: 1.50 }, { field: d, operator: ne, value: true }]";
    let desired = desired(&selection("s", &format!("campaigns: [c]\nfilterRules: {rules}")));
    let found = value(&desired, "campaign/c", "contactSelection.filterRules").unwrap();
    let values: Vec<_> = found.as_array().unwrap().iter().map(|rule| rule["value"].clone()).collect();
    assert_eq!(values, [json!("no"), json!("012"), json!(1.5), json!(true)]);
}

#[test]
fn words_are_found_in_any_case_and_slips_are_suggested() {
    assert_eq!(value(&desired(&campaign("type: PREDICTIVE")), "campaign/c", "type"), Some(json!("predictive")));
    let loaded = load(&campaign("type: predictve"));
    assert_eq!(lines(&loaded.diagnostics), ["manifests/a.yaml:5:9 CX008 `type` cannot be `predictve`"]);
    assert_eq!(loaded.diagnostics.iter().next().unwrap().hint.as_deref(), Some("did you mean `predictive`?"));
}

#[test]
fn an_unquoted_colour_is_a_comment_and_no_wish_to_clear_it() {
    let found = error(&tree("outcomes:\n- code: A\n  uiConfig:\n    colorCode: #2ECC71"));
    assert_eq!(found, "8:7 CX006 `colorCode` has no value");
}

#[test]
fn what_cannot_be_empty_cannot_be_cleared() {
    for text in [
        tree("outcomes:\n- { code: A, name: null }"),
        tree("outcomes:\n- { code: A, status: null }"),
        codes("codes:\n- { code: AA, isActive: null }"),
        campaign("type: ~"),
        campaign("status: null"),
    ] {
        let found = error(&text);
        assert!(found.contains("CX026"), "{found}");
    }
}

#[test]
fn a_list_is_a_list_and_a_record_has_its_members() {
    let found = error(&selection("s", "campaigns: [c]\ntargetListIds: l1"));
    assert_eq!(found, "6:18 CX006 `targetListIds` must be a list, but this is text");
    let loaded =
        load(&selection("s", "campaigns: [c]\ntargetListIds: [l]\nfilterRules: [{ field: a, operatr: eq, value: 1 }]"));
    assert_eq!(
        lines(&loaded.diagnostics),
        ["manifests/a.yaml:7:29 CX005 unknown key `operatr` in an entry of `filterRules`"],
        "the slip is told once, not also as a missing key"
    );
    let found = error(&selection("s", "campaigns: [c]\ntargetListIds: [l]\nfilterRules: [{ field: a, value: 1 }]"));
    assert_eq!(found, "7:17 CX007 an entry of `filterRules` has no `operator`");
}

#[test]
fn a_filter_compares_with_a_scalar_or_a_list_of_scalars() {
    let rule = |value: &str| {
        let filter = format!("filterRules: [{{ field: a, operator: in, value: {value} }}]");
        load(&selection("s", &format!("campaigns: [c]\ntargetListIds: [l]\n{filter}")))
    };
    assert!(rule("[1, x, true]").desired.is_some());
    assert_eq!(
        lines(&rule("[1, [2]]").diagnostics),
        ["manifests/a.yaml:7:54 CX006 an entry of `value` must be a scalar, but this is a list"]
    );
}

#[test]
fn a_bad_envelope_is_told_at_its_bounds() {
    for (written, expected) in [
        ("concurrency: { between: [300, 50] }", "5:45 CX023 the lower bound `300` is above the upper bound `50`"),
        ("concurrency: { between: [1, 2, 3] }", "5:45 CX023 `between` takes two numbers, but this has 3"),
        (
            "concurrency: { between: [1, 9], initial: 10 }",
            "5:62 CX023 `initial` is `10`, which is not between `1` and `9`",
        ),
        ("strategy: { between: [1, 2] }", "5:31 CX023 `strategy` is no number, so it cannot have an envelope"),
        ("concurrency: { from: 1 }", "5:34 CX006 `concurrency` must be a number, but this is a mapping"),
        ("concurrency: { between: [1, many] }", "5:49 CX006 the upper bound must be a number, but this is text"),
    ] {
        assert_eq!(error(&campaign(&format!("dialerSettings: {{ {written} }}"))), expected);
    }
}
