//! Input that is meant to exhaust.

use super::*;

fn rule(text: &str) -> String {
    let loaded = load(text);
    assert!(loaded.desired.is_none());
    loaded
        .diagnostics
        .iter()
        .map(|problem| problem.rule.id)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", below.trim_end_matches(", ")));
    }
    assert_eq!(rule(&bomb), "CX002");
    let long = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 200_000].join(", "));
    assert_eq!(rule(&long), "CX002");
}

#[test]
fn deep_nesting_is_refused() {
    for text in ["[".repeat(5_000), "{a: ".repeat(5_000), "- ".repeat(5_000)] {
        assert_eq!(rule(&text), "CX002", "{}", &text[..4]);
    }
    let mut block = String::new();
    for depth in 0..300 {
        block.push_str(&format!("{}a:\n", " ".repeat(depth)));
    }
    assert_eq!(rule(&block), "CX002");
}

#[test]
fn sixteen_million_values_are_the_end_of_which_a_copy_counts_for_eight() {
    let list = |copies| format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(9_999), "*a,".repeat(copies));
    assert_eq!(rule(&list(201)), "CX002");
    assert_ne!(rule(&list(199)), "CX002");
}

/// Loads a file with a four-hundredth of the usual allowance of copies.
fn rule_of_copies(text: &str) -> String {
    let file = PROJECT.replace("list: list_1", &format!("list: [{}]", ["x"; 500].join(", ")));
    let mut project = project(&[("cxform.yaml", &file), ("manifests/a.yaml", text)]);
    project.copies = crate::limits::Budget::new(crate::limits::COPIES / 400);
    let loaded = project.load(project.environment(None).unwrap(), &Context::default(), None);
    assert!(loaded.desired.is_none());
    loaded.diagnostics.iter().map(|problem| problem.rule.id).collect::<Vec<_>>().join(" ")
}

fn repeated(times: usize, line: impl Fn(usize) -> String) -> String {
    (0..times).map(line).collect()
}

#[test]
fn inheritance_cannot_multiply_without_bound() {
    let list = ["x"; 1_000].join(", ");
    let nodes = repeated(100, |code| format!("- {{ code: A{code} }}\n"));
    let text = tree(&format!("defaults: {{ validationRules: {{ requiredFields: [{list}] }} }}\noutcomes:\n{nodes}"));
    assert_eq!(rule_of_copies(&text), "CX002");
}

#[test]
fn implied_desktops_cannot_multiply_without_bound() {
    let nodes = repeated(200, |code| format!("- {{ code: A{code} }}\n"));
    let entries = repeated(200, |campaign| format!("- {{ campaigns: [c{campaign}] }}\n"));
    assert_eq!(rule_of_copies(&tree(&format!("outcomes:\n{nodes}assignments:\n{entries}"))), "CX002");
}

#[test]
fn shared_desktops_and_selection_rules_cannot_multiply_without_bound() {
    let campaigns = repeated(300, |campaign| format!("c{campaign}, "));
    let lists = repeated(300, |list| format!("l{list}, "));
    assert_eq!(
        rule_of_copies(&selection("s", &format!("campaigns: [{campaigns}]\ntargetListIds: [{lists}]"))),
        "CX002"
    );
    let nodes = repeated(300, |code| format!("- {{ code: A{code} }}\n"));
    let codes = repeated(300, |code| format!("A{code}, "));
    let text = tree(&format!("outcomes:\n{nodes}assignments: [{{ campaigns: [{campaigns}], outcomes: [{codes}] }}]"));
    assert_eq!(rule_of_copies(&text), "CX002");
}

#[test]
fn variables_cannot_multiply_without_bound() {
    let uses = repeated(100, |code| {
        format!("- {{ code: A{code}, validationRules: {{ requiredFields: \"${{var.list}}\" }} }}\n")
    });
    assert_eq!(rule_of_copies(&tree(&format!("outcomes:\n{uses}"))), "CX002");
}

#[test]
fn only_a_thousand_problems_are_kept_and_the_rest_is_counted() {
    let nodes: String = (0..5_000).map(|code| format!("- {{ code: A{code}, x: 1 }}\n")).collect();
    let loaded = load(&tree(&format!("outcomes:\n{nodes}")));
    assert_eq!((loaded.diagnostics.iter().count(), loaded.diagnostics.omitted()), (1_000, 4_000));
    assert_eq!(loaded.diagnostics.report(&loaded.statistics).summary.errors, 5_000);
}

/// Ten thousand outcomes, a root mapping as wide, and a file of one long line: nothing of it is quadratic.
#[test]
fn large_projects_are_read_in_reasonable_time() {
    let nodes: String = (0..5_000)
        .map(|code| {
            format!("- {{ code: A{code}, name: Name, uiConfig: {{ icon: star }}, children: [{{ code: B{code} }}] }}\n")
        })
        .collect();
    let loaded = load(&tree(&format!("defaults: {{ uiConfig: {{ group: G }} }}\noutcomes:\n{nodes}")));
    assert_eq!(loaded.desired.unwrap().objects.len(), 10_000);
    let wide: String = (0..20_000).map(|key| format!("key{key}: 1\n")).collect();
    assert!(load(&wide).desired.is_none());
    let line = vec!["{code: A}"; 20_000].join(", ");
    assert!(load(&tree(&format!("outcomes: [{line}]"))).desired.is_none());
}
