use cxform_model::{Address, Desired, Kind};
use cxform_plan::{Change, Plan};

use super::*;
use crate::views::style::Palette;

const EVIL: &str = "x\"]; click n0 \"javascript:alert(1)\" <script> `#1` end\n\u{202e}";

fn plan_of(changes: &[(Address, Action)]) -> Plan {
    let change = |(address, action): &(Address, Action)| Change {
        address: address.clone(),
        action: *action,
        reason: String::new(),
        source: None,
        fields: Vec::new(),
    };
    Plan { changes: changes.iter().map(change).collect(), ..crate::views::tests::empty() }
}

/// What manifests ask for.
fn desired(manifest: &str) -> Desired {
    let project = "apiVersion: cxform/v1\nkind: Project\nmetadata: { name: acme }\nspec: { defaultEnvironment: local, environments: { local: { emulator: {} } } }\n";
    let files = [("manifests/a.yaml", manifest.as_bytes())];
    let (project, diagnostics) = cxform_manifest::Project::in_memory(Some(project.as_bytes()), files);
    let project = project.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let context = cxform_rules::Context { as_of: jiff::civil::date(2026, 1, 1) };
    let loaded = project.load(project.environment(None).unwrap(), &context, None);
    loaded.desired.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

const MANIFEST: &str = "\
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec:
  outcomes:
    - code: SI
      name: Sales Inquiry
      children:
        - { code: SI-DEMO, name: Demo requested }
        - { code: SI-OLD, name: Legacy, status: INACTIVE }
    - { code: HANGS, name: Elsewhere, parent: ABOVE }
  assignments:
    - { campaigns: [q3], campaignGroups: [EAST], outcomes: [SI-DEMO, HANGS], default: SI-DEMO }
---
apiVersion: cxform/v1
kind: CallCodeSet
metadata: { name: q3 }
spec:
  category: CAMPAIGN_Q3
  codes: [ { code: DNC, name: Do not call, type: FAILURE, children: [ { code: STATE, name: State list, type: FAILURE } ] } ]
";

#[test]
fn codes_hang_below_codes_and_outcomes_stand_on_desktops() {
    let plan = plan_of(&[
        (Address::outcome("SI-DEMO"), Action::Create),
        (Address::outcome("GONE"), Action::Retire),
        (Address::campaign("q3"), Action::Update),
        (Address::assignment("q3", "SI-DEMO"), Action::Assign),
        (Address::assignment("q4", "GONE"), Action::Unassign),
    ]);
    let graph = build(&desired(MANIFEST), Some(&plan));
    insta::assert_snapshot!(text(&graph, Palette::new(false)));
    insta::assert_snapshot!(mermaid(&graph).unwrap());
}

#[test]
fn what_is_picked_comes_with_what_is_above_and_below() {
    let shown = |selectors: &[&str]| {
        let selectors: Vec<Selector> = selectors.iter().map(|one| one.parse().unwrap()).collect();
        text(&build(&desired(MANIFEST), None).picked(&selectors), Palette::new(false))
    };
    assert_eq!(shown(&["outcome/SI-DEMO"]), "Outcomes\n└─ SI  Sales Inquiry\n   └─ SI-DEMO  Demo requested\n");
    let all = shown(&["outcome/SI"]);
    assert!(all.contains("SI-DEMO") && all.contains("SI-OLD") && !all.contains("HANGS"), "{all}");
    assert_eq!(shown(&["campaign/none"]), "");
}

#[test]
fn what_changes_comes_without_its_unchanged_children() {
    let plan = plan_of(&[(Address::outcome("SI"), Action::Update)]);
    let graph = build(&desired(MANIFEST), Some(&plan)).changed();
    assert_eq!(text(&graph, Palette::new(false)), "Outcomes\n└─ SI  Sales Inquiry  [~ update]\n");
}

#[test]
fn no_name_becomes_a_part_of_the_diagram() {
    let plan = plan_of(&[(Address::outcome(EVIL), Action::Create), (Address::assignment(EVIL, EVIL), Action::Assign)]);
    let graph = build(&Desired::default(), Some(&plan));
    let drawn = mermaid(&graph).unwrap();
    for line in drawn.lines().filter(|line| line.trim_start().starts_with('n') && line.contains('[')) {
        let (_, rest) = line.split_once("[\"").unwrap();
        let (label, rest) = rest.split_once("\"]").unwrap();
        assert!([":::create", ":::update", ":::retire", ""].contains(&rest), "{line}");
        let label = label.replace("<br/>", "").replace("<b>", "").replace("</b>", "");
        assert!(!label.contains(['"', '`', '<', '>', '[', '(', '{', ':', '\\', '\u{202e}']), "{line}");
    }
    let shown = text(&graph, Palette::new(true));
    assert!(!shown.contains('\u{202e}') && shown.lines().count() == 6, "{shown}");
}

#[test]
fn a_diagram_that_no_page_draws_is_refused() {
    let changes: Vec<_> = (0..501).map(|at| (Address::outcome(format!("C{at}")), Action::Create)).collect();
    assert!(mermaid(&build(&Desired::default(), Some(&plan_of(&changes[..500])))).is_ok());
    let refused = mermaid(&build(&Desired::default(), Some(&plan_of(&changes)))).unwrap_err();
    assert!(refused.to_string().contains("501 nodes"), "{refused}");
}

#[test]
fn long_chains_are_cut_into_pieces_that_can_be_shown() {
    let mut desired = desired(MANIFEST);
    let (_, object) = desired.objects.iter().find(|(address, _)| address.kind() == Kind::Outcome).unwrap();
    let object = object.clone();
    let code = |at: usize| Address::outcome(format!("D{at:05}"));
    for at in 1..20_000 {
        let parent = cxform_model::Sourced { value: code(at - 1), source: object.source };
        desired.objects.insert(code(at), cxform_model::DesiredObject { parent: Some(parent), ..object.clone() });
    }
    let shown = text(&build(&desired, None), Palette::new(false));
    assert!((0..20_000).step_by(777).all(|at| shown.contains(code(at).key())));
    assert_eq!(shown.matches("D19999").count(), 1);
}
