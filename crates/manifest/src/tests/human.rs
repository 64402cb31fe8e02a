//! Problems as people and programs see them.

use super::*;

const BROKEN: &str = "apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec:
  defaults:
    uiConfig: { visble: true }
  outcomes:
    - code: SI
      name: Sales Inquiry
      status: ACTVE
      children:
        - { code: SI-DEMO, uiConfig: { colorCode: 7, visible: yes } }
        - { code: SI-DEMO }
  assignments:
    - { campaigns: [q3], outcomes: [SI-DMEO] }
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  targetListId: ${var.lst}
  dialerSettings: { callRate: 0.05 }
";

#[test]
fn a_broken_manifest_is_told_whole() {
    insta::assert_snapshot!("broken", human(&load(BROKEN).diagnostics));
}

#[test]
fn broken_syntax_is_told_with_what_to_do() {
    let shown = ["a: 1\n\tb: 2\n", "a: { b: ${var.x} }\n", "a: [1, 2\n", "a: *b\n", "a: !thing x\n", "a: 'b\n"]
        .map(|text| human(&load(text).diagnostics));
    insta::assert_snapshot!("syntax", shown.concat());
}

#[test]
fn a_broken_manifest_is_told_to_programs() {
    let loaded = load(BROKEN);
    insta::assert_snapshot!(
        "broken_json",
        serde_json::to_string_pretty(&loaded.diagnostics.report(&loaded.statistics)).unwrap()
    );
}

#[test]
fn a_report_survives_being_written_and_read() {
    let loaded = load(BROKEN);
    let report = loaded.diagnostics.report(&loaded.statistics);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<crate::ReportV1>(&text).unwrap(), report);
}

#[test]
fn colour_adds_nothing_but_escapes() {
    let diagnostics = load(BROKEN).diagnostics;
    let coloured = diagnostics.human(&HumanStyle { color: true, ..HumanStyle::default() });
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        rest = &rest[at..][rest[at..].find('m').unwrap() + 1..];
    }
    assert_eq!(plain + rest, human(&diagnostics));
    assert!(coloured.contains("\u{1b}["));
}

#[test]
fn nothing_in_a_file_can_lie_on_a_terminal() {
    let text = tree("outcomes:\n- { code: A, \"na\\u202eme\\e[31m\": x, desc\u{202e}ription: \"\u{200b}\u{2066}\" }");
    let shown = human(&load(&text).diagnostics);
    let hidden: Vec<_> =
        shown.chars().filter(|character| *character != '\n' && cxform_model::is_unprintable(*character)).collect();
    assert!(hidden.is_empty(), "{hidden:?}\n{shown}");
}

#[test]
fn a_very_long_line_is_shown_around_its_problem() {
    let text = tree("outcomes: [{ code: A }, { code: Z, nmae: x }]") + &format!("# {}", "x".repeat(100_000));
    assert!(human(&load(&text).diagnostics).len() < 3_000);
    let filler = (0..20_000).map(|code| format!("{{ code: A{code} }}")).collect::<Vec<_>>().join(", ");
    let shown = human(&load(&tree(&format!("outcomes: [{filler}, {{ code: Z, nmae: x }}]"))).diagnostics);
    assert!(shown.contains("nmae") && shown.len() < 3_000, "{}", shown.len());
}
