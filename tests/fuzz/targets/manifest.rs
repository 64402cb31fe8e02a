//! Any bytes as a manifest: read, judged by every rule, shown to a person and a program, and never a panic.
#![no_main]

use cxform_manifest::{HumanStyle, Project};
use libfuzzer_sys::fuzz_target;

const PROJECT: &[u8] = b"apiVersion: cxform/v1\nkind: Project\nmetadata: { name: fuzz }\nspec:\n  environments:\n    local: { emulator: {}, variables: { rate: 0.5, list: list_1, lists: [a, b], flag: true, word: '5' } }\n";

fuzz_target!(|bytes: &[u8]| {
    let (project, _) = Project::in_memory(Some(PROJECT), [("manifests/a.yaml", bytes)]);
    let project = project.expect("the project file is sound");
    let validated = project.validate_all(&cxform_rules::Context::default());
    let human = validated.diagnostics.human(&HumanStyle::default());
    let wild = |character: char| character != '\n' && cxform_model::is_unprintable(character);
    assert!(!human.contains(wild), "a terminal could be steered: {human:?}");
    serde_json::to_string(&validated.diagnostics.report(&validated.statistics)).expect("a report is JSON");
});
