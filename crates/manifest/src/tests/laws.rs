//! Laws that hold for every input.

use proptest::prelude::*;

use super::*;
use crate::yaml;

/// Reads, checks and shows arbitrary bytes as a manifest and as a project.
fn survive(bytes: &[u8]) {
    for (project, file) in [(PROJECT.as_bytes(), bytes), (bytes, MANUAL.as_bytes())] {
        let (project, diagnostics) = Project::in_memory(Some(project), [("manifests/a.yaml", file)]);
        let shown = match project {
            Some(project) => {
                let validated = project.validate_all(&Context::default());
                let report = validated.diagnostics.report(&validated.statistics);
                assert_eq!(report.valid, !validated.diagnostics.has_errors());
                validated.diagnostics
            }
            None => diagnostics,
        };
        for problem in &shown {
            if let Some(place) = problem.at {
                assert!(place.start <= place.end && place.source.line > 0 && place.source.column > 0, "{problem:?}");
            }
        }
        human(&shown);
    }
}

/// The manual with some bytes changed.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let at = 0..MANUAL.len();
    proptest::collection::vec((at, 0..6_u8, any::<u8>()), 1..6).prop_map(|changes| {
        let mut bytes = MANUAL.as_bytes().to_vec();
        for (at, change, byte) in changes {
            let at = at.min(bytes.len().saturating_sub(1));
            match change {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, byte),
                3 => bytes.insert(at, b"\t\n {}[]:,&*!|>'\"%#-$"[usize::from(byte) % 20]),
                4 => bytes.truncate(at.max(1)),
                _ => drop(bytes.splice(at..at, b"${var.x}".iter().copied())),
            }
        }
        bytes
    })
}

/// Words that matter in manifests, in any order.
fn soup() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "apiVersion: cxform/v1",
        "kind:",
        "Campaign",
        "DispositionTree",
        "CallCodeSet",
        "SelectionRules",
        "metadata:",
        "name:",
        "spec:",
        "outcomes:",
        "codes:",
        "code:",
        "children:",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "\n",
        "\n  ",
        "\n    ",
        "null",
        "${var.rate}",
        "${var.lists}",
        "&a ",
        "*a",
        "<<: ",
        "between: ",
        "1",
        "012",
        "x",
        "defaults:",
        "assignments:",
        "parent:",
        "---\n",
        "\u{202e}",
    ]);
    proptest::collection::vec(words, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        survive(text.as_bytes());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in any::<Vec<u8>>()) {
        survive(&bytes);
    }

    #[test]
    fn a_damaged_manifest_never_panics(bytes in mutated()) {
        survive(&bytes);
    }

    #[test]
    fn a_soup_of_words_never_panics(text in soup()) {
        survive(text.as_bytes());
    }

    #[test]
    fn every_place_is_on_a_character_boundary(text in soup()) {
        let mut sink = crate::diagnostic::Sink::default();
        let mut budget = crate::limits::Budget::new(10_000);
        let parsed = yaml::parse(cxform_model::FileId(0), &text, &mut budget, &mut sink);
        for document in &parsed.documents {
            document.root.visit(&mut |node| {
                assert!(text.get(node.place.start as usize..node.place.end as usize).is_some(), "{:?}", node.place);
            });
        }
    }

    /// Which document stands in which file changes nothing but the places.
    #[test]
    fn the_order_of_files_is_irrelevant(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let documents = [
            named_tree("a", "outcomes: [{ code: A, children: [{ code: AA, previousCode: X }] }]\ndefaults: { uiConfig: { icon: i } }"),
            named_tree("b", "outcomes: [{ code: B, parent: AA }]"),
            named_tree("d", "assignments: [{ campaigns: [c], outcomes: [AA, B], default: B }]"),
            codes("category: X\ncodes: [{ code: AA, children: [{ code: BB }] }]"),
            campaign("type: preview"),
            selection("r", "campaigns: [c, e]\ntargetListIds: [l]"),
        ];
        let names = ["1", "2", "3", "4", "5", "6"].map(|name| format!("manifests/{name}.yaml"));
        let read = |order: &[usize]| {
            let files: Vec<_> = order.iter().zip(&names).map(|(&at, name)| (name.as_str(), documents[at].as_str())).collect();
            let project = project(&files);
            let loaded = project.load(project.environment(None).unwrap(), &Context::default(), None);
            placeless(&loaded.desired.unwrap_or_else(|| panic!("{}", human(&loaded.diagnostics))))
        };
        prop_assert_eq!(read(&order), read(&[0, 1, 2, 3, 4, 5]));
    }
}

/// Everything that is desired, without the places.
fn placeless(desired: &Desired) -> Vec<String> {
    let mut all: Vec<String> = desired
        .objects
        .iter()
        .map(|(address, object)| {
            let fields: Vec<_> = object.fields.iter().map(|(field, wanted)| (field, &wanted.setting)).collect();
            let previous: Vec<_> = object.previous.iter().map(|previous| &previous.value).collect();
            format!(
                "{address} {fields:?} {previous:?} {:?} {}",
                object.parent.as_ref().map(|parent| &parent.value),
                object.declared
            )
        })
        .collect();
    all.extend(desired.desktops.iter().map(|entry| {
        let codes: Vec<_> = entry.outcomes.iter().map(|outcome| &outcome.value).collect();
        format!("{codes:?} {:?}", entry.default.as_ref().map(|default| &default.value))
    }));
    all
}
