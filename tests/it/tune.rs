//! Turning dialers that dial: only within a policy, never over the abandon budget, on record, and never on top of somebody
//! else's write.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::project::{Finished, PROJECT, Project, tenant};
use crate::tenant::Tenant;

pub const POLICY: &str = "\
apiVersion: cxform/v1
kind: TuningPolicy
metadata: { name: calm }
spec:
  campaigns: [q3]
  callRate: { between: [0.2, 0.8], lower: 0.3, upper: 0.6 }
";

const CAMPAIGN: &str = "\
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  dialerSettings: { callRate: { between: [0.1, 0.9] } }
";

/// Four quarters of an hour, the last one a minute ago, in which so many answered and were abandoned.
pub fn lately(answer: f64, abandon: f64) -> Value {
    let start = |at: i64| Timestamp::now() - SignedDuration::from_mins(46 - 15 * at);
    let row = |at| {
        json!({ "startTime": start(at).to_string(), "answerRate": answer, "abandonRate": abandon,
                "connectedCalls": 100, "attemptedCalls": 250 })
    };
    json!({ "totalCalls": 5000, "answeredCalls": 2500, "abandonedCalls": 25, "agentUtilization": 70.5,
            "complianceViolations": 0, "entities": [row(0), row(1), row(2), row(3)] })
}

pub fn seed(status: &str, stats: Value) -> Value {
    json!({
        "campaigns": [{ "id": "c1", "name": "q3", "type": "predictive", "status": status, "version": 3,
                        "startDateTime": "2026-01-01T00:00:00Z", "targetListId": "list",
                        "dialerSettings": { "callRate": 0.5, "concurrency": 90 } }],
        "stats": { "c1": stats },
    })
}

struct Scene {
    tenant: Tenant,
    project: Project,
}

impl Scene {
    fn new(stats: Value) -> Self {
        Self { tenant: tenant(seed("active", stats)), project: Project::new(&format!("{POLICY}{CAMPAIGN}")) }
    }

    fn run(&self, arguments: &str) -> Finished {
        self.project.on(&self.tenant, arguments).run()
    }

    fn call_rate(&self) -> f64 {
        self.tenant.state()["campaigns"][0]["dialerSettings"]["callRate"].as_f64().unwrap()
    }

