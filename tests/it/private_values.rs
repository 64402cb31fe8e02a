//! Values of contact selection rules that may be personal data \[004\]: with hash-only they are in no record, whatever happens.

use serde_json::json;

use crate::recorded::{Desk, MANIFEST};

/// Every private value of these tests.
const CANARY: &str = "canary-";

const SETTINGS: &str = "  audit: { filterRules: hash-only }
  notifications:
    - { url: \"http://127.0.0.1:1/nobody\", secret: \"${env.HOOK_SECRET}\" }
";

fn desk() -> Desk {
    let Desk { project, tenant } = Desk::new(SETTINGS);
    Desk { project: project.with("HOOK_SECRET", "shared-secret"), tenant }
}

fn ask_for(desk: &Desk, value: &str) {
    let rules = MANIFEST.replace("a-very-private-value", &format!("{CANARY}{value}"));
    desk.project.write("manifests/all.yaml", rules);
}

#[track_caller]
fn assert_no_record_holds_them(desk: &Desk) {
    for file in std::fs::read_dir(desk.project.path().join(".cxform")).unwrap().map(|file| file.unwrap().path()) {
        if file.is_file() {
            let bytes = std::fs::read(&file).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            let at = text.find(CANARY).map(|at| text[at.saturating_sub(300)..].chars().take(600).collect::<String>());
            assert_eq!(at, None, "{}", file.display());
        }
    }
    let runs = desk.json("runs list");
    for run in runs["runs"].as_array().unwrap() {
        let id = run["id"].as_str().unwrap();
        for command in
            [format!("runs show {id}"), format!("runs show {id} --format json"), format!("audit list --run {id}")]
        {
            let shown = desk.run(&command);
            assert!(!shown.stdout.contains(CANARY), "{command}: {shown}");
        }
    }
    for command in [
        "audit list --format json",
        "audit export --format jsonl",
        "audit export --format csv",
        "audit asof 2999-01-01T00:00:00Z campaign/q4",
        "audit asof 2999-01-01T00:00:00Z campaign/q4 --format json",
    ] {
        let shown = desk.run(command).exits(0);
        assert!(!shown.stdout.contains(CANARY), "{command}: {shown}");
    }
    let trail = desk.run("audit export --format jsonl").stdout;
    assert!(trail.contains("salted-sha256:"), "the rules themselves are there: {trail}");
}

fn patch(rule: serde_json::Value) -> serde_json::Value {
    let mut rule = rule;
    rule["method"] = json!("PATCH");
    rule["path"] = json!("/api/v2/campaigns/*");
    json!([rule])
}

#[test]
fn they_are_in_no_record_of_what_was_applied_refused_or_disputed() {
    let desk = desk();
    ask_for(&desk, "created");
    desk.run("apply --auto-approve").exits(0);
    assert_no_record_holds_them(&desk);

    // A tenant that quotes what it refuses.
    ask_for(&desk, "refused");
    let quoted = json!({ "code": "x", "message": "`canary-refused` is no value",
        "errors": [{ "field": "contactSelection.filterRules", "message": "`canary-refused` is no value" }] });
    desk.tenant.faults(&patch(json!({ "effect": "status", "status": 422, "body": quoted })));
    desk.run("apply --auto-approve").exits(1);
    desk.quick();
    assert_no_record_holds_them(&desk);

    // Somebody else's value is as private.
    ask_for(&desk, "ours");
    desk.run("plan --out disputed.plan").exits(0);
    let theirs = json!({ "contactSelection": { "filterRules": [{ "field": "status", "operator": "eq", "value": "canary-theirs" }] } });
    desk.tenant.by_hand("PATCH", &desk.tenant.named("/api/v2/campaigns/{q4}"), Some(&theirs));
    desk.run("apply disputed.plan --auto-approve").exits(4);
    assert_no_record_holds_them(&desk);
}

#[test]
fn they_are_in_no_record_of_what_was_lost_killed_or_superseded() {
    let desk = desk();
    ask_for(&desk, "created");
    desk.run("apply --auto-approve").exits(0);

    ask_for(&desk, "lost");
    desk.tenant.faults(&patch(json!({ "nth": 1, "effect": "drop-after-commit" })));
    desk.run("apply --auto-approve").exits(0);
    desk.quick();
    assert_no_record_holds_them(&desk);

    ask_for(&desk, "killed");
    let before = desk.tenant.writes().len();
    desk.tenant.faults(&patch(json!({ "effect": "delay", "delayMs": 8_000 })));
    let running = desk.cxform("apply --auto-approve").start();
    desk.until_writes(before + 1);
    running.signal("KILL");
    running.wait();
    desk.quick();
    ask_for(&desk, "next");
    desk.run("apply --auto-approve").exits(0).says(&["Found out: 1 request had not been carried out."]);
    assert_no_record_holds_them(&desk);
}
