//! How campaigns are doing: what `stats` says of a tenant, in each of its forms, and what it does where it may not look.

use std::time::{Duration, Instant};

use cxform_emulator::Options;
use serde_json::{Value, json};

use crate::project::{Project, options, tenant};
use crate::tenant::Tenant;

fn seed() -> Value {
    let campaign = |id: &str, name: &str, status: &str| {
        json!({ "id": id, "name": name, "type": "predictive", "status": status, "version": 3,
                "targetListId": "list", "dialerSettings": { "callRate": 0.5 } })
    };
    json!({
        "campaigns": [campaign("c1", "q3", "active"), campaign("c2", "=cmd()", "paused"), campaign("c3", "new", "draft")],
        "stats": {
            "c1": { "totalCalls": 1000, "answeredCalls": 400, "abandonedCalls": 16, "agentUtilization": 83.25,
                    "complianceViolations": 1, "entities": [] },
            "c2": { "totalCalls": 10, "answeredCalls": 5, "abandonedCalls": 0, "agentUtilization": 50,
                    "complianceViolations": 0, "entities": [] },
        },
    })
}

fn project() -> Project {
    Project::new("")
}

#[test]
fn stats_tell_how_campaigns_are_doing() {
    let (tenant, project) = (tenant(seed()), project());
    let shown = project.on(&tenant, "stats q3").run().exits(0);
    // 16 of 400 answered calls are 4 %, and so more than the budget of 3 %.
    for part in ["q3", "active", "1000", "40.0 %", "1.6 %", "0.1 %", "83.2 %", "19.50", "133 % of 3 %"] {
        assert!(shown.stdout.contains(part), "{part}: {shown}");
    }
    assert!(!shown.stdout.contains("new"), "{shown}");
    let all = project.on(&tenant, "stats").run().exits(0);
    assert!(all.stdout.lines().any(|line| line.starts_with("new") && line.contains("draft")), "{all}");
    assert!(tenant.writes().is_empty());
}

#[test]
fn a_csv_of_stats_is_no_formula() {
    let (tenant, project) = (tenant(seed()), project());
    let csv = project.on(&tenant, "stats --format csv").run().exits(0).stdout;
    let line = csv.lines().find(|line| line.contains("cmd")).unwrap();
    assert!(line.contains(",\"'=cmd()\",paused,known,"), "{line}");
    assert_eq!(csv.lines().count(), 4);
}

#[test]
fn stats_for_a_collector_name_every_campaign() {
    let (tenant, project) = (tenant(seed()), project());
    let text = project.on(&tenant, "stats --format prometheus").run().exits(0).stdout;
    for line in [
        r#"cxform_campaign_calls_total{environment="test",campaign="q3",id="c1"} 1000"#,
        r#"cxform_campaign_efficiency_score{environment="test",campaign="q3",id="c1"} 19.5"#,
        r#"cxform_campaign_status{environment="test",campaign="new",id="c3",status="draft"} 1"#,
    ] {
        assert!(text.lines().any(|said| said == line), "{line}\n{text}");
    }
}

#[test]
fn without_the_scope_campaigns_are_unknown_and_that_is_no_error() {
    let scopes = Some(vec!["campaigns:read".to_owned()]);
    let (tenant, project) = (Tenant::start(Options { scopes, ..options(seed()) }), project());
    let shown = project.on(&tenant, "stats").run().exits(0);
    assert!(shown.stdout.contains("unknown: "), "{shown}");
}

#[test]
fn one_campaign_that_fails_does_not_hide_the_others() {
    let (tenant, project) = (tenant(seed()), project());
    tenant.faults(
        &json!([{ "method": "GET", "path": "/api/v2/outbound/campaigns/c2/stats", "effect": "status", "status": 400 }]),
    );
    project.on(&tenant, "stats").run().exits(1).says(&["133 %", "could not be read: "]);
}

#[test]
fn a_campaign_that_is_not_there_is_named() {
    let (tenant, project) = (tenant(seed()), project());
    project.on(&tenant, "stats q3 q4").run().exits(1).says(&["no campaign `q4`"]);
    project.on(&tenant, "stats --watch --format prometheus").run().exits(1).says(&["--watch"]);
    assert!(tenant.writes().is_empty());
}

#[test]
fn a_watch_tells_line_by_line_where_nobody_looks_and_ends_at_a_signal() {
    let (tenant, project) = (tenant(seed()), project());
    let running = project.on(&tenant, "stats q3 --watch=1s --format json").start();
    let reads =
        || tenant.requests().iter().filter(|request| request["path"].as_str().unwrap().ends_with("c1/stats")).count();
    let begun = Instant::now();
    while reads() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not read");
        std::thread::sleep(Duration::from_millis(20));
    }
    running.signal("INT");
    let ended = running.wait().exits(0);
    let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() >= 2 && lines.iter().all(|line| line["campaigns"][0]["totalCalls"] == 1000), "{ended}");
}
