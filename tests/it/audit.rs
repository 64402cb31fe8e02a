//! Every write leaves a record that can be read, exported and proven.

use serde_json::Value;

use crate::recorded::{Desk, MANIFEST};

#[test]
fn every_write_has_a_record_that_names_it_as_it_was_sent() {
    let desk = Desk::new("");
    let report = desk.json("apply --auto-approve");
    let records = desk.json("audit list")["records"].as_array().unwrap().clone();
    let lines = |entries: &[Value]| -> Vec<String> {
        entries
            .iter()
            .map(|entry| format!("{} {}", entry["method"].as_str().unwrap(), entry["path"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(lines(&records), lines(&desk.tenant.writes()));
    for record in &records {
        assert_eq!((&record["run"], &record["planDigest"]), (&report["runId"], &report["planDigest"]));
        assert_eq!(record["result"], "applied");
    }
    for (record, write) in records.iter().zip(desk.tenant.writes()) {
        let hash = cxform_record::payload_sha256(write["rawBody"].as_str().unwrap_or_default().as_bytes());
        assert_eq!(record["payloadSha256"], hash.as_str(), "the exact bytes: {write:#}");
    }
    assert_eq!(records.last().unwrap()["hash"], report["auditHead"]);
    let campaign = records.iter().find(|record| record["address"] == "campaign/q4").unwrap();
    assert_eq!(campaign["compliance"]["doNotCall"], true, "{campaign:#}");
    assert_eq!(campaign["before"], Value::Null);
    assert_eq!(campaign["after"]["dialerSettings.callRate"], 0.6);

    let head = report["auditHead"].as_str().unwrap();
    desk.run("audit verify").exits(0).says(&["Whole."]);
    desk.run(&format!("audit verify --head sha256:{head}")).exits(0);
    desk.run(&format!("audit verify --head {}", "0".repeat(64))).exits(1).says(&["Not whole.", "made anew"]);
    desk.run("audit show 1").exits(0).says(&["POST /api/v2/", "hash"]);
}

#[test]
fn the_trail_tells_what_was_configured_when_and_who_put_it_there() {
    let desk = Desk::new("");
    desk.cxform("apply --auto-approve").env("GITHUB_ACTOR", "ada").run().exits(0);
    let between = jiff::Timestamp::now().to_string();
    desk.project.write("manifests/all.yaml", MANIFEST.replace("callRate: 0.6", "callRate: 0.5"));
    desk.cxform("apply --auto-approve").env("GITLAB_USER_LOGIN", "bob").run().exits(0);
    let rate = |time: &str| {
        let state = desk.json(&format!("audit asof {time} campaign/q4"));
        let field = &state["fields"]["dialerSettings.callRate"];
        (field["value"].as_f64().unwrap(), field["putBy"]["actor"].as_str().unwrap().to_owned())
    };
    assert_eq!(rate(&between), (0.6, "ada".to_owned()));
    assert_eq!(rate("2999-01-01T00:00:00Z"), (0.5, "bob".to_owned()));
    desk.run(&format!("audit asof {between} campaign/q4")).exits(0).says(&["dialerSettings.callRate", "by ada"]);
    desk.run("audit asof noon campaign/q4").exits(1);
    let by_bob = desk.json("audit list --actor bob")["records"].as_array().unwrap().len();
    assert_eq!(by_bob, 1);
}

#[test]
fn an_export_is_one_line_a_record() {
    let desk = Desk::new("");
    desk.run("apply --auto-approve").exits(0);
    let count = desk.json("audit list")["records"].as_array().unwrap().len();
    let lines = desk.run("audit export --format jsonl").exits(0).stdout;
    assert_eq!(lines.lines().count(), count);
    assert!(
        lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok_and(|record| record["hash"].is_string()))
    );
    let table = desk.run("audit export --format csv").exits(0).stdout;
    assert!(table.starts_with("seq,time,run,"), "{table}");
    desk.run("audit export --out trail.jsonl --run last").exits(0).says(&["trail.jsonl"]);
    assert_eq!(desk.project.read("trail.jsonl"), lines);
    desk.run("plan --format csv").exits(1).says(&["no `--format csv`"]);
}

#[test]
fn values_of_selection_rules_can_stay_out_of_every_record() {
    let desk = Desk::new("  audit: { filterRules: hash-only }\n");
    desk.run("apply --auto-approve").exits(0);
    let everything = std::fs::read_dir(desk.project.path().join(".cxform")).unwrap();
    for file in everything.map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("a-very-private-value"), "{}", file.display());
    }
    desk.run("audit export --format jsonl").exits(0).says(&["salted-sha256:"]);
    desk.run("undo last --auto-approve").exits(1).says(&["keeps their values as hashes only"]);
}
