//! What survives a restart, a kill, and a second emulator.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{Site, quiet, small};
use crate::{Emulator, EmulatorError, Options, Seed, generate};

fn kept(state: &Path, seed: Value) -> Options {
    Options { state: Some(state.to_owned()), seed: Seed::Document(seed), ..quiet() }
}

/// A copy of the files as a killed process would leave them.
fn copied(from: &Path, to: &Path) {
    for suffix in ["", ".log"] {
        fs::copy(format!("{}{suffix}", from.display()), format!("{}{suffix}", to.display())).unwrap();
    }
}

#[tokio::test]
async fn a_restart_goes_on_where_the_last_run_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let site = Site::start(kept(&path, small())).await;
    let key = [("idempotency-key", "k1")];
    let body = json!({ "name": "n", "code": "NEW" });
    let created = site.ask("POST", "/api/v2/outcomes", &key, &body).await.unwrap().json();
    site.patch("/api/v2/campaigns/c1", json!({ "status": "paused" })).await;
    let before = site.running.state();
    let old_token = site.token.clone();
    site.running.shutdown().await;

    let mut site = Site::start(kept(&path, json!({ "outcomes": [] }))).await;
    assert_eq!(site.running.state(), before, "the state file wins over the seed");
    assert_eq!(site.ask("POST", "/api/v2/outcomes", &key, &body).await.unwrap().json(), created);
    let history = site.get("/api/v2/outbound/campaigns/c1/history").await.json();
    assert_eq!(history["records"].as_array().unwrap().len(), 1);
    site.token = old_token;
    assert_eq!(site.get("/api/v2/outcomes").await.status, 401, "tokens die with the process");
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (path, killed) = (folder.path().join("state.json"), folder.path().join("killed.json"));
    let site = Site::start(kept(&path, small())).await;
    for number in 0..20 {
        assert_eq!(
            site.post("/api/v2/outcomes", json!({ "name": "n", "code": format!("N{number}") })).await.status,
            201
        );
    }
    site.ask("DELETE", "/api/v2/campaigns/c1/outcomes/o2", &[], &Value::Null).await.unwrap();
    copied(&path, &killed);
    // The last write of a killed process may be torn.
    let log = format!("{}.log", killed.display());
    let torn = fs::read_to_string(&log).unwrap() + "[[\"put\",\"outcomes\",{\"id\":\"to";
    fs::write(&log, torn).unwrap();
    let again = Site::start(kept(&killed, json!({}))).await;
    assert_eq!(again.running.state(), site.running.state());
    assert_eq!(again.running.state()["outcomes"].as_array().unwrap().len(), 22);
}

#[tokio::test]
async fn a_log_of_an_older_snapshot_is_not_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, killed) = (folder.path().join("state.json"), folder.path().join("killed.json"));
    let site = Site::start(kept(&path, small())).await;
    site.ask("DELETE", "/api/v2/campaigns/c1/outcomes/o2", &[], &Value::Null).await.unwrap();
    copied(&path, &killed);
    let stale_log = fs::read(format!("{}.log", killed.display())).unwrap();
    drop(site);
    fs::copy(&path, &killed).unwrap();
    fs::write(format!("{}.log", killed.display()), stale_log).unwrap();
    let expected: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let again = Site::start(kept(&killed, json!({}))).await;
    assert_eq!(again.running.state()["assignments"], expected["assignments"]);
}

#[tokio::test]
async fn a_second_emulator_on_one_state_file_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let first = Emulator::start(kept(&path, small())).await.unwrap();
    let second = Emulator::start(kept(&path, small())).await;
    assert!(matches!(second, Err(EmulatorError::InUse { .. })));
    assert!(second.unwrap_err().to_string().contains("in use by another emulator"));
    drop(first);
    assert!(Emulator::start(kept(&path, small())).await.is_ok());
}

