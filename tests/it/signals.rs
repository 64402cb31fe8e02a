//! Stopping: whatever ends a run, the next one gets the tenant to where the manifests want it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use cxform_emulator::Options;
use serde_json::json;

use crate::project::{Project, Running, options};
use crate::tenant::Tenant;

const OUTCOMES: usize = 40;

/// A run that takes a while: many creates and assignments, every answer late.
fn scene(latency: u64) -> (Tenant, Project) {
    let seed =
        json!({ "campaigns": [{ "id": "c1", "name": "q3", "type": "preview", "status": "draft", "version": 1 }] });
    let tenant = Tenant::start(Options { latency: Duration::from_millis(latency), ..options(seed) });
    let mut manifest = String::from(
        "apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: { name: t }\nspec:\n  assignments: [{ campaigns: [q3] }]\n  outcomes:\n",
    );
    for at in 0..OUTCOMES {
        let _ = writeln!(manifest, "    - {{ code: O{at}, name: Outcome {at}, uiConfig: {{ icon: phone }} }}");
    }
    (tenant, Project::new(&manifest))
}

/// Starts an apply, and comes back when so many writes have reached the tenant.
fn started(tenant: &Tenant, project: &Project, writes: usize) -> Running {
    let running = project.on(tenant, "apply --auto-approve --parallelism 4").start();
    let begun = Instant::now();
    while tenant.writes().len() < writes {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not get anywhere");
        std::thread::sleep(Duration::from_millis(5));
    }
    running
}

#[track_caller]
fn assert_the_next_run_completes_it(tenant: &Tenant, project: &Project) {
    let left = project.on(tenant, "plan --detailed-exitcode").run().exits(2);
    assert!(left.stdout.contains("Plan: "), "{left}");
    project.on(tenant, "apply --auto-approve --quiet").run().exits(0);
    project.on(tenant, "plan --detailed-exitcode").run().exits(0);
    let state = tenant.state();
    assert_eq!(state["outcomes"].as_array().unwrap().len(), OUTCOMES, "each exactly once");
    assert_eq!(state["assignments"].as_array().unwrap().len(), OUTCOMES);
}

#[track_caller]
fn finishes_what_is_in_flight(signal: &str) {
    let (tenant, project) = scene(60);
    let running = started(&tenant, &project, 8);
    running.signal(signal);
    let ended = running.wait().exits(3);
    assert!(ended.stderr.contains("Stopping: requests in flight are finished"), "{ended}");
    for words in ["Interrupted.", "applied", "skipped", "Run "] {
        assert!(ended.stdout.contains(words), "{words}: {ended}");
    }
    let unanswered: Vec<_> = tenant.writes().into_iter().filter(|entry| entry["status"].is_null()).collect();
    assert!(unanswered.is_empty(), "nothing is left half done: {unanswered:?}");
    assert_the_next_run_completes_it(&tenant, &project);
}

#[test]
fn ctrl_c_finishes_what_is_in_flight_and_tells() {
    finishes_what_is_in_flight("INT");
}

#[test]
fn sigterm_of_a_pipeline_does_the_same() {
    finishes_what_is_in_flight("TERM");
}

#[test]
fn a_second_signal_does_not_wait() {
    let (tenant, project) = scene(900);
    let running = started(&tenant, &project, 4);
    running.signal("INT");
    std::thread::sleep(Duration::from_millis(100));
    let second = Instant::now();
    running.signal("INT");
    let ended = running.wait().exits(3);
    assert!(second.elapsed() < Duration::from_millis(600), "it waited for {:?}: {ended}", second.elapsed());
    assert!(ended.stdout.contains("Interrupted."), "{ended}");
}

#[test]
fn a_killed_run_is_completed_by_the_next_one() {
    let (tenant, project) = scene(25);
    for writes in [5, 40, 70] {
        let running = started(&tenant, &project, writes);
        running.signal("KILL");
        assert_eq!(running.wait().code, None);
    }
    assert_the_next_run_completes_it(&tenant, &project);
}

#[test]
fn a_signal_before_anything_is_written_is_1() {
    let (tenant, project) = scene(0);
    let late = json!({ "method": "POST", "path": "*/outcomes", "effect": "status", "status": 400, "delayMs": 400 });
    tenant.faults(&json!([late]));
    let running = started(&tenant, &project, 1);
    running.signal("INT");
    running.wait().exits(1).says(&["failed", "skipped"]);
    assert_eq!(tenant.state()["outcomes"], json!([]));
}
