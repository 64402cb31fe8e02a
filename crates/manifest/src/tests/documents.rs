//! Documents and what they say of each other.

use super::*;

#[test]
fn a_document_without_a_usable_heading_is_told_what_it_lacks() {
    for (text, expected) in [
        ("[]", "1:1 CX006 a document must be a mapping, but this is a list"),
        ("just text", "1:1 CX006 a document must be a mapping, but this is text"),
        (
            "apiVersion: cxform/v2\nkind: Campaign\nmetadata: { name: c }\nspec: {}",
            "1:13 CX010 unknown apiVersion `cxform/v2`",
        ),
        ("apiVersion: cxform/v1\nkind: Campain\nmetadata: { name: c }\nspec: {}", "2:7 CX010 unknown kind `Campain`"),
        ("apiVersion: cxform/v1\nkind: Project\nmetadata: { name: c }\nspec: {}", "2:7 CX010 unknown kind `Project`"),
        ("apiVersion: cxform/v1\nkind: Campaign\nmetadata: {}\nspec: {}", "3:11 CX007 `metadata` has no `name`"),
        (
            "apiVersion: cxform/v1\nkind: Campaign\nmetadata: { name: \" c\" }\nspec: {}",
            "3:19 CX027 `metadata.name` begins or ends with white space",
        ),
        ("apiVersion: cxform/v1\nkind: Campaign\nmetadata: { name: c }", "1:1 CX007 the document has no `spec`"),
        (
            "apiVersion: cxform/v1\nkind: Campaign\nmetadata: { name: c }\nspec:",
            "3:19 CX006 `spec` of Campaign `c` is empty",
        ),
    ] {
        assert_eq!(error(text), expected);
    }
}

#[test]
fn empty_documents_and_comments_are_nothing() {
    for text in ["", "# nothing\n", "---\n---\n", "---\n...\n", "\u{feff}"] {
        assert!(desired(text).objects.is_empty(), "{text:?}");
    }
}

#[test]
fn unknown_keys_come_with_the_nearest_known_one() {
    let loaded = load(&campaign("dialerSetings: {}"));
    assert_eq!(
        lines(&loaded.diagnostics),
        ["manifests/a.yaml:5:3 CX005 unknown key `dialerSetings` in `spec` of a Campaign"]
    );
    assert_eq!(loaded.diagnostics.iter().next().unwrap().hint.as_deref(), Some("did you mean `dialerSettings`?"));
    let loaded = load(&campaign("contactSelection: {}"));
    assert!(loaded.diagnostics.iter().next().unwrap().hint.as_deref().unwrap().contains("SelectionRules"));
    assert_eq!(
        error(&tree("outcomes:\n- { code: A, uiConfig: { colourCode: x } }")),
        "6:28 CX005 unknown key `colourCode` in `uiConfig`"
    );
}

#[test]
fn every_duplicate_names_both_places() {
    let two_trees = named_tree("a", "outcomes: [{ code: A }]") + "---\n" + &named_tree("b", "outcomes: [{ code: A }]");
    let two_rules = selection("a", "campaigns: [c]\ntargetListIds: [x]")
        + "---\n"
        + &selection("b", "campaigns: [c]\ntargetListIds: [x]");
    let two_sets = codes("authority: category\ncategory: X")
        + "---\n"
        + &codes("authority: category\ncategory: X").replace("name: s", "name: s2");
    for (text, rule, place, other) in [
        (two_trees, "CX012", (11, 22), (5, 22)),
        (two_rules, "CX012", (12, 15), (5, 15)),
        (two_sets, "CX012", (12, 14), (5, 14)),
        (campaign("type: preview") + "---\n" + &campaign("type: preview"), "CX011", (9, 19), (3, 19)),
        (codes("codes: [{ code: AA }, { code: AA }]"), "CX012", (5, 33), (5, 19)),
        (campaign("type: preview\ntype: preview"), "CX004", (6, 3), (5, 3)),
        (
            tree("outcomes: [{ code: A }]\nassignments: [{ campaigns: [c], outcomes: [A, A] }]"),
            "CX012",
            (6, 49),
            (6, 46),
        ),
    ] {
        let loaded = load(&text);
        let problem = loaded
            .diagnostics
            .iter()
            .find(|problem| problem.rule.id == rule)
            .unwrap_or_else(|| panic!("{}", human(&loaded.diagnostics)));
        assert_eq!(lines(&loaded.diagnostics).len(), 1, "{}", human(&loaded.diagnostics));
        let at = |place: crate::Place| (place.source.line, place.source.column);
        assert_eq!((at(problem.at.unwrap()), at(problem.related[0].at.unwrap())), (place, other), "{text}");
    }
}

