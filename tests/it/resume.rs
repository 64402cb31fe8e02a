//! Whatever breaks, the next apply brings the tenant to where it should be, and nothing twice.

use serde_json::{Value, json};

use crate::project::Finished;
use crate::recorded::Desk;
use crate::server;

/// Kills an apply in the middle of its second create of an outcome.
fn killed(desk: &Desk, arguments: &str) {
    desk.slow(2);
    let running = desk.cxform(arguments).start();
    desk.until_creates(2);
    running.signal("KILL");
    assert_eq!(running.wait().code, None);
    desk.quick();
}

#[track_caller]
fn is_done(desk: &Desk) {
    assert_eq!(desk.codes(), ["A", "A-1", "A-2"]);
    let state = desk.tenant.state();
    assert_eq!(state["campaigns"].as_array().unwrap().len(), 1);
    desk.run("plan --detailed-exitcode").exits(0);
    desk.run("audit verify").exits(0);
    let creates = desk.tenant.writes().into_iter().filter(|write| write["method"] == "POST");
    let mut keys: Vec<(String, String)> = creates
        .filter(|write| write["status"].as_u64().is_some_and(|status| status < 300) && write["replayed"] != true)
        .map(|write| (write["path"].to_string(), write["body"].to_string()))
        .collect();
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all, "something was created twice");
}

fn runs(desk: &Desk) -> Vec<Value> {
    desk.json("runs list")["runs"].as_array().unwrap().clone()
}

#[test]
fn a_killed_run_goes_on_under_its_own_id() {
    let desk = Desk::new("");
    killed(&desk, "apply --auto-approve");
    let before = runs(&desk);
    assert_eq!(before[0]["state"], "running");
    let resumed = desk.run("apply --resume --auto-approve").exits(0);
    resumed.says(&["Going on with run", before[0]["id"].as_str().unwrap(), "Applied."]);
    let after = runs(&desk);
    assert_eq!((after.len(), &after[0]["state"], &after[0]["resumes"]), (1, &json!("done"), &json!(1)));
    is_done(&desk);
    desk.run("apply --resume --auto-approve").exits(0).says(&["Nothing to resume"]);
}

#[test]
fn a_plain_apply_plans_anew_and_the_killed_run_gives_way() {
    let desk = Desk::new("");
    killed(&desk, "apply --auto-approve");
    let first = runs(&desk)[0]["id"].clone();
    let applied = desk.run("apply --auto-approve").exits(0);
    applied.says(&["did not come to its end", "gives way", "Found out: 1 request had not been carried out."]);
    let after = runs(&desk);
    assert_eq!(after.len(), 2);
    let old = after.iter().find(|run| run["id"] == first).unwrap();
    let new = after.iter().find(|run| run["id"] != first).unwrap();
    assert_eq!(
        (&old["state"], &old["supersededBy"], &new["state"]),
        (&json!("superseded"), &new["id"], &json!("done"))
    );
    let records = desk.json(&format!("audit list --run {}", first.as_str().unwrap()));
    let last = records["records"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["result"], &last["path"]),
        (&json!("refused"), &json!("/api/v2/outcomes")),
        "a write that never came through has a record too"
    );
    assert_eq!(desk.json(&format!("runs show {}", first.as_str().unwrap()))["inFlight"], json!([]));
    is_done(&desk);
}

