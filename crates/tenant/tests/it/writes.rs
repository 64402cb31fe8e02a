//! Writes: what is sent, what an answer tells, and which failures leave doubt.

use std::time::Duration;

use cxform_model::{CampaignStatus, Endpoint, Field, Fields, Kind, RemoteId, Version};
use cxform_tenant::{ConflictKind, Connection, TenantError};
use serde_json::{Value, json};

use crate::server::{Reply, Server, TOKEN_PATH};

fn id(id: &str) -> RemoteId {
    RemoteId(id.into())
}

fn fields(kind: Kind, values: &[(&str, Value)]) -> Fields<Value> {
    values.iter().map(|(path, value)| (Field::find(kind, path).unwrap(), value.clone())).collect()
}

async fn create(server: &Server) -> Result<cxform_tenant::Answer, TenantError> {
    let fields = fields(Kind::Outcome, &[("code", json!("A")), ("name", json!("a"))]);
    server.connect().writer().create(Kind::Outcome, Some(&id("p")), &fields, "key-1").await
}

#[tokio::test]
async fn a_create_sends_its_key_and_tells_the_object() {
    let server = Server::start(|_, _| {
        Reply::json(201, json!({ "id": "9", "code": "A", "name": "a" })).with("x-request-id", "r-1")
    })
    .await;
    let answer = create(&server).await.unwrap();
    assert_eq!((answer.status, answer.id, answer.request_id.as_deref()), (201, Some(id("9")), Some("r-1")));
    assert_eq!(answer.object.unwrap().key, "A");
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/api/v2/outcomes"));
    assert_eq!(seen.headers["idempotency-key"], "key-1");
    assert_eq!(seen.headers["content-type"], "application/json");
    assert_eq!(seen.json(), json!({ "code": "A", "name": "a", "parentOutcomeId": "p" }));
}

#[tokio::test]
async fn an_answer_with_the_id_alone_is_enough_for_a_create() {
    let server = Server::start(|_, _| Reply::json(201, json!({ "id": "9" }))).await;
    let answer = create(&server).await.unwrap();
    assert_eq!((answer.id, answer.object), (Some(id("9")), None));
}

