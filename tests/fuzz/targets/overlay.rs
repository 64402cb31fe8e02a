//! Two files, one laid over the other: merged, judged, and what is desired does not depend on the order of files.
#![no_main]

use cxform_manifest::Project;
use cxform_rules::Context;
use libfuzzer_sys::fuzz_target;

const PROJECT: &[u8] = b"apiVersion: cxform/v1\nkind: Project\nmetadata: { name: fuzz }\nspec:\n  environments:\n    one: { emulator: {}, overlays: [over] }\n    two: { emulator: {}, overlays: [over, more] }\n";

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.split(|byte| *byte == 0);
    let (base, over, more) = (parts.next().unwrap_or(b""), parts.next().unwrap_or(b""), parts.next().unwrap_or(b""));
    let files = [("manifests/a.yaml", base), ("over/a.yaml", over), ("more/a.yaml", more)];
    let load = |files: [(&str, &[u8]); 3]| {
        let (project, _) = Project::in_memory(Some(PROJECT), files);
        let project = project.expect("the project file is sound");
        let each = |name| project.environment(Some(name)).map(|one| project.load(one, &Context::default(), None).desired);
        ["one", "two"].map(each).map(|loaded| loaded.expect("the environment exists"))
    };
    let [a, b, c] = files;
    let (forth, back) = (load([a, b, c]), load([c, b, a]));
    assert_eq!(forth, back, "the order of files counts");
});
