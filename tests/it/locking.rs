//! One writer per tenant, and what ends its work early.

use serde_json::json;

use crate::recorded::Desk;
use crate::server;

#[test]
fn a_second_writer_waits_and_then_fails_with_the_name_of_the_first() {
    let desk = Desk::new("");
    desk.slow(1);
    let first = desk.cxform("apply --auto-approve").env("GITHUB_ACTOR", "ada").start();
    desk.until_writes(1);
    let second = desk.run("apply --auto-approve --lock-timeout 300ms").exits(1);
    let second = second.says(&["is being written by `ada`", "hint: wait for it"]);
    assert!(second.took.as_millis() >= 300, "{second}");
    desk.run("plan").exits(0).says(&["to create"]);
    desk.run("runs unlock").exits(1).says(&["is being written by `ada`"]);
    // An owner that is dead needs no patience.
    first.signal("KILL");
    first.wait();
    desk.quick();
    desk.run("apply --auto-approve --lock-timeout 0").exits(0);
    desk.run("runs unlock").exits(0);
}

#[test]
fn whom_a_lock_on_this_machine_guards_is_said_once() {
    let desk = Desk::new("");
    let told = |finished: &crate::project::Finished| finished.stderr.contains("on this machine, for this user only");
    assert!(told(&desk.run("apply --auto-approve").exits(0)));
    assert!(!told(&desk.run("apply --auto-approve").exits(0)));
    let desk = Desk::new("  store: \"${env.STORE}\"\n");
    let shared = format!("{}?schema=shared_lock", server::address());
    assert!(!told(&desk.cxform("apply --auto-approve").env("STORE", &shared).run().exits(0)));
}

#[test]
fn two_writers_at_once_do_the_work_once() {
    let desk = Desk::new("");
    let both = [(); 2].map(|()| desk.cxform("apply --auto-approve").start());
    for process in both {
        process.wait().exits(0);
    }
    assert_eq!(desk.codes(), ["A", "A-1", "A-2"]);
    let state = desk.tenant.state();
    assert_eq!(state["campaigns"].as_array().unwrap().len(), 1);
    desk.run("audit verify").exits(0);
}

/// The lock is taken away from a run in the middle of a write: it stops at once, and says why.
fn loses_its_lock(desk: &Desk) {
    desk.slow(2);
    let first = desk.cxform("apply --auto-approve").env("GITHUB_ACTOR", "ada").start();
    desk.until_creates(2);
    desk.run("runs unlock").exits(1).says(&["is being written by `ada`", "--force"]);
    desk.run("runs unlock --force").exits(0).says(&["Freed: it was held by `ada`"]);
    let stopped = first.wait().exits(3);
    stopped.says(&["the lock of the tenant was lost", "`cxform apply --resume` goes on with it"]);
    let creates = desk.tenant.writes().into_iter().filter(|write| write["path"] == "/api/v2/outcomes").count();
    assert_eq!(creates, 2, "nothing was sent after the loss");
    desk.quick();
    assert_eq!(desk.json("runs list")["runs"][0]["state"], "interrupted");
    desk.run("runs unlock").exits(0).says(&["Nobody holds the lock."]);
    desk.run("apply --resume --auto-approve --lock-timeout 0").exits(0);
    assert_eq!(desk.codes(), ["A", "A-1", "A-2"]);
    desk.run("audit verify").exits(0);
}

#[test]
fn a_run_whose_lock_is_taken_away_stops_at_once_and_can_be_resumed() {
    loses_its_lock(&Desk::new(""));
}

#[test]
fn a_run_whose_lock_on_a_server_is_taken_away_stops_at_once_and_can_be_resumed() {
    let Desk { project, tenant } = Desk::new("  store: \"${env.STORE}\"\n");
    let project = project.with("STORE", &format!("{}?schema=lost_lock", server::address()));
    loses_its_lock(&Desk { project, tenant });
}

#[test]
fn a_run_that_is_told_to_stop_at_the_first_failure_starts_nothing_more() {
    let refusal = json!({ "method": "POST", "path": "/api/v2/outcomes", "nth": 2, "effect": "status", "status": 422,
        "body": { "errors": [{ "field": "name", "message": "not today" }] } });
    let desk = Desk::new("");
    desk.tenant.faults(&json!([refusal]));
    let stopped = desk.run("apply --auto-approve --on-failure stop").exits(3);
    stopped.says(&["not today", "the run stopped there: `outcome/A-1` was not created"]);
    assert_eq!((desk.tenant.writes().len(), desk.codes()), (2, vec!["A".to_owned()]));
    let run = desk.json("runs list")["runs"][0].clone();
    assert_eq!((&run["state"], &run["counts"]["failed"]), (&json!("partial"), &json!(1)));
    desk.quick();
    desk.run("apply --auto-approve").exits(0);
    assert_eq!(desk.codes(), ["A", "A-1", "A-2"]);

    // Left to itself, a run goes on with what does not need the step that failed.
    let desk = Desk::new("");
    desk.tenant.faults(&json!([refusal]));
    desk.run("apply --auto-approve").exits(3).says(&["not today"]);
    assert_eq!(desk.codes(), ["A", "A-2"]);
    assert_eq!(desk.tenant.state()["campaigns"].as_array().unwrap().len(), 1);
}