#[test]
fn an_assignment_refers_to_outcomes_of_any_tree_of_the_project() {
    let other = named_tree("other", "outcomes: [{ code: B }]");
    let text =
        tree("outcomes: [{ code: A }]\nassignments: [{ campaigns: [only-on-the-tenant], outcomes: [B], default: B }]");
    assert!(load(&(text.clone() + "---\n" + &other)).desired.is_some());
    let loaded = load(&text);
    assert_eq!(
        lines(&loaded.diagnostics),
        [
            "manifests/a.yaml:6:63 CX013 no tree of the project lists the outcome `B`",
            "manifests/a.yaml:6:76 CX013 no tree of the project lists the outcome `B`",
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_makes_no_reference_wrong_and_hides_no_problem() {
    let text = tree("outcomes: [{ code: A, nmae: x }]\nassignments: [{ campaigns: [c], outcomes: [MISSING] }]");
    let project = project(&[("manifests/a.yaml", &text), ("manifests/b.yaml", "a: [1\nb: 2")]);
    let validated = project.validate_all(&Context::default());
    let found = lines(&validated.diagnostics);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("manifests/a.yaml:5:25 CX005"), "{found:?}");
    assert!(found[1].starts_with("manifests/b.yaml:2:2 CX001"), "{found:?}");
}

#[test]
fn an_entry_reaches_somebody() {
    assert_eq!(
        error(&tree("outcomes: [{ code: A }]\nassignments:\n- outcomes: [A]")),
        "7:5 CX007 an assignment names neither campaigns nor groups"
    );
}

#[test]
fn nobody_is_its_own_ancestor() {
    assert!(error(&tree("outcomes: [{ code: A, parent: A }]")).starts_with("5:33 CX014"));
    let circle = tree("outcomes:\n- { code: A, parent: BB }\n- { code: B, parent: A, children: [{ code: BB }] }");
    let loaded = load(&circle);
    let problem = loaded.diagnostics.iter().next().unwrap();
    assert_eq!(lines(&loaded.diagnostics).len(), 1);
    assert!(lines(&loaded.diagnostics)[0].contains("CX014 outcomes hang in a circle"), "{problem:?}");
    assert_eq!(problem.related.len(), 1);
}

#[test]
fn an_old_name_is_given_up_for_good() {
    assert!(
        error(&tree("outcomes: [{ code: A, previousCode: B }, { code: B }]"))
            .contains("CX015 `outcome/B` is an old name")
    );
    assert!(error(&tree("outcomes: [{ code: A, previousCode: A }]")).contains("CX015"));
    assert!(
        error(&tree("outcomes: [{ code: A, previousCode: X }, { code: B, previousCode: X }]"))
            .contains("two objects were")
    );
    assert!(error(&codes("codes: [{ code: AA, previousCode: A//B }]")).contains("CX015"));
    let renamed = campaign("type: preview").replace("name: c", "name: new, previousNames: [old]");
    let text = renamed + "---\n" + &selection("s", "campaigns: [old]\ntargetListIds: [l]");
    assert!(error(&text).contains("CX015 `campaign/old` is an old name, but still listed"));
}

#[test]
fn only_roots_have_a_parent_and_only_campaigns_have_previous_names() {
    assert!(
        error(&tree("outcomes: [{ code: A, children: [{ code: B, parent: X }] }]"))
            .contains("CX006 `parent` stands on a root only")
    );
    let text = tree("outcomes: []").replace("name: t", "name: t, previousNames: [x]");
    assert!(error(&text).contains("CX005 unknown key `previousNames`"));
}

#[test]
fn defaults_hold_only_what_is_inherited() {
    assert_eq!(
        error(&tree("defaults: { name: X }\noutcomes: []")),
        "5:15 CX006 `name` is not inherited: each node has its own"
    );
}

#[test]
fn annotations_that_cxform_does_not_know_are_told() {
    let with = |annotations: &str| {
        tree("outcomes: []").replace("name: t", &format!("name: t, annotations: {{ {annotations} }}"))
    };
    assert!(error(&with("cxform/protct: \"true\"")).contains("CX022 unknown annotation"));
    assert!(error(&with("cxform/protect: maybe")).contains("CX022"));
    assert!(error(&with("cxform/ignore: uiConfig.ikon")).contains("CX022 `cxform/ignore` names `uiConfig.ikon`"));
}

#[test]
fn a_finding_of_a_rule_points_at_the_offending_value() {
    let spec = "complianceSettings:\n  timeZone: America/New_York\n  pauseRules:\n  - { name: a, startTime: \"08:00\", endTime: \"09:00\" }\n  - { name: b, startTime: \"12:00\", endTime: \"12:00\" }";
    let found = error(&campaign(spec));
    assert!(found.starts_with("9:"), "{found}");
    let found = error(&campaign("dialerSettings: { callRate: 5 }"));
    assert!(found.starts_with("5:31 CX03"), "{found}");
}

#[test]
fn two_entries_that_contradict_each_other_are_told_with_both_places() {
    let text = tree(
        "outcomes: [{ code: A }, { code: B }]
assignments:
- { campaigns: [c], outcomes: [A, B], default: A }
- { campaigns: [c], outcomes: [A, B], default: B }",
    );
    let loaded = load(&text);
    let problem = loaded.diagnostics.iter().find(|problem| problem.severity == cxform_rules::Severity::Error).unwrap();
    assert_eq!(lines(&loaded.diagnostics).len(), 1, "{}", human(&loaded.diagnostics));
    assert_eq!(problem.at.unwrap().source.line, 8);
    assert_eq!(problem.related[0].at.unwrap().source.line, 7);
}
