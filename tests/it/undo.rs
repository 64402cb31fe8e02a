//! Taking back what a run did.

use serde_json::Value;

use crate::recorded::{Desk, MANIFEST};

fn name_of(desk: &Desk, code: &str) -> Value {
    let state = desk.tenant.state();
    state["outcomes"].as_array().unwrap().iter().find(|outcome| outcome["code"] == code).unwrap()["name"].clone()
}

fn rate(desk: &Desk) -> Value {
    desk.tenant.state()["campaigns"][0]["dialerSettings"]["callRate"].clone()
}

#[test]
fn an_undo_writes_what_stood_there_before() {
    let desk = Desk::new("");
    desk.run("apply --auto-approve").exits(0);
    let changed = MANIFEST.replace("name: One", "name: Uno").replace("callRate: 0.6", "callRate: 0.5");
    desk.project.write("manifests/all.yaml", changed);
    let second = desk.json("apply --auto-approve");
    assert_eq!((name_of(&desk, "A-1"), rate(&desk)), ("Uno".into(), 0.5.into()));

    let id = second["runId"].as_str().unwrap();
    desk.cxform(&format!("undo {id}")).typing("no\n").run().exits(1).says(&["Not applied"]);
    assert_eq!(name_of(&desk, "A-1"), "Uno");
    desk.run(&format!("undo {id} --auto-approve")).exits(0).says(&["Applied."]);
    assert_eq!((name_of(&desk, "A-1"), rate(&desk)), ("One".into(), 0.6.into()));
    let run = desk.json("runs list")["runs"][0].clone();
    assert_eq!((run["kind"].as_str(), run["undoes"].as_str()), (Some("undo"), Some(id)));
    desk.run(&format!("undo {id} --auto-approve")).exits(1).says(&["has been undone already"]);
}

#[test]
fn what_was_undone_can_be_done_again_although_the_tenant_remembers_requests() {
    let seed = serde_json::json!({
        "outcomes": [{ "id": "o1", "code": "A", "name": "Alpha", "status": "ACTIVE" }],
        "campaigns": [{ "id": "c1", "name": "q4", "type": "preview", "status": "draft", "version": 1 }],
    });
    let (tenant, project) = (crate::project::tenant(seed), crate::project::Project::new(ASSIGNED));
    let seats = || tenant.state()["assignments"].as_array().unwrap().len();
    let keys = || {
        let assigns = tenant.writes().into_iter().filter(|write| write["method"] == "POST");
        assigns.map(|write| write["idempotencyKey"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (command, expected) in [("apply", 1), ("undo last", 0), ("apply", 1)] {
        project.on(&tenant, &format!("{command} --auto-approve")).run().exits(0);
        assert_eq!(seats(), expected, "{command}");
    }
    let keys = keys();
    assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
}

const ASSIGNED: &str = "\
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: tree }
spec:
  outcomes: [{ code: A }]
  assignments: [{ campaigns: [q4], outcomes: [A] }]
";

#[test]
fn an_undo_never_writes_over_what_somebody_else_did_since() {
    let desk = Desk::new("");
    desk.run("apply --auto-approve").exits(0);
    desk.project.write("manifests/all.yaml", MANIFEST.replace("callRate: 0.6", "callRate: 0.5"));
    desk.run("apply --auto-approve").exits(0);
    let path = desk.tenant.named("/api/v2/campaigns/{q4}");
    let body = serde_json::json!({ "dialerSettings": { "callRate": 0.9 } });
    desk.tenant.by_hand("PATCH", &path, Some(&body));
    desk.run("undo last --auto-approve").exits(4).says(&["conflict", "campaign/q4"]);
    assert_eq!(rate(&desk), 0.9);
}

#[test]
fn what_cannot_be_taken_back_is_said_before_anybody_approves() {
    let desk = Desk::new("");
    let asked = desk.cxform("apply --on-failure rollback").typing("no\n").run().exits(1);
    asked.says(&["not all of it can be", "outcome/A, outcome/A-1, outcome/A-2: it cannot be deleted", "campaign/q4: "]);
    assert!(desk.tenant.writes().is_empty());
}

#[test]
fn a_failure_takes_back_what_was_written_where_somebody_asked_for_that() {
    let desk = Desk::new("");
    desk.run("apply --auto-approve").exits(0);
    let changed = MANIFEST.replace("name: One", "name: Uno").replace("callRate: 0.6", "callRate: 0.5");
    desk.project.write("manifests/all.yaml", changed);
    let refusal = serde_json::json!({ "errors": [{ "field": "dialerSettings.callRate", "message": "not today" }] });
    desk.tenant.faults(&serde_json::json!([
        { "method": "PATCH", "path": "/api/v2/campaigns/*", "effect": "status", "status": 422, "body": refusal }
    ]));
    let ended = desk.run("apply --auto-approve --on-failure rollback").exits(3);
    ended.says(&["not today", "Rolled back."]);
    assert_eq!((name_of(&desk, "A-1"), rate(&desk)), ("One".into(), 0.6.into()));
    assert_eq!(desk.json("runs list")["runs"][0]["state"], "rolled-back");
    desk.run("audit verify").exits(0);
    let records = desk.json("audit list --run last --address outcome/A-1");
    let names: Vec<_> = records["records"].as_array().unwrap().iter().map(|record| &record["after"]["name"]).collect();
    assert_eq!(names, ["Uno", "One"], "what is taken back has a record too");
}