#[test]
fn a_write_that_came_through_before_the_kill_is_settled_before_the_next_plan() {
    let desk = Desk::new("");
    let rule = json!({ "method": "POST", "path": "/api/v2/outcomes", "nth": 2, "effect": "drop-after-commit" });
    desk.tenant
        .faults(&json!([rule, { "method": "GET", "path": "/api/v2/outcomes", "effect": "delay", "delayMs": 700 }]));
    let running = desk.cxform("apply --auto-approve").start();
    desk.until_creates(2);
    running.signal("KILL");
    running.wait();
    desk.quick();
    let first = runs(&desk)[0]["id"].as_str().unwrap().to_owned();
    // Somebody who says no leaves it settled all the same.
    desk.cxform("apply").typing("no\n").run().exits(1).says(&["Found out: 1 request had been carried out."]);
    let records = desk.json(&format!("audit list --run {first}"));
    let last = records["records"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["result"], &last["method"]), (&json!("settled"), &json!("POST")));
    let sent = desk.tenant.writes().into_iter().filter(|write| write["path"] == "/api/v2/outcomes").nth(1).unwrap();
    let hash = cxform_record::payload_sha256(sent["rawBody"].as_str().unwrap().as_bytes());
    assert_eq!(last["payloadSha256"], hash.as_str(), "of the body that the dead process sent");
    desk.run("apply --resume --auto-approve").exits(0);
    is_done(&desk);
}

#[test]
fn nothing_gives_way_while_the_tenant_cannot_be_asked() {
    let desk = Desk::new("");
    killed(&desk, "apply --auto-approve");
    desk.tenant.faults(&json!([{ "method": "GET", "path": "/api/v2/outcomes", "effect": "status", "status": 403 }]));
    let writes = desk.tenant.writes().len();
    desk.run("apply --auto-approve").exits(1).says(&["could not be found out", "hint: nothing was written"]);
    assert_eq!((desk.tenant.writes().len(), runs(&desk)[0]["state"].clone()), (writes, json!("running")));
    desk.quick();
    desk.run("apply --resume --auto-approve").exits(0);
    is_done(&desk);
}

#[test]
fn the_same_saved_plan_goes_on_where_it_was_killed() {
    let desk = Desk::new("");
    desk.run("plan --out saved.plan").exits(0);
    killed(&desk, "apply saved.plan --auto-approve");
    desk.run("apply saved.plan --auto-approve").exits(0).says(&["Going on with run"]);
    assert_eq!(runs(&desk).len(), 1);
    is_done(&desk);
    desk.run("apply saved.plan --auto-approve").exits(1).says(&["spent"]);
}

#[test]
fn an_interrupted_run_says_how_to_go_on() {
    let desk = Desk::new("");
    let rule = json!({ "method": "POST", "path": "/api/v2/outcomes", "nth": 2, "effect": "delay", "delayMs": 700 });
    desk.tenant.faults(&json!([rule]));
    let running = desk.cxform("apply --auto-approve").start();
    desk.until_creates(2);
    running.signal("INT");
    let stopped: Finished = running.wait().exits(3);
    stopped.says(&["Interrupted.", "`cxform apply --resume` goes on with it"]);
    assert_eq!(runs(&desk)[0]["state"], "interrupted");
    desk.quick();
    desk.run("apply --resume --auto-approve").exits(0);
    is_done(&desk);
}

#[test]
fn a_team_on_postgresql_resumes_and_proves_as_well() {
    let address = server::address();
    let desk = Desk::new("  store: \"${env.STORE}\"\n");
    let with_store = |arguments: &str| desk.cxform(arguments).env("STORE", &format!("{address}?schema=end_to_end"));
    desk.slow(2);
    let running = with_store("apply --auto-approve").start();
    desk.until_creates(2);
    running.signal("KILL");
    running.wait();
    desk.quick();
    let done = with_store("apply --resume --auto-approve --format json").run().exits(0).json();
    assert_eq!(desk.codes(), ["A", "A-1", "A-2"]);
    let head = done["auditHead"].as_str().unwrap();
    with_store(&format!("audit verify --head {head}")).run().exits(0).says(&["Whole."]);
    assert!(!desk.project.path().join(".cxform").exists(), "a runner without a disk needs none");
    // The address may hold a password: nobody repeats it.
    let refused = desk.cxform("runs list").env("STORE", "postgres://cxform:hunter2@127.0.0.1:1/none").run().exits(1);
    assert!(!refused.stderr.contains("hunter2"), "{refused}");
}
