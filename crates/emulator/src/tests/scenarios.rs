//! The seeds that the repository ships must load.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{Emulator, Options, Seed};

#[tokio::test]
async fn the_sample_seed_is_accepted() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../manifests/emulator/seed.json");
    let document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let running = Emulator::start(Options { seed: Seed::File(path), ..Options::default() }).await.unwrap();
    for kind in ["outcomes", "campaigns", "assignments"] {
        assert_eq!(running.state()[kind].as_array().map(Vec::len), document[kind].as_array().map(Vec::len), "{kind}");
    }
}
