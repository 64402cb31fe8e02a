//! What happened to a campaign: every page of it, by time and by person, in each form.

use serde_json::{Value, json};

use crate::project::{Project, tenant};
use crate::tenant::Tenant;

/// Six hundred changes, one an hour, more than a page holds; Ada makes every third.
fn remembered() -> Tenant {
    let record = |at: i64| {
        let actor = if at % 3 == 0 { "ada" } else { "=dialer()" };
        json!({ "timestamp": format!("2026-{:02}-{:02}T{:02}:00:00Z", 1 + at / 480, 1 + at / 24 % 20, at % 24),
                "actor": actor, "action": "UPDATE", "version": at + 2,
                "changes": [{ "field": "dialerSettings.callRate", "before": 0.5, "after": 0.6 }] })
    };
    let records: Vec<Value> = (0..600).map(record).collect();
    tenant(json!({
        "campaigns": [
            { "id": "c1", "name": "q3", "type": "predictive", "status": "active", "version": 601, "targetListId": "l" },
            { "id": "c2", "name": "new", "type": "preview", "status": "draft", "version": 1, "targetListId": "l" },
        ],
        "history": { "c1": records },
    }))
}

#[test]
fn every_page_of_a_history_is_read_and_filtered_by_time_and_person() {
    let (tenant, project) = (remembered(), Project::new(""));
    let records = |arguments: &str| {
        let told = project.on(&tenant, &format!("history q3 --format json {arguments}")).run().exits(0).json();
        told["records"].as_array().unwrap().clone()
    };
    assert_eq!(records("").len(), 600);
    let pages = tenant.requests().iter().filter(|one| one["path"].as_str().unwrap().ends_with("history")).count();
    assert_eq!(pages, 3);
    assert_eq!(records("--actor ADA").len(), 200);
    let day = records("--since 2026-01-02T00:00:00Z --until 2026-01-02T23:00:00Z");
    assert_eq!((day.len(), &day[0]["version"], &day[23]["version"]), (24, &json!(26), &json!(49)));
    assert_eq!(records("--since 2026-01-02T00:00:00Z --until 2026-01-02T23:00:00Z --actor ada bob").len(), 8);
    assert!(tenant.writes().is_empty());
}

#[test]
fn people_and_spreadsheets_read_what_changed() {
    let (tenant, project) = (remembered(), Project::new(""));
    let shown = project.on(&tenant, "history q3 --until 2026-01-01T00:30:00Z").run().exits(0).stdout;
    assert_eq!(shown, "2026-01-01T00:00:00Z  v2  ada  UPDATE\n    dialerSettings.callRate  0.5 -> 0.6\n");
    let csv = project.on(&tenant, "history c1 --format csv --until 2026-01-01T01:30:00Z").run().exits(0).stdout;
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines[0], "campaign,id,time,actor,action,version,field,before,after");
    assert_eq!(lines[2], "q3,c1,2026-01-01T01:00:00Z,\"'=dialer()\",UPDATE,3,dialerSettings.callRate,0.5,0.6");
    project.on(&tenant, "history new").run().exits(0).says(&["Nothing is remembered"]);
}

#[test]
fn what_was_written_a_moment_ago_is_there_and_what_is_not_there_is_named() {
    let (tenant, project) = (remembered(), Project::new(""));
    tenant.by_hand("PATCH", "/api/v2/campaigns/c2", Some(&json!({ "name": "newer" })));
    project.on(&tenant, "history newer").run().exits(0).says(&["v2", "\"new\" -> \"newer\""]);
    project.on(&tenant, "history q4").run().exits(1).says(&["no campaign `q4`", "hint:"]);
    project.on(&tenant, "history q3 --since 2026-02-01 --until 2026-01-01").run().exits(1).says(&["--since"]);
    tenant.faults(&json!([{ "method": "GET", "path": "/api/v2/outbound/campaigns/c1/history", "nth": 2, "effect": "status", "status": 404 }]));
    // A page that is missing is never a history that ends early.
    let cut = project.on(&tenant, "history q3").run().exits(1).says(&["incomplete"]);
    assert_eq!(cut.stdout, "");
}