#[tokio::test]
async fn an_answer_that_may_hide_a_success_is_lost_and_not_repeated() {
    let replies: [fn() -> Reply; 10] = [
        Reply::cut,
        || Reply::Raw(b"HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{".to_vec()),
        || Reply::Hang(Vec::new()),
        || Reply::text(201, "<html>welcome</html>"),
        || Reply::text(201, ""),
        || Reply::json(201, json!({ "ok": true })),
        || Reply::text(408, ""),
        || Reply::text(500, "boom"),
        || Reply::text(504, "<html>"),
        || Reply::text(520, ""),
    ];
    for (number, reply) in replies.into_iter().enumerate() {
        let server = Server::start(move |_, _| reply()).await;
        let mut config = server.config();
        config.timeouts.total = Duration::from_millis(300);
        let writer = Connection::new(config).unwrap().writer();
        let fields = fields(Kind::Campaign, &[("name", json!("a"))]);
        let error = writer.create(Kind::Campaign, None, &fields, "k").await.unwrap_err();
        assert!(error.may_have_been_applied(), "{number}: {error:?}");
        assert!(error.to_string().contains("may or may not have applied it"), "{error}");
        assert_eq!(server.seen().len(), 1, "{number}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_not_lost_and_is_tried_again() {
    // The server grants a token and is gone afterwards.
    let server = Server::raw(|seen, _| {
        assert_eq!(seen.path(), TOKEN_PATH);
        let body = r#"{"access_token":"t","expires_in":3600}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        Reply::Raw(format!("{head}{body}").into_bytes())
    })
    .await;
    let connection = server.connect();
    connection.authenticate().await.unwrap();
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = connection.writer().unassign(&id("c"), &id("o")).await.unwrap_err();
    assert!(matches!(error, TenantError::Unreachable { .. }), "{error:?}");
    assert!(!error.may_have_been_applied());
    assert_eq!(connection.statistics().endpoints[&Endpoint::Unassign].requests, 4);
}

#[tokio::test]
async fn a_rate_limited_write_is_sent_again_with_the_same_key() {
    let server = Server::start(|_, before| match before {
        0 => Reply::text(429, "").with("retry-after", "0"),
        1 => Reply::text(429, "slow down"),
        _ => Reply::json(201, json!({ "id": "9" })),
    })
    .await;
    assert_eq!(create(&server).await.unwrap().retries, 2);
    let keys: Vec<_> = server.seen().iter().map(|seen| seen.headers["idempotency-key"].clone()).collect();
    assert_eq!(keys, ["key-1", "key-1", "key-1"]);
}

#[tokio::test]
async fn conflicts_keep_their_kind_and_code() {
    for (code, kind) in [
        ("version_conflict", ConflictKind::Version),
        ("duplicate_code", ConflictKind::DuplicateKey),
        ("duplicate_name", ConflictKind::DuplicateKey),
        ("already_assigned", ConflictKind::AlreadyAssigned),
        ("default_exists", ConflictKind::DefaultExists),
        ("cycle", ConflictKind::Cycle),
        ("surprise", ConflictKind::Other),
    ] {
        let server = Server::start(move |_, _| Reply::json(409, json!({ "code": code, "message": "m" }))).await;
        let error = create(&server).await.unwrap_err();
        assert!(matches!(&error, TenantError::Conflict(found, _) if *found == kind), "{error:?}");
        assert_eq!(error.refusal().unwrap().code.as_deref(), Some(code));
        assert!(!error.may_have_been_applied());
    }
}

#[tokio::test]
async fn field_errors_are_kept() {
    let body = json!({ "code": "invalid", "errors": [{ "field": "dialerSettings.callRate", "message": "too fast" }] });
    let server = Server::start(move |_, _| Reply::json(422, body.clone())).await;
    let error = create(&server).await.unwrap_err();
    assert_eq!(error.field_errors()[0].field, "dialerSettings.callRate");
    assert!(error.to_string().contains("`dialerSettings.callRate`: too fast"), "{error}");
}

#[tokio::test]
async fn a_campaign_patch_names_its_version_and_204_tells_nothing() {
    let server = Server::start(|_, before| match before {
        0 => Reply::text(204, ""),
        1 => Reply::text(204, "").with("etag", "version=6"),
        _ => Reply::json(200, json!({ "id": "7", "name": "q", "version": 7, "status": "active" })),
    })
    .await;
    let writer = server.connect().writer();
    let changes = fields(Kind::Campaign, &[("dialerSettings.callRate", json!(0.5)), ("targetListId", Value::Null)]);
    let silent = writer.update_campaign(&id("7"), Version(4), &changes).await.unwrap();
    assert_eq!((silent.status, silent.object, silent.version), (204, None, None));
    let tagged = writer.update_campaign(&id("7"), Version(5), &changes).await.unwrap();
    assert_eq!((tagged.object, tagged.version), (None, Some(Version(6))));
    let whole = writer.transition(&id("7"), Version(6), CampaignStatus::Active).await.unwrap();
    assert_eq!(whole.version, Some(Version(7)));
    assert_eq!(whole.object.unwrap().value("status"), Some(&json!("active")));
    let seen = server.seen();
    assert_eq!(seen[0].method, "PATCH");
    assert_eq!(seen[0].headers["if-match"], "version=4");
    assert_eq!(seen[0].json(), json!({ "dialerSettings": { "callRate": 0.5 }, "targetListId": null }));
    assert_eq!(seen[2].json(), json!({ "status": "active" }));
    assert_eq!(seen[2].headers["if-match"], "version=6");
}

#[tokio::test]
async fn a_put_sends_back_what_it_does_not_know() {
    let stored = json!({
        "id": "1", "code": "A", "name": "old", "vendorFlag": [1, {"x": null}], "createdAt": "t",
        "validationRules": { "retentionPeriodDays": 30, "secretRule": true }, "uiConfig": { "icon": "i" },
    });
    let expected = {
        let mut whole = stored.clone();
        whole["name"] = json!("new");
        whole["validationRules"]["retentionPeriodDays"] = json!(90);
        whole["parentOutcomeId"] = json!("p");
        whole
    };
    let server = Server::start(move |_, _| Reply::json(200, stored.clone())).await;
    let connection = server.connect();
    let (outcome, document) = connection.reader().outcome_document(&id("1")).await.unwrap().unwrap();
    assert_eq!(outcome.value("name"), Some(&json!("old")));
    let changes = fields(Kind::Outcome, &[("name", json!("new")), ("validationRules.retentionPeriodDays", json!(90))]);
    connection.writer().update_outcome(document, &changes, Some(Some(&id("p")))).await.unwrap();
    let put = &server.seen()[1];
    assert_eq!((put.method.as_str(), put.target.as_str()), ("PUT", "/api/v2/outcomes/1"));
    assert_eq!(put.json(), expected);
}

#[tokio::test]
async fn desktop_settings_and_assignments_have_calls_of_their_own() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "DELETE" => Reply::text(204, ""),
        "POST" => Reply::json(201, json!({ "outcomeId": "o", "sequence": 2, "defaultSelection": true })),
        _ => Reply::json(200, json!({ "uiConfig": {} })),
    })
    .await;
    let writer = server.connect().writer();
    let icon = fields(Kind::Outcome, &[("uiConfig.icon", json!("i"))]);
    let merged = writer.update_desktop(&id("o"), &icon).await.unwrap();
    assert_eq!((merged.status, merged.object), (200, None), "an answer that is no outcome has to be read back");
    let assigned = writer.assign(&id("c"), &id("o"), 2, true, "k").await.unwrap().assignment.unwrap();
    assert_eq!((assigned.sequence, assigned.default), (Some(2), true));
    writer.reassign(&id("c"), &id("o"), Some(3), None).await.unwrap();
    assert_eq!(writer.unassign(&id("c"), &id("o")).await.unwrap().status, 204);
    let seen: Vec<_> =
        server.seen().iter().map(|seen| format!("{} {} {}", seen.method, seen.target, seen.json())).collect();
    assert_eq!(
        seen,
        [
            r#"PATCH /api/v2/outcomes/o/desktop-config {"uiConfig":{"icon":"i"}}"#,
            r#"POST /api/v2/campaigns/c/outcomes {"defaultSelection":true,"outcomeId":"o","sequence":2}"#,
            r#"PATCH /api/v2/campaigns/c/outcomes/o {"sequence":3}"#,
            "DELETE /api/v2/campaigns/c/outcomes/o null",
        ]
    );
}

#[tokio::test]
async fn a_write_with_an_old_token_is_repeated_once() {
    let server = Server::start(|seen, _| {
        if seen.bearer().contains("token-1") { Reply::text(401, "") } else { Reply::json(201, json!({ "id": "9" })) }
    })
    .await;
    assert_eq!(create(&server).await.unwrap().retries, 1);
    assert_eq!(server.seen().len(), 2);
}
