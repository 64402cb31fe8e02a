use cxform_plan::{Estimate, FieldChange, Place};
use serde_json::{Value, json};

use super::*;

/// What somebody would write who wants to be more than a value.
const EVIL: &str = "x</code></summary></details><script>alert(1)</script>\n\n```\n\n# @everyone [free](https://evil.example) | `\u{202e}` #1 -->";

fn plan_of(changes: Vec<Change>) -> Plan {
    Plan {
        changes,
        warnings: Vec::new(),
        estimate: Estimate { requests: 3, by_endpoint: std::collections::BTreeMap::new(), seconds: 1.0 },
        ..crate::views::tests::empty()
    }
}

fn change(address: Address, action: Action, fields: &[(&str, Value, Value)]) -> Change {
    let source = Some(Place { file: "manifests/a.yaml".to_owned(), line: 3, column: 5 });
    let fields = fields
        .iter()
        .map(|(path, before, after)| FieldChange {
            source: source.clone(),
            ..crate::views::tests::field(path, before, after)
        })
        .collect();
    Change { address, action, reason: String::new(), source, fields }
}

fn name(before: &str, after: &str) -> (&'static str, Value, Value) {
    ("name", json!(before), json!(after))
}

/// The lines that a forge reads as Markdown or HTML: those outside of fences.
fn outside(text: &str) -> Vec<&str> {
    let mut open: Option<String> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        match &open {
            Some(fence) => {
                if line.trim_end() == fence {
                    open = None;
                }
            }
            None if line.starts_with("```") => open = Some(line.chars().take_while(|one| *one == '`').collect()),
            None => lines.push(line),
        }
    }
    assert_eq!(open, None, "a fence stays open:\n{text}");
    lines
}

#[test]
fn the_summary_comes_first_and_every_change_is_folded() {
    let plan = plan_of(vec![
        change(Address::outcome("SI"), Action::Update, &[name("Sale (do not use!)", "Sale completed")]),
        change(Address::assignment("q3", "SI"), Action::Assign, &[("sequence", json!(null), json!(2))]),
        change(Address::assignment("q3", "OLD"), Action::Unassign, &[]),
    ]);
    insta::assert_snapshot!(super::plan(&plan, None).text);
}

#[test]
fn nothing_breaks_out_of_a_comment() {
    let mut plan = plan_of(vec![
        change(
            Address::outcome(EVIL),
            Action::Update,
            &[name(EVIL, "fine"), ("description", json!(EVIL), json!("a\nb"))],
        ),
        change(Address::campaign(EVIL), Action::Create, &[("targetListId", json!(null), json!(EVIL))]),
        change(Address::assignment(EVIL, EVIL), Action::Assign, &[("sequence", json!(null), json!(2))]),
    ]);
    plan.changes[0].reason = EVIL.to_owned();
    plan.project = EVIL.to_owned();
    plan.environment = EVIL.to_owned();
    plan.tenant = EVIL.to_owned();
    plan.warnings =
        vec![Warning { rule: None, address: Some(Address::outcome(EVIL)), message: EVIL.to_owned(), source: None }];
    let text = super::plan(&plan, Some(EVIL)).text;
    for line in outside(&text) {
        assert!(!line.contains("<script"), "{line}");
        assert!(!line.contains('\u{202e}'), "{line}");
        assert!(!line.starts_with('#') && !line.contains("](") || line.starts_with('<'), "{line}");
        // Whatever is not ours stands in a line that begins as HTML, and so is no Markdown.
        assert!(!line.contains("evil.example") || line.starts_with('<'), "{line}");
        let bare = line.replace("<code>", "\u{1}").replace("</code>", "\u{2}");
        let outside_code: String =
            bare.split('\u{1}').map(|part| part.split_once('\u{2}').map_or(part, |(_, rest)| rest)).collect();
        assert!(!outside_code.contains("@everyone"), "a mention outside of code: {line}");
        assert!(!outside_code.contains("https://"), "a link outside of code: {line}");
    }
    assert_eq!(text.matches("<details").count(), text.lines().filter(|line| *line == "</details>").count());
    assert_eq!(text.lines().next().unwrap().matches("-->").count(), 1);
}

#[test]
fn a_comment_fits_and_says_what_is_missing() {
    let long = "word ".repeat(400);
    for count in [1, 30, 60, 3_000] {
        let changes: Vec<_> = (0..count)
            .map(|at| change(Address::outcome(format!("CODE-{at:05}")), Action::Update, &[name(&long, "short")]))
            .collect();
        let Comment { text, whole } = super::plan(&plan_of(changes), Some("plan.md"));
        assert!(text.len() <= LIMIT, "{count}: {}", text.len());
        outside(&text);
        assert_eq!(whole.matches("CODE-").count(), count);
        assert_eq!(text != whole, text.contains("Cut to fit"), "{count}");
        assert!(text == whole || text.contains("The whole text is in <code>plan.md</code>"), "{count}");
        let told = text.matches("CODE-").count();
        assert!(told == count || text.contains(&format!("{} left out", count - told)), "{count} {told}");
        assert!(text.ends_with("</sub>\n"), "the digest is always told");
    }
}

#[test]
fn thousands_of_warnings_leave_room_for_the_changes() {
    let mut plan = plan_of(vec![change(Address::outcome("SI"), Action::Update, &[name("a", "b")])]);
    let warning = Warning { rule: Some("CX050".to_owned()), address: None, message: "look ".repeat(100), source: None };
    plan.warnings = vec![warning; 2_000];
    let text = super::plan(&plan, None).text;
    assert!(text.len() <= LIMIT && text.contains("+ name: \"b\"") && text.contains("more warnings"), "{}", text.len());
}

#[test]
fn a_refusal_carries_the_marker_of_its_plan() {
    let problem = ProblemV1 {
        rule: "CX033".to_owned(),
        severity: "error".to_owned(),
        message: "`callRate` is 6 @team".to_owned(),
        hint: Some("at most `1.0`".to_owned()),
        at: None,
        address: Some("campaign/q3".to_owned()),
        environments: vec!["prod".to_owned()],
        related: Vec::new(),
    };
    let summary = cxform_manifest::SummaryV1 { errors: 1, warnings: 0, files: 0, objects: 0, omitted: 0 };
    let report = ReportV1 { format_version: 1, valid: false, summary, problems: vec![problem; 2_000] };
    let Comment { text, whole } = refused(&report, Some(("acme", "prod")));
    assert!(text.starts_with(&format!("{}\n", marker("acme", "prod"))));
    assert!(text.len() <= LIMIT && whole.len() > LIMIT, "{}", text.len());
    assert!(text.contains("more problems") && text.contains("@&#8203;team"), "{}", &text[..600]);
}

#[test]
fn an_error_stays_in_its_fence() {
    let text = failed(&format!("the tenant says\n```\n{EVIL}\n{}", "long ".repeat(20_000)), Some(("acme", "prod")));
    assert!(text.starts_with(&format!("{}\n", marker("acme", "prod"))) && text.len() <= LIMIT);
    assert_eq!(outside(&text).iter().filter(|line| line.contains("evil.example")).count(), 0, "{text}");
}