#[tokio::test]
async fn a_long_log_becomes_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let site = Site::start(kept(&path, small())).await;
    for number in 0..1_100 {
        let status = if number % 2 == 0 { "paused" } else { "active" };
        assert_eq!(site.patch("/api/v2/campaigns/c1", json!({ "status": status })).await.status, 200);
    }
    let lines = fs::read_to_string(format!("{}.log", path.display())).unwrap().lines().count();
    assert!(lines < 200, "{lines}");
    let document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert!(document["campaigns"][0]["version"].as_u64().unwrap() >= 1_000);
}

#[tokio::test]
async fn the_back_door_gives_and_takes_the_whole_state() {
    let site = Site::seeded(small()).await;
    let state = site.get("/_emulator/state").await.json();
    assert_eq!(state["campaigns"][0]["version"], json!(7));
    let put = site.ask("PUT", "/_emulator/state", &[], &json!({ "outcomes": [] })).await.unwrap();
    assert_eq!(put.status, 204);
    assert_eq!(site.get("/api/v2/outcomes").await.json()["total"], json!(0));
    assert_eq!(site.ask("PUT", "/_emulator/state", &[], &state).await.unwrap().status, 204);
    assert_eq!(site.running.state(), state);
    let wrong = site.ask("PUT", "/_emulator/state", &[], &json!({ "outcomes": [{ "id": 5 }] })).await.unwrap();
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("/outcomes/0"), "{}", wrong.text);
}

#[tokio::test]
async fn a_malformed_seed_is_refused_with_its_place() {
    let seeds = [
        (json!({ "outcomes": [{ "id": "a", "name": "n" }] }), "seed: /outcomes/0: "),
        (json!({ "campaigns": [{ "id": "a", "name": "n", "version": "1" }] }), "seed: /campaigns/0/version: "),
        (json!({ "outcome": [] }), "seed: /: "),
        (json!({ "webhooks": [{ "id": "a", "name": "n" }, { "id": "a", "name": "m" }] }), "seed: /webhooks/1: "),
        (json!({ "assignments": [{ "campaignId": "c", "outcomeId": "o", "sequence": 1 }] }), "seed: /assignments/0: "),
    ];
    for (seed, expected) in seeds {
        let error = Emulator::start(Options { seed: Seed::Document(seed), ..quiet() }).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let odd = json!({ "outcomes": [
        { "id": "a", "name": "n", "code": "X", "parentOutcomeId": "gone" },
        { "id": "b", "name": "n", "code": "X" },
    ] });
    assert!(Emulator::start(Options { seed: Seed::Document(odd), ..quiet() }).await.is_ok(), "living tenants are odd");
}

#[tokio::test]
async fn one_seed_and_one_sequence_of_requests_give_the_same_ids() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let site = Site::seeded(small()).await;
        let mut ids = Vec::new();
        for number in 0..3 {
            let body = json!({ "name": "n", "code": format!("N{number}") });
            ids.push(site.post("/api/v2/outcomes", body).await.json()["id"].clone());
        }
        ids.push(
            site.post("/api/v2/campaigns", json!({ "name": "new", "type": "preview" })).await.json()["id"].clone(),
        );
        runs.push(ids);
    }
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0][0].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn a_generated_seed_is_a_sound_tenant() {
    let seed = generate(500, 1);
    assert_eq!(seed, generate(500, 1));
    let site = Site::seeded(seed).await;
    let state = site.running.state();
    let count = |kind: &str| state[kind].as_array().unwrap().len();
    assert!(count("outcomes") + count("campaigns") + count("callcodes") + count("assignments") >= 500);
    for outcome in state["outcomes"].as_array().unwrap() {
        let path = format!("/api/v2/outcomes/{}", outcome["id"].as_str().unwrap());
        assert_eq!(site.ask("PUT", &path, &[], outcome).await.unwrap().status, 200, "{outcome}");
    }
}

#[tokio::test]
async fn a_stopped_emulator_lets_its_port_go_and_a_missing_seed_is_named() {
    let site = Site::seeded(small()).await;
    let address = site.running.address();
    site.running.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    let missing = Options { seed: Seed::File("no/such/seed.json".into()), ..quiet() };
    let error = Emulator::start(missing).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot read `no/such/seed.json`: "), "{error}");
}
