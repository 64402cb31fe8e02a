//! What a user would pick instead: Terraform with its built-in `terraform_data`, one resource for each code of the same trees.
//!
//! Terraform talks to no tenant here, since there is no provider; it only compares its own state file. That is in its favour.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::child;
use crate::generated::Generated;
use crate::tenant;

/// As many objects as people have in one state.
const SIZES: [usize; 3] = [500, 1000, 2000];

pub fn all() {
    let found = Command::new("terraform").arg("version").env("CHECKPOINT_DISABLE", "1").output();
    if !found.is_ok_and(|found| found.status.success()) {
        println!("terraform is not on this machine: no comparison\n");
        return;
    }
    println!(
        "{:<34} {:>8} {:>10} {:>10} {:>9}",
        "plan without a change, and", "objects", "terraform", "cxform", "ratio"
    );
    for objects in SIZES {
        let generated = Generated::new(objects);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), configuration(&generated)).unwrap();
        terraform(folder.path(), &["init", "-input=false"], 0);
        let first = terraform(folder.path(), &["apply", "-auto-approve", "-input=false"], 0);
        let plan = || terraform(folder.path(), &["plan", "-detailed-exitcode", "-input=false"], 0);
        let theirs = (0..3).map(|_| plan()).min().unwrap().as_secs_f64();

        let tenant = tenant::start(&generated, Duration::ZERO);
        let arguments = ["plan", "--detailed-exitcode"];
        let ours = child::best_of(3, || child::run(generated.project(), &arguments, Some(&tenant)));
        assert_eq!(ours.code, 0, "there is nothing to change");
        println!(
            "{:<34} {objects:>8} {:>8.0}ms {:>8.0}ms {:>8.0}x",
            format!("  its first apply took {:.1} s", first.as_secs_f64()),
            theirs * 1000.0,
            ours.seconds * 1000.0,
            theirs / ours.seconds
        );
    }
    println!();
}

fn terraform(folder: &Path, arguments: &[&str], code: i32) -> Duration {
    let started = Instant::now();
    let status = Command::new("terraform")
        .args(arguments)
        .current_dir(folder)
        .envs([("CHECKPOINT_DISABLE", "1"), ("TF_IN_AUTOMATION", "1")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(code), "terraform {arguments:?}");
    started.elapsed()
}

/// Parents by reference, so that the trees are trees for Terraform as well.
fn configuration(generated: &Generated) -> String {
    let mut text = String::new();
    let outcomes = generated.seed["outcomes"].as_array().unwrap();
    let places: HashMap<&str, usize> =
        outcomes.iter().enumerate().map(|(at, outcome)| (outcome["id"].as_str().unwrap(), at)).collect();
    for (at, outcome) in outcomes.iter().enumerate() {
        let parent = match outcome["parentOutcomeId"].as_str() {
            Some(parent) => format!("terraform_data.o{}.output.code", places[parent]),
            None => "null".to_owned(),
        };
        let _ = writeln!(
            text,
            "resource \"terraform_data\" \"o{at}\" {{\n  input = {{ code = {}, name = {}, parent = {parent}, retention = {} }}\n}}",
            outcome["code"], outcome["name"], outcome["validationRules"]["retentionPeriodDays"],
        );
    }
    for (kind, name) in [("callcodes", "code"), ("campaigns", "name")] {
        for (at, object) in generated.seed[kind].as_array().unwrap().iter().enumerate() {
            let _ = writeln!(
                text,
                "resource \"terraform_data\" \"{kind}{at}\" {{\n  input = {{ key = {} }}\n}}",
                object[name]
            );
        }
    }
    text
}