    /// Waits until so many requests with this method and end of the path have come.
    fn until(&self, method: &str, path: &str, count: usize) {
        let begun = Instant::now();
        let came = || {
            let of =
                |request: &&Value| request["method"] == method && request["path"].as_str().unwrap().ends_with(path);
            self.tenant.requests().iter().filter(of).count()
        };
        while came() < count {
            assert!(begun.elapsed() < Duration::from_secs(60), "no {method} {path}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn audit(&self) -> Vec<Value> {
        let exported = self.run("audit export --format jsonl").exits(0).stdout;
        exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[test]
fn what_people_answer_turns_the_call_rate_and_the_evidence_is_on_record() {
    let scene = Scene::new(lately(0.7, 0.005));
    scene.run("tune --once").exits(0).says(&["q3", "tuned", "callRate", "0.5 -> 0.6", "70.0 % answer", "1000 calls"]);
    assert!((scene.call_rate() - 0.6).abs() < 1e-9);
    let writes = scene.tenant.writes();
    assert_eq!(writes.len(), 1, "{writes:#?}");
    let record = &scene.audit()[0];
    assert_eq!(record["before"], json!({ "dialerSettings.callRate": 0.5 }));
    assert_eq!(record["after"], json!({ "dialerSettings.callRate": 0.6 }));
    assert_eq!((&record["versionBefore"], &record["versionAfter"]), (&json!("3"), &json!("4")));
    let evidence = &record["compliance"]["evidence"];
    assert_eq!(
        (&evidence["policy"], &evidence["calls"], &evidence["answerRate"]),
        (&json!("calm"), &json!(1000), &json!(0.7))
    );
    scene.run("audit verify").exits(0);
    scene.run("runs list").exits(0).says(&["tune"]);
    // What was tuned is in sync, so no apply takes it back.
    scene.run("plan --detailed-exitcode").exits(0);
    // A knob that was turned rests, in another process as well.
    scene.run("tune --once").exits(0).says(&["rests until"]);
    assert_eq!(scene.tenant.writes().len(), 1);
}

#[test]
fn an_explanation_turns_nothing_and_leaves_no_record() {
    let scene = Scene::new(lately(0.7, 0.005));
    scene.run("tune --once --explain").exits(0).says(&["would be tuned", "0.5 -> 0.6"]);
    assert!(scene.tenant.writes().is_empty());
    assert!(!scene.project.path().join(".cxform/store.db").exists());
}

#[test]
fn over_the_budget_nothing_goes_up_and_stepping_down_goes_all_the_way() {
    let scene = Scene::new(lately(0.7, 0.03));
    scene.run("tune --once").exits(0).says(&["4.3 % of answered calls are abandoned", "stays"]);
    assert!(scene.tenant.writes().is_empty());
    scene.project.write("manifests/all.yaml", format!("{POLICY}  abandonment: {{ beyond: step-down }}\n{CAMPAIGN}"));
    scene.run("tune --once").exits(0).says(&["0.5 -> 0.2"]);
    assert!((scene.call_rate() - 0.2).abs() < 1e-9);
}

#[test]
fn a_campaign_that_does_not_dial_is_left_alone() {
    let scene = Scene { tenant: tenant(seed("paused", lately(0.7, 0.0))), ..Scene::new(json!({})) };
    scene.run("tune --once").exits(0).says(&["it is paused"]);
    let gone = Project::new(&POLICY.replace("q3", "q4"));
    gone.on(&scene.tenant, "tune --once").run().exits(1).says(&["no such campaign"]);
    assert!(scene.tenant.writes().is_empty());
}

#[test]
fn what_somebody_else_wrote_is_read_before_it_is_decided_again() {
    let scene = Scene::new(lately(0.7, 0.005));
    scene.tenant.faults(
        &json!([{ "method": "GET", "path": "/api/v2/outbound/campaigns/c1/stats", "nth": 1, "effect": "delay", "delayMs": 1500 }]),
    );
    let running = scene.project.on(&scene.tenant, "tune --once").start();
    scene.until("GET", "c1/stats", 1);
    let theirs = json!({ "dialerSettings": { "callRate": 0.4 } });
    assert_eq!(scene.tenant.by_hand("PATCH", "/api/v2/campaigns/c1", Some(&theirs)).0, 200);
    running.wait().exits(0).says(&["tuned", "0.4 -> 0.48"]);
    assert!((scene.call_rate() - 0.48).abs() < 1e-9);
    let results: Vec<_> = scene.audit().iter().map(|record| record["result"].clone()).collect();
    assert_eq!(results, ["refused", "applied"]);
}

#[test]
fn what_a_killed_process_left_in_flight_is_found_out_first_and_counts_as_a_turn() {
    let scene = Scene::new(lately(0.7, 0.005));
    scene.tenant.faults(&json!([
        { "method": "PATCH", "path": "/api/v2/campaigns/c1", "effect": "drop-after-commit" },
        { "method": "GET", "path": "/api/v2/campaigns/c1", "effect": "delay", "delayMs": 1000 },
    ]));
    let running = scene.project.on(&scene.tenant, "tune --once").start();
    scene.until("PATCH", "campaigns/c1", 1);
    running.kill();
    scene.tenant.faults(&json!([]));
    scene.run("tune --once").exits(0).says(&["Found out:", "rests until"]);
    scene.run("apply --resume --auto-approve").exits(0).says(&["Nothing to resume"]);
    assert!((scene.call_rate() - 0.6).abs() < 1e-9);
}

#[test]
fn a_protected_environment_is_tuned_on_approval_only() {
    let scene = Scene::new(lately(0.7, 0.005));
    scene.project.write("cxform.yaml", PROJECT.replace("test: {", "test: { protected: true,"));
    scene.run("tune --once").exits(1).says(&["protected", "--auto-approve"]);
    scene.run("tune --once --explain").exits(0);
    assert!(scene.tenant.writes().is_empty());
    scene.run("tune --once --auto-approve").exits(0);
    assert_eq!(scene.tenant.writes().len(), 1);
}

#[test]
fn a_policy_of_the_project_has_the_last_word() {
    let scene = Scene::new(lately(0.7, 0.005));
    scene.project.write(
        "policies/own.yaml",
        "apiVersion: cxform/v1\nkind: PolicySet\nmetadata: { name: own }\nspec:\n  policies:\n    - id: no-tuning\n      severity: error\n      when: change.action == 'update'\n      deny: change.address == 'campaign/q3'\n      message: nobody tunes\n",
    );
    let ended = scene.run("tune --once");
    assert_eq!(ended.code, Some(1), "{ended}");
    ended.says(&["no-tuning"]);
    assert!(scene.tenant.writes().is_empty());
}

#[test]
fn the_tenant_is_locked_while_a_knob_is_turned_and_free_while_it_only_looks() {
    let scene = Scene::new(lately(0.7, 0.005));
    scene.tenant.faults(
        &json!([{ "method": "PATCH", "path": "/api/v2/campaigns/c1", "nth": 1, "effect": "delay", "delayMs": 1500 }]),
    );
    let running = scene.project.on(&scene.tenant, "tune --interval 600s").start();
    scene.until("PATCH", "campaigns/c1", 1);
    scene.run("apply --auto-approve --lock-timeout 0").exits(1).says(&["is being written by"]);
    scene.run("tune --once --lock-timeout 0").exits(1).says(&["is being written by"]);
    // It goes on looking; nobody waits for that.
    scene.run("apply --auto-approve --lock-timeout 30s").exits(0);
    scene.run("apply --auto-approve --lock-timeout 0").exits(0);
    running.signal("INT");
    running.wait().exits(0).says(&["tuned in run", "0.5 -> 0.6"]);
    assert_eq!(scene.tenant.writes().len(), 1);
}

#[test]
fn it_looks_again_and_again_until_somebody_stops_it() {
    let scene = Scene::new(lately(0.45, 0.005));
    scene.run("tune --interval 1s").exits(1).says(&["--interval"]);
    scene.run("tune").exits(1).says(&["--once"]);
    let running = scene.project.on(&scene.tenant, "tune --interval 10s --format json").start();
    scene.until("GET", "c1/analytics", 1);
    std::thread::sleep(Duration::from_millis(300));
    running.signal("TERM");
    let ended = running.wait().exits(0);
    let line: Value = serde_json::from_str(ended.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(line["campaigns"][0]["result"], "held", "{line:#}");
    // What only reads is not waited for.
    scene.tenant.faults(
        &json!([{ "method": "GET", "path": "/api/v2/outbound/campaigns/c1/stats", "effect": "delay", "delayMs": 60_000 }]),
    );
    let before = scene.tenant.requests().len();
    let running = scene.project.on(&scene.tenant, "tune --once").start();
    while scene.tenant.requests().len() < before + 3 {
        std::thread::sleep(Duration::from_millis(10));
    }
    running.signal("INT");
    running.wait().exits(1).says(&["stopped before anything was turned"]);
    assert!(scene.tenant.writes().is_empty());
}

#[test]
fn undoing_the_last_run_is_not_undoing_a_tuning() {
    let scene = Scene::new(lately(0.7, 0.005));
    scene.run("tune --once").exits(0);
    scene.run("undo last --auto-approve").exits(1).says(&["no run of environment `test` is recorded yet"]);
    let runs = scene.run("runs list --format json").json();
    let id = runs["runs"][0]["id"].as_str().unwrap();
    scene.run(&format!("undo {id} --auto-approve")).exits(0);
    assert!((scene.call_rate() - 0.5).abs() < 1e-9);
}
