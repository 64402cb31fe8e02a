//! Intervals for those who plan shifts: every page, in a zone that each line names, and a file that is whole or not there.

use cxform_emulator::Options;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::project::{Project, options, tenant};
use crate::tenant::Tenant;

/// Six hundred quarters of an hour from midnight in New York on, more than a page holds.
fn seed() -> Value {
    let begin: Timestamp = "2026-10-31T04:00:00Z".parse().unwrap();
    let row = |at: i64| {
        json!({ "startTime": (begin + SignedDuration::from_mins(15 * at)).to_string(), "answerRate": 0.5,
                "abandonRate": 0.01, "connectedCalls": 12, "attemptedCalls": 30 })
    };
    let stats = |rows: Vec<Value>| {
        json!({ "totalCalls": 1, "answeredCalls": 1, "abandonedCalls": 0, "agentUtilization": 50,
                "complianceViolations": 0, "entities": rows })
    };
    let campaign = |id: &str, name: &str| json!({ "id": id, "name": name, "type": "preview", "status": "active", "version": 1, "targetListId": "l" });
    json!({
        "campaigns": [campaign("c1", "q3"), campaign("c2", "q4")],
        "stats": { "c1": stats((0..600).map(row).collect()), "c2": stats(vec![row(0)]) },
    })
}

const WEEK: &str = "stats export --from 2026-10-31 --to 2026-11-07 --time-zone America/New_York --out rows.csv";

fn pages(tenant: &Tenant) -> usize {
    tenant.requests().iter().filter(|one| one["path"].as_str().unwrap().ends_with("c1/analytics")).count()
}

#[test]
fn every_interval_of_the_time_is_in_the_file_with_its_zone() {
    let (tenant, project) = (tenant(seed()), Project::new(""));
    let ended = project.on(&tenant, WEEK).run().exits(0);
    assert_eq!(ended.stdout, "");
    assert!(
        ended.stderr.contains("601 intervals of 2 campaigns written to `rows.csv`: 7212 of 18030 calls"),
        "{ended}"
    );
    assert_eq!(pages(&tenant), 3);
    let csv = project.read("rows.csv");
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 1 + 600 + 1 + 1 + 1 + 1);
    assert_eq!(lines[1], "interval,q3,c1,2026-10-31T00:00:00-04:00,America/New_York,30,12,0.5,0.01,0.4000,,");
    assert_eq!(lines[601], "campaign,q3,c1,,America/New_York,18000,7200,,,0.4000,600,0");
    assert_eq!(lines[604], "total,,,,America/New_York,18030,7212,,,0.4000,601,0");
    // The day on which clocks are set back has an hour more.
    let day = WEEK.replace("10-31", "11-01").replace("11-07", "11-02") + " --campaign q3";
    project.on(&tenant, &day).run().exits(0).says(&["100 intervals of 1 campaign"]);
    assert!(tenant.writes().is_empty());
}

#[test]
fn a_file_is_whole_or_as_it_was() {
    let (tenant, project) = (tenant(seed()), Project::new(""));
    project.write("rows.csv", "the old ones");
    tenant.faults(
        &json!([{ "method": "GET", "path": "/api/v2/campaigns/c1/analytics", "nth": 3, "effect": "status", "status": 404 }]),
    );
    project.on(&tenant, WEEK).run().exits(1).says(&["`q3`", "incomplete"]);
    assert_eq!(project.read("rows.csv"), "the old ones");
    let scopes = Some(vec!["campaigns:read".to_owned()]);
    let closed = Tenant::start(Options { scopes, ..options(seed()) });
    project.on(&closed, WEEK).run().exits(1).says(&["nothing was written", "scope"]);
    assert_eq!(project.read("rows.csv"), "the old ones");
    tenant.faults(
        &json!([{ "method": "GET", "path": "/api/v2/campaigns/c2/analytics", "effect": "delay", "delayMs": 60_000 }]),
    );
    let running = project.on(&tenant, WEEK).start();
    let begun = std::time::Instant::now();
    while !tenant.requests().iter().any(|one| one["path"].as_str().unwrap().ends_with("c2/analytics")) {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it does not read");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    running.signal("INT");
    running.wait().exits(1).says(&["stopped", "nothing was written"]);
    assert_eq!(project.read("rows.csv"), "the old ones");
    let left = std::fs::read_dir(project.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".tmp"));
    assert_eq!(left.count(), 0);
}

#[test]
fn what_was_asked_for_wrongly_is_told_before_anything_is_read() {
    let (tenant, project) = (tenant(seed()), Project::new(""));
    for (wrong, said) in [
        (WEEK.replace("New_York", "Gotham"), "no time zone `America/Gotham`"),
        (WEEK.replace("2026-11-07", "2026-10-31"), "`--from` is not before `--to`"),
        (WEEK.replace("2026-11-07", "soon"), "`--to` is `soon`"),
        (WEEK.replace("rows.csv", "nowhere/rows.csv"), "cannot write `nowhere/rows.csv`"),
        (format!("{WEEK} --format prometheus"), "no `--format prometheus`"),
    ] {
        project.on(&tenant, &wrong).run().exits(1).says(&[said]);
    }
    assert!(tenant.requests().is_empty());
    project.on(&tenant, &format!("{WEEK} --campaign q5")).run().exits(1).says(&["no campaign `q5`"]);
}
