use cxform_model::Address;
use cxform_plan::{Action, Place};
use serde_json::{Value, json};

use super::*;

const EVIL: &str =
    "x</dd></summary></details><script>alert(1)</script><img src=https://evil.example onerror=x>\"'\u{202e}";

fn change(address: Address, action: Action, fields: &[(&str, Value, Value)]) -> Change {
    let fields = fields.iter().map(|(path, before, after)| crate::views::tests::field(path, before, after)).collect();
    let source = Some(Place { file: "manifests/a.yaml".to_owned(), line: 3, column: 5 });
    Change { address, action, reason: String::new(), source, fields }
}

fn below(code: &str, parent: &str) -> Change {
    change(Address::outcome(code), Action::Update, &[("parent", json!(null), json!(parent))])
}

fn plan_of(changes: Vec<Change>) -> Plan {
    Plan { changes, ..crate::views::tests::empty() }
}

/// The names of the tags, where every one that is opened is closed in turn.
fn tags(page: &str) -> Vec<String> {
    let (_, body) = page.split_once("</style>").unwrap();
    let (mut open, mut seen) = (vec!["head".to_owned(), "html".to_owned()], Vec::new());
    open.reverse();
    for piece in body.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag ends");
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(&*name), "{piece}");
        } else if name != "br" {
            open.push(name.clone());
        }
        seen.push(name);
    }
    assert_eq!(open, Vec::<String>::new());
    seen
}

#[test]
fn nothing_from_a_tenant_becomes_a_tag() {
    let mut plan = plan_of(vec![
        change(Address::outcome(EVIL), Action::Update, &[(EVIL, json!(EVIL), json!("a\nb"))]),
        change(Address::assignment(EVIL, EVIL), Action::Assign, &[("sequence", json!(null), json!(2))]),
    ]);
    plan.project = EVIL.to_owned();
    plan.tenant = EVIL.to_owned();
    plan.changes[0].reason = EVIL.to_owned();
    plan.warnings =
        vec![Warning { rule: None, address: Some(Address::outcome(EVIL)), message: EVIL.to_owned(), source: None }];
    let page = super::plan(&plan);
    let tags = tags(&page);
    assert!(!tags.iter().any(|tag| ["script", "img", "link", "iframe"].contains(&&**tag)), "{page}");
    assert!(!page.contains('\u{202e}'));
}

#[test]
fn the_page_asks_nobody_for_anything_and_allows_its_own_style_alone() {
    let page = super::plan(&plan_of(vec![below("A", "B")]));
    let (_, style) = page.split_once("<style>").unwrap();
    let (style, _) = style.split_once("</style>").unwrap();
    assert!(page.contains(&format!("default-src 'none'; style-src '{}'", hash(style))), "{page}");
    for word in ["url(", "@import", "src=", " style=", "onload"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut plan = plan_of(vec![below("A", "B"), change(Address::campaign("q3"), Action::Create, &[])]);
    plan.warnings = vec![Warning { rule: None, address: None, message: "look".to_owned(), source: None }];
    let page = super::plan(&plan);
    let targets: Vec<_> = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(targets, ["warnings", "outcomes", "campaigns", "estimate"]);
    assert!(targets.iter().all(|target| page.contains(&format!("id=\"{target}\""))));
    tags(&page);
}

#[test]
fn objects_hang_where_they_will_stand() {
    let plan = plan_of(vec![
        below("CHILD", "PARENT"),
        below("PARENT", "ELSEWHERE"),
        change(Address::call_code(["DNC"]), Action::Create, &[]),
        change(Address::call_code(["DNC", "STATE"]), Action::Create, &[]),
        change(Address::assignment("q3", "CHILD"), Action::Unassign, &[]),
    ]);
    assert_eq!(
        drawn(&plan),
        ["outcomes: ELSEWHERE(PARENT(CHILD))", "callcodes: DNC(STATE)", "campaigns: q3(CHILD)"].map(str::to_owned)
    );
}

#[test]
fn codes_in_a_circle_or_too_deep_are_told_at_the_root() {
    let mut plan = plan_of(vec![below("A", "B"), below("B", "A"), below("C", "B")]);
    assert_eq!(drawn(&plan), ["outcomes: A B C".to_owned()]);
    plan.changes = (1..2_000).map(|at| below(&format!("{at:04}"), &format!("{:04}", at - 1))).collect();
    let page = super::plan(&plan);
    assert_eq!(page.matches("<details").count(), 1_999);
}

fn drawn(plan: &Plan) -> Vec<String> {
    fn names(branches: &[Branch<'_>]) -> String {
        let one = |branch: &Branch<'_>| match names(&branch.below) {
            below if below.is_empty() => branch.name.clone(),
            below => format!("{}({below})", branch.name),
        };
        branches.iter().map(one).collect::<Vec<_>>().join(" ")
    }
    tree::sections(plan).iter().map(|section| format!("{}: {}", section.id, names(&section.branches))).collect()
}
