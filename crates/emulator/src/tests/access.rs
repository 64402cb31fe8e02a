//! Tokens, scopes, limits, and requests that lead nowhere.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Site, quiet, send, small, token};
use crate::{Emulator, EmulatorError, Options, Quirks, RateLimits};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn every_token_path_and_style_gives_a_token_that_works() {
    let running = Emulator::start(quiet()).await.unwrap();
    let form = "grant_type=client_credentials&client_id=emulator-client&client_secret=emulator-secret";
    let json = json!({ "grant_type": "client_credentials", "client_id": "emulator-client", "client_secret": "emulator-secret" });
    let basic = ("authorization", "Basic ZW11bGF0b3ItY2xpZW50OmVtdWxhdG9yLXNlY3JldA==");
    let ways = [
        ("/api/v2/oauth/token", vec![FORM], form.to_owned()),
        ("/oauth/token", vec![FORM, basic], "grant_type=client_credentials".to_owned()),
        ("/oauth2/token", vec![JSON], json.to_string()),
        ("/oauth2/token", vec![FORM], form.to_owned()),
    ];
    for (path, headers, body) in ways {
        let reply = send(running.address(), "POST", path, &headers, &body).await.unwrap();
        assert_eq!((reply.status, &reply.json()["expires_in"]), (200, &json!(3600)), "{path}: {}", reply.text);
        assert!(reply.json()["scope"].as_str().unwrap().contains("outcomes:read"));
        let bearer = format!("Bearer {}", reply.json()["access_token"].as_str().unwrap());
        let read = send(running.address(), "GET", "/api/v2/outcomes", &[("authorization", &bearer)], "").await.unwrap();
        assert_eq!(read.status, 200, "{path}");
    }
}

#[tokio::test]
async fn bad_token_requests_are_refused_in_oauths_words() {
    let running = Emulator::start(quiet()).await.unwrap();
    let ask = |path: &'static str, body: &'static str| send(running.address(), "POST", path, &[FORM], body);
    let good = "client_id=emulator-client&client_secret=emulator-secret";

    let reply = ask("/api/v2/oauth/token", "grant_type=client_credentials&client_id=x&client_secret=y").await.unwrap();
    assert_eq!((reply.status, &reply.json()["error"]), (401, &json!("invalid_client")));
    let reply = ask("/oauth2/token", "grant_type=password&client_id=emulator-client&client_secret=emulator-secret")
        .await
        .unwrap();
    assert_eq!((reply.status, &reply.json()["error"]), (400, &json!("unsupported_grant_type")));
    let reply = ask("/oauth/token", "grant_type=client_credentials").await.unwrap();
    assert_eq!(reply.status, 401, "basic credentials come in the header alone");
    let query = format!("/api/v2/oauth/token?{good}");
    let reply = send(running.address(), "POST", &query, &[FORM], "grant_type=client_credentials").await.unwrap();
    assert_eq!((reply.status, &reply.json()["error"]), (400, &json!("invalid_request")));
    let reply = send(running.address(), "POST", "/api/v2/oauth/token", &[JSON], "{}").await.unwrap();
    assert_eq!(reply.status, 415);
    assert!(!Value::Array(running.requests()).to_string().contains("emulator-secret"), "the log keeps no secrets");
}

#[tokio::test]
async fn a_missing_unknown_or_expired_token_is_a_401() {
    let site = Site::start(Options { token_ttl: Duration::from_millis(200), ..quiet() }).await;
    assert_eq!(site.get("/api/v2/outcomes").await.status, 200);
    let none = send(site.running.address(), "GET", "/api/v2/outcomes", &[], "").await.unwrap();
    assert_eq!((none.status, none.code().as_str()), (401, "unauthorized"));
    let other = [("authorization", "Bearer guessed")];
    assert_eq!(send(site.running.address(), "GET", "/api/v2/outcomes", &other, "").await.unwrap().status, 401);
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(site.get("/api/v2/outcomes").await.status, 401);
}

#[tokio::test]
async fn a_missing_scope_is_named_and_any_alias_grants_it() {
    let mut site = Site::seeded(small()).await;
    site.token = token(&site.running, "Campaigns:Read%20outcomes:read").await.unwrap();
    assert_eq!(site.get("/api/v2/campaigns/c1").await.status, 200);
    let reply = site.patch("/api/v2/campaigns/c1", json!({ "status": "paused" })).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "insufficient_scope"));
    assert_eq!(reply.json()["requiredScopes"], json!(["campaigns:write"]));
    let reply = site.get("/api/v2/outbound/campaigns/c1/stats").await;
    assert_eq!(reply.json()["requiredScopes"], json!(["outbound:campaigns:stats:read"]));
}

