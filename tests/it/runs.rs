//! What a run leaves behind, and what happens where it can leave nothing.

use std::os::unix::fs::PermissionsExt as _;

use crate::recorded::Desk;

#[test]
fn a_run_is_on_record_and_its_result_carries_the_head_of_the_trail() {
    let desk = Desk::new("");
    let report = desk.json("apply --auto-approve");
    let (id, head) = (report["runId"].as_str().unwrap(), report["auditHead"].as_str().unwrap());
    assert_eq!((head.len(), &report["resumable"]), (64, &false.into()));

    let listed = desk.json("runs list");
    let run = &listed["runs"][0];
    assert_eq!((run["id"].as_str(), run["state"].as_str(), run["head"].as_str()), (Some(id), Some("done"), Some(head)));
    let shown = desk.json(&format!("runs show {}", &id[..13]));
    assert_eq!(shown["steps"].as_array().unwrap().len(), report["steps"].as_array().unwrap().len());
    let stats = desk.json("runs stats");
    assert_eq!((&stats["stats"]["runs"], &stats["stats"]["successRate"]), (&1.into(), &1.0.into()));
    desk.run("runs show last").exits(0).says(&[id, "applied outcome/A:create", head]);

    desk.run("apply --auto-approve").exits(0).says(&["Nothing to do."]);
    assert_eq!(desk.json("runs list")["runs"].as_array().unwrap().len(), 1, "doing nothing leaves no run");

    let mode = |name: &str| desk.project.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(".cxform"), mode(".cxform/store.db")), (0o700, 0o600));
    assert_eq!(desk.project.read(".cxform/.gitignore"), "*\n");
}

#[test]
fn without_a_store_nothing_is_written_unless_somebody_says_so() {
    let desk = Desk::new("");
    // A folder that cannot be made, for root as well.
    desk.project.write(".cxform", "in the way");
    desk.run("apply --auto-approve").exits(1).says(&["the store", "hint: `--no-store`"]);
    assert!(desk.tenant.writes().is_empty());
    desk.run("plan").exits(0);
    let done = desk.run("apply --auto-approve --no-store").exits(0).says(&["preconditions alone protect"]);
    assert!(!done.stdout.contains("Audit head") && !done.stdout.contains("Run "), "{done}");
    assert_eq!(desk.codes(), ["A", "A-1", "A-2"]);
}

#[test]
fn a_saved_plan_is_applied_once_and_a_later_plan_with_the_same_writes_is_another_one() {
    let desk = Desk::new("");
    let empty = desk.tenant.state();
    desk.run("plan --out first.plan").exits(0);
    desk.run("apply first.plan --auto-approve").exits(0);
    let writes = desk.tenant.writes().len();
    desk.run("apply first.plan --auto-approve").exits(1).says(&["the plan is spent", "hint: `cxform plan --out FILE`"]);
    assert_eq!(desk.tenant.writes().len(), writes);

    // The tenant is as it was, so a new plan holds the same writes.
    desk.tenant.by_hand("PUT", "/_emulator/state", Some(&empty));
    desk.run("plan --out second.plan").exits(0);
    let digest =
        |name: &str| serde_json::from_str::<serde_json::Value>(&desk.project.read(name)).unwrap()["digest"].clone();
    assert_eq!(digest("first.plan"), digest("second.plan"));
    desk.run("apply second.plan --auto-approve").exits(0);
    assert_eq!(desk.codes(), ["A", "A-1", "A-2"]);
}

#[test]
fn before_anything_has_run_there_is_nothing_to_see_and_nothing_is_made() {
    let desk = Desk::new("");
    desk.run("runs list").exits(0).says(&["No run is recorded yet."]);
    desk.run("runs show last").exits(1).says(&["no run is recorded yet"]);
    desk.run("audit verify").exits(1).says(&["no write is recorded yet"]);
    assert!(!desk.project.path().join(".cxform").exists());
}
