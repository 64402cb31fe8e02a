//! Reads: what is repeated, what is not, and what a hostile or broken answer does.

use std::time::{Duration, Instant};

use cxform_model::{Endpoint, Kind, RemoteId, Version};
use cxform_tenant::{Connection, TenantError};
use serde_json::json;

use crate::server::{Reply, Server, nowhere};

fn id() -> RemoteId {
    RemoteId("7".into())
}

fn campaign() -> Reply {
    Reply::json(200, json!({ "id": "7", "name": "q3", "version": 4 }))
}

#[tokio::test]
async fn passing_trouble_is_outwaited() {
    let server = Server::start(|_, before| match before {
        0 => Reply::text(503, "<html><title>Busy</title></html>"),
        1 => Reply::cut(),
        2 => Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\"".to_vec()),
        _ => campaign(),
    })
    .await;
    let connection = server.connect();
    let read = connection.reader().one(Kind::Campaign, &id()).await.unwrap().unwrap();
    assert_eq!(read.version, Some(Version(4)));
    let counts = connection.statistics().endpoints[&Endpoint::ReadCampaign];
    assert_eq!((counts.requests, counts.retries), (4, 3));
}

#[tokio::test]
async fn patience_ends() {
    let server = Server::start(|_, _| Reply::text(502, "")).await;
    let error = server.connect().reader().one(Kind::Campaign, &id()).await.unwrap_err();
    assert!(matches!(error, TenantError::Lost { status: Some(502), .. }), "{error:?}");
    assert_eq!(error.to_string(), "`GET /api/v2/campaigns/7` got no usable answer: status 502: the answer has no body");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    for status in [400, 403, 409, 418, 422] {
        let server = Server::start(move |_, _| Reply::text(status, "no")).await;
        let error = server.connect().reader().one(Kind::Campaign, &id()).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(server.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn retry_after_is_honoured_in_seconds_fractions_and_dates() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (wait, least) in [("1", 1.0), ("0.3", 0.3), ("Sun, 06 Nov 1994 08:49:38 GMT", 1.0)] {
        let server = Server::start(move |_, before| match before {
            0 => Reply::text(429, "").with("retry-after", wait).with("date", date),
            _ => campaign(),
        })
        .await;
        let connection = server.connect();
        let start = Instant::now();
        assert!(connection.reader().one(Kind::Campaign, &id()).await.is_ok());
        let seconds = start.elapsed().as_secs_f64();
        assert!((least..least + 1.5).contains(&seconds), "{wait}: {seconds}");
        assert_eq!(connection.statistics().total().rate_limited, 1);
    }
}

#[tokio::test]
async fn a_wait_beyond_the_budget_is_not_begun() {
    let server = Server::start(|_, _| Reply::text(429, "").with("retry-after", "3600")).await;
    let start = Instant::now();
    let error = server.connect().reader().one(Kind::Campaign, &id()).await.unwrap_err();
    let TenantError::RateLimited(refusal) = &error else { panic!("{error:?}") };
    assert_eq!(refusal.retry_after, Some(Duration::from_secs(3600)));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn what_is_not_there_is_none() {
    let server = Server::start(|_, _| Reply::json(404, json!({ "code": "not_found" }))).await;
    let reader = server.connect().reader();
    assert_eq!(reader.one(Kind::Outcome, &id()).await, Ok(None));
    assert_eq!(reader.group("q3 / group").await, Ok(None));
    assert_eq!(reader.desktop(&id()).await, Ok(None));
    assert_eq!(reader.outcome_document(&id()).await, Ok(None));
    assert_eq!(reader.group("..").await, Ok(None));
    assert_eq!(server.seen().len(), 4, "`..` is never sent");
    assert_eq!(server.seen()[1].target, "/api/v2/campaign-groups/q3%20%2F%20group");
    assert!(reader.list(Kind::Outcome).await.is_err(), "a listing that is not there is no empty listing");
}

#[tokio::test]
async fn groups_and_desktops_are_read() {
    let server = Server::start(|seen, _| match seen.path() {
        "/api/v2/campaign-groups/g" => Reply::json(200, json!({ "id": "g", "name": "all", "campaignIds": ["1", 2] })),
        _ => Reply::json(200, json!({ "items": [{ "outcomeId": "o", "sequence": 3, "defaultSelection": true }] })),
    })
    .await;
    let reader = server.connect().reader();
    let group = reader.group("g").await.unwrap().unwrap();
    assert_eq!(group.campaigns, [RemoteId("1".into()), RemoteId("2".into())]);
    let desktop = reader.desktop(&id()).await.unwrap().unwrap();
    assert_eq!((desktop[0].outcome.0.as_str(), desktop[0].sequence, desktop[0].default), ("o", Some(3), true));
}

#[tokio::test]
async fn a_version_may_come_from_the_etag() {
    let body = json!({ "id": "7", "name": "q3" });
    let server = Server::start(move |_, _| Reply::json(200, body.clone()).with("etag", "\"version=9\"")).await;
    let read = server.connect().reader().one(Kind::Campaign, &id()).await.unwrap().unwrap();
    assert_eq!(read.version, Some(Version(9)));
}

#[tokio::test]
async fn a_call_code_is_found_by_filter_and_every_result_is_checked() {
    let server = Server::start(|_, _| {
        let code =
            |id: u64, code: &str, parent: Option<&str>| json!({ "id": id, "code": code, "parentCallCodeId": parent });
        let all = [code(1, "DNC", None), code(2, "DNC", Some("p")), code(3, "OTHER", Some("p"))];
        Reply::json(200, json!({ "items": all, "pageSize": 3 }))
    })
    .await;
    let reader = server.connect().reader();
    let parent = RemoteId("p".into());
    for (parent, query, expected) in [(Some(&parent), "p", "2"), (None, "", "1")] {
        let found = reader.find(Kind::CallCode, "DNC", parent).await.unwrap();
        assert_eq!(found.iter().map(|code| code.id.0.as_str()).collect::<Vec<_>>(), [expected]);
        let seen = server.seen().pop().unwrap();
        assert_eq!((seen.query("filter"), seen.query("parentCallCodeId")), (Some("code%3DDNC"), Some(query)));
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let body = json!({ "code": "insufficient_scope", "message": "no", "requiredScopes": ["outcomes:read"] });
    let server = Server::start(move |_, _| Reply::json(403, body.clone())).await;
    let error = server.connect().reader().list(Kind::Outcome).await.unwrap_err();
    assert!(matches!(error, TenantError::Forbidden(_)), "{error:?}");
    assert_eq!(error.required_scopes(), ["outcomes:read"]);
    let text = error.to_string();
    assert!(text.contains("lacks the scope `outcomes:read`") && text.contains("`auth.scopes`"), "{text}");
}

#[tokio::test]
async fn a_redirect_is_refused_and_the_token_stays_here() {
    let thief = Server::raw(|_, _| campaign()).await;
    let location = format!("{}/steal", thief.base_url);
    let server = Server::start(move |_, _| Reply::text(307, "").with("location", location.clone())).await;
    let error = server.connect().reader().one(Kind::Campaign, &id()).await.unwrap_err();
    assert!(matches!(error, TenantError::Redirected { status: 307, .. }), "{error:?}");
    assert!(error.to_string().contains("`http://127.0.0.1`"), "{error}");
    assert!(thief.all().is_empty());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_gzip_bomb_is_cut_off() {
    let server = Server::start(|_, _| Reply::text(200, bomb(4 << 20)).with("content-encoding", "gzip")).await;
    let mut config = server.config();
    config.answer_limit = 100_000;
    let error = Connection::new(config).unwrap().reader().list(Kind::Outcome).await.unwrap_err();
    assert!(matches!(error, TenantError::TooLarge { limit: 100_000, .. }), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_endless_refusal_is_read_only_so_far() {
    let head = b"HTTP/1.1 400 Bad\r\ncontent-length: 1000000000\r\n\r\n".to_vec();
    let server = Server::start(move |_, _| Reply::Hang([head.clone(), vec![b'x'; 100_000]].concat())).await;
    let start = Instant::now();
    let error = server.connect().reader().list(Kind::Outcome).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(start.elapsed() < Duration::from_secs(3), "it did not wait for the rest");
}

#[tokio::test]
async fn a_gzip_bomb_as_an_error_body_is_cut_off_too() {
    let server = Server::start(|_, _| Reply::text(400, bomb(4 << 20)).with("content-encoding", "gzip")).await;
    let error = server.connect().reader().list(Kind::Outcome).await.unwrap_err();
    assert!(error.refusal().unwrap().body.len() < 4096);
}

/// Zeros, compressed about 150 to 1: one literal, then copies of 258 bytes from one byte back, in fixed Huffman codes.
fn bomb(size: usize) -> Vec<u8> {
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut bits, mut count) = (0_u32, 0);
    let mut push = |value: u32, length: u32| {
        for bit in 0..length {
            bits |= ((value >> bit) & 1) << count;
            count += 1;
            if count == 8 {
                gzip.push(u8::try_from(bits).unwrap());
                (bits, count) = (0, 0);
            }
        }
    };
    push(0b011, 3); // the last block, fixed codes
    push(0b0000_1100, 8); // the literal 0, its code 00110000 from the top bit on
    for _ in 0..size / 258 {
        push(0b1010_0011, 8); // length 258: code 285, 11000101
        push(0, 5); // distance 1
    }
    push(0, 7 + 8); // the end of the block, and the last byte filled up
    gzip
}

#[tokio::test]
async fn a_slow_tenant_is_not_waited_for_without_end() {
    let server = Server::start(|_, _| Reply::Hang(Vec::new())).await;
    let mut config = server.config();
    config.timeouts.total = Duration::from_millis(200);
    config.retry.tries = 2;
    let error = Connection::new(config).unwrap().reader().one(Kind::Campaign, &id()).await.unwrap_err();
    assert!(error.to_string().contains("timed out"), "{error}");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn nobody_there_and_no_tls_there_are_unreachable() {
    let plain = Server::start(|_, _| campaign()).await;
    let tls = plain.base_url.replace("http:", "https:");
    for base_url in [nowhere().await, tls] {
        let mut config = crate::server::config(&base_url);
        config.retry.tries = 2;
        config.timeouts.connect = Duration::from_millis(300);
        let Ok(connection) = Connection::new(config) else { continue }; // no certificate store on this system
        let error = connection.reader().one(Kind::Campaign, &id()).await.unwrap_err();
        let TenantError::NoToken(cause) = &error else { panic!("{error:?}") };
        assert!(matches!(**cause, TenantError::Unreachable { .. }), "{error:?}");
        assert!(error.is_transient());
    }
}

#[tokio::test]
async fn garbage_instead_of_http_is_an_error() {
    let server = Server::start(|_, _| Reply::Raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec())).await;
    let error = server.connect().reader().one(Kind::Campaign, &id()).await.unwrap_err();
    assert!(matches!(error, TenantError::Lost { status: None, .. }), "{error:?}");
}