#[tokio::test]
async fn a_client_gets_no_scope_that_it_does_not_own() {
    let options = Options { scopes: Some(vec!["outcomes:read".to_owned()]), ..quiet() };
    let running = Emulator::start(options).await.unwrap();
    assert!(token(&running, "outcomes:write").await.is_none());
    assert!(token(&running, "outcomes:read").await.is_some());
    let unknown = Options { scopes: Some(vec!["outcomes:reed".to_owned()]), ..quiet() };
    assert!(matches!(Emulator::start(unknown).await, Err(EmulatorError::Option { option: "scopes", .. })));
}

#[tokio::test]
async fn outcome_paths_share_a_bucket_and_both_campaign_paths_are_one() {
    let limits = RateLimits::parse("outcomes=3/h,default=2/h").unwrap();
    let site = Site::start(Options { rate_limit: limits, ..Options::default() }).await;
    let mut statuses = Vec::new();
    for path in [
        "/api/v2/outcomes",
        "/api/v2/outcomes/x",
        "/api/v2/outcomes/y",
        "/api/v2/outcomes",
        "/api/v2/campaigns",
        "/api/v2/outbound/campaigns",
        "/api/v2/campaigns",
        "/api/v2/callcodes",
    ] {
        statuses.push(site.get(path).await.status);
    }
    assert_eq!(statuses, [200, 404, 404, 429, 200, 200, 429, 200]);
    let over = site.get("/api/v2/outcomes").await;
    assert_eq!(over.code(), "rate_limited");
    let wait: u64 = over.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=1200).contains(&wait), "{wait}");
}

#[tokio::test]
async fn retry_after_may_be_missing_or_a_date() {
    for (quirk, expected) in [("no-retry-after", None), ("retry-after-date", Some("GMT"))] {
        let quirks = Quirks::parse([quirk]).unwrap();
        let rate_limit = RateLimits::parse("default=1/h").unwrap();
        let site = Site::start(Options { quirks, rate_limit, ..Options::default() }).await;
        site.get("/api/v2/callcodes").await;
        let over = site.get("/api/v2/callcodes").await;
        assert_eq!(over.status, 429);
        assert_eq!(over.header("retry-after").map(|date| &date[date.len() - 3..]), expected);
    }
}

#[tokio::test]
async fn what_leads_nowhere_is_told_apart() {
    let site = Site::seeded(small()).await;
    assert_eq!(site.get("/api/v2/nothing").await.status, 404);
    assert_eq!(site.get("/api/v2/outbound/campaigns/c1/outcomes").await.status, 404, "sub-resources have one path");
    let wrong = site.ask("DELETE", "/api/v2/outcomes/o1", &[], &Value::Null).await.unwrap();
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, PUT")));
    let headers = [("authorization", format!("Bearer {}", site.token))];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let untyped = send(site.running.address(), "POST", "/api/v2/outcomes", &headers, "{}").await.unwrap();
    assert_eq!(untyped.status, 415);
    let list = site.post("/api/v2/outcomes", json!([1])).await;
    assert_eq!((list.status, list.code().as_str()), (400, "invalid_body"));
}

#[tokio::test]
async fn every_answer_carries_its_id_and_duration() {
    let site = Site::seeded(small()).await;
    for path in ["/api/v2/outcomes", "/api/v2/campaigns/c1", "/nowhere", "/_emulator/state"] {
        let reply = site.get(path).await;
        assert!(reply.header("x-request-id").is_some() && reply.header("x-request-duration-ms").is_some(), "{path}");
    }
    let missing = site.get("/api/v2/outcomes/zzz").await;
    assert_eq!(missing.json()["requestId"], json!(missing.header("x-request-id").unwrap()));
}

#[test]
fn rate_limits_are_read_or_refused_with_the_reason() {
    assert_eq!(RateLimits::parse("off").unwrap(), RateLimits::OFF);
    assert_eq!(RateLimits::parse("outcomes=100/s,default=100/min").unwrap(), RateLimits::STANDARD);
    assert_eq!(RateLimits::parse("default=off").unwrap().outcomes, RateLimits::STANDARD.outcomes);
    for wrong in ["", "fast", "outcomes=0/s", "outcomes=5/day", "webhooks=5/s"] {
        assert!(RateLimits::parse(wrong).unwrap_err().to_string().starts_with("rate-limit: "), "{wrong}");
    }
}

#[test]
fn unknown_quirks_are_refused() {
    for wrong in ["shorter-pages", "cursor=lists", "short-pages=outcomes"] {
        assert!(Quirks::parse([wrong]).unwrap_err().to_string().starts_with("quirk: "), "{wrong}");
    }
}
