//! The fault script, seen from the other end of the wire.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Site, raw, small};
use crate::FaultScript;

fn outcome(code: &str) -> Value {
    json!({ "name": "n", "code": code })
}

fn codes(site: &Site) -> Vec<String> {
    let state = site.running.state();
    state["outcomes"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_drop_before_commit_changes_nothing_and_says_nothing() {
    let site = Site::seeded(json!({})).await;
    site.script(json!([{ "method": "POST", "path": "/api/v2/outcomes", "nth": 1, "effect": "drop-before-commit" }]));
    assert!(site.ask("POST", "/api/v2/outcomes", &[], &outcome("A")).await.is_none());
    assert_eq!(codes(&site), [] as [&str; 0]);
    assert_eq!(site.post("/api/v2/outcomes", outcome("A")).await.status, 201);
    let logged = &site.running.requests()[1];
    assert_eq!((&logged["fault"], &logged["status"]), (&json!("drop-before-commit"), &Value::Null));
}

#[tokio::test]
async fn a_drop_after_commit_loses_the_answer_alone() {
    let site = Site::seeded(json!({})).await;
    site.script(json!([{ "method": "POST", "nth": 1, "effect": "drop-after-commit" }]));
    let request = format!(
        "POST /api/v2/outcomes HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 23\r\n\r\n{}",
        site.token,
        json!({ "code": "A", "name": "n" })
    );
    assert_eq!(raw(site.running.address(), &request).await, "", "not even a status line");
    assert_eq!(codes(&site), ["A"]);
    let again = site.post("/api/v2/outcomes", outcome("A")).await;
    assert_eq!((again.status, again.code().as_str()), (409, "duplicate_code"));
}

#[tokio::test]
async fn an_idempotency_key_finds_the_create_whose_answer_was_lost() {
    let site = Site::seeded(json!({})).await;
    site.script(json!([{ "method": "POST", "nth": 1, "effect": "drop-after-commit" }]));
    let key = [("idempotency-key", "k1")];
    assert!(site.ask("POST", "/api/v2/outcomes", &key, &outcome("A")).await.is_none());
    let again = site.ask("POST", "/api/v2/outcomes", &key, &outcome("A")).await.unwrap();
    assert_eq!((again.status, &again.json()["code"]), (201, &json!("A")));
    assert_eq!(codes(&site), ["A"]);
    assert_eq!(site.running.requests()[2]["replayed"], json!(true));
}

#[tokio::test]
async fn a_truncated_body_has_the_length_of_the_whole_one() {
    let site = Site::seeded(small()).await;
    site.script(json!([{ "path": "/api/v2/outcomes", "effect": "truncated-body" }]));
    let request = format!("GET /api/v2/outcomes HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", site.token);
    let received = raw(site.running.address(), &request).await;
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
}

#[tokio::test]
async fn an_answer_without_a_body_is_cut_as_a_whole() {
    let site = Site::seeded(small()).await;
    site.script(json!([{ "method": "DELETE", "effect": "truncated-body" }]));
    assert!(site.ask("DELETE", "/api/v2/campaigns/c1/outcomes/o2", &[], &Value::Null).await.is_none());
    assert_eq!(site.running.state()["assignments"], json!([]));
}

#[tokio::test]
async fn a_status_comes_with_headers_and_body_and_may_hide_a_commit() {
    let site = Site::seeded(json!({})).await;
    site.script(json!([
        { "path": "*", "nth": 1, "effect": "status", "status": 503, "headers": { "Retry-After": "2" }, "body": { "oops": 1 } },
        { "path": "*", "nth": 2, "effect": "status", "status": 504, "commit": true },
        { "path": "*", "nth": 3, "effect": "html-body" },
    ]));
    let first = site.post("/api/v2/outcomes", outcome("A")).await;
    assert_eq!((first.status, first.header("retry-after"), first.json()), (503, Some("2"), json!({ "oops": 1 })));
    assert_eq!(codes(&site), [] as [&str; 0]);
    assert_eq!(site.post("/api/v2/outcomes", outcome("A")).await.status, 504);
    assert_eq!(codes(&site), ["A"]);
    let third = site.get("/api/v2/outcomes").await;
    assert_eq!((third.status, third.header("content-type")), (502, Some("text/html")));
    assert_eq!(site.get("/api/v2/outcomes").await.status, 200);
}

#[tokio::test]
async fn nth_and_times_strike_a_run_of_calls_and_delays_add_up() {
    let site = Site::seeded(json!({})).await;
    site.script(json!([
        { "path": "/api/*/outcomes", "effect": "delay", "delayMs": 60, "nth": 1 },
        { "path": "/api/v2/*", "effect": "delay", "delayMs": 60, "nth": 1 },
        { "method": "get", "path": "/api/v2/out*", "nth": 2, "times": 2, "effect": "status", "status": 500 },
    ]));
    let started = Instant::now();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(site.get("/api/v2/outcomes").await.status);
    }
    assert_eq!(statuses, [200, 500, 500, 200]);
    assert!(started.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed() {
    let site = Site::seeded(json!({})).await;
    let run = async |seed: u64| {
        let rules = json!([{ "probability": 0.5, "effect": "status", "status": 500 }]);
        site.running.set_faults(FaultScript::parse(&json!({ "seed": seed, "rules": rules })).unwrap());
        let mut statuses = Vec::new();
        for _ in 0..24 {
            statuses.push(site.get("/api/v2/outcomes").await.status);
        }
        statuses
    };
    let first = run(1).await;
    assert!(first.contains(&200) && first.contains(&500), "{first:?}");
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
}

#[tokio::test]
async fn the_back_door_replaces_the_script() {
    let site = Site::seeded(json!({})).await;
    let rules = json!({ "rules": [{ "effect": "status", "status": 418 }] });
    assert_eq!(site.post("/_emulator/faults", rules).await.status, 204);
    assert_eq!(site.get("/api/v2/outcomes").await.status, 418);
    let wrong = site.post("/_emulator/faults", json!({ "rules": [{}, { "effect": "explode" }] })).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(site.post("/_emulator/faults", json!({ "rules": [] })).await.status, 204);
    assert_eq!(site.get("/api/v2/outcomes").await.status, 200);
}

#[test]
fn a_malformed_rule_is_named_by_its_place() {
    let rules = [
        (json!({ "effect": "explode" }), "explode"),
        (json!({ "effect": "status" }), "needs `status`"),
        (json!({ "effect": "delay" }), "needs `delayMs`"),
        (json!({ "effect": "delay", "delayMs": 1, "probability": 1.5 }), "between 0 and 1"),
        (json!({ "effect": "html-body", "nth": 0 }), "count from 1"),
        (json!({ "effect": "html-body", "pathh": "*" }), "pathh"),
    ];
    for (rule, reason) in rules {
        let error = FaultScript::parse(&json!({ "rules": [rule] })).unwrap_err().to_string();
        assert!(error.starts_with("fault script: /rules/0: ") && error.contains(reason), "{error}");
    }
}
