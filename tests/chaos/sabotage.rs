//! Makes the saboteur that is loaded in front of the C library, once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where it lies, for `LD_PRELOAD`.
pub fn saboteur() -> &'static str {
    static MADE: OnceLock<String> = OnceLock::new();
    MADE.get_or_init(|| make().to_str().unwrap().to_owned())
}

fn make() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/chaos/saboteur.rs");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // Two programs may make it at once; whoever is last wins, and both are the same.
    let (fresh, made) = (folder.join(format!("saboteur-{}.so", std::process::id())), folder.join("saboteur.so"));
    let mut compiler = Command::new("rustc");
    compiler.args(["--edition", "2021", "--crate-type", "cdylib", "-C", "panic=abort", "-C", "opt-level=1", "-o"]);
    let done = compiler.arg(&fresh).arg(&source).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::rename(&fresh, &made).unwrap();
    made
}
