//! Tokens: how they are asked for, held, renewed and given up.

use std::time::Duration;

use cxform_model::{Kind, RemoteId};
use cxform_tenant::{Connection, TenantError, TokenStyle};
use serde_json::json;

use crate::server::{Reply, SECRET, Server, TOKEN_PATH};

fn empty() -> Reply {
    Reply::json(200, json!({ "items": [] }))
}

fn unauthorized() -> Reply {
    Reply::json(401, json!({ "code": "unauthorized", "message": "token expired" }))
}

#[tokio::test]
async fn each_style_gets_a_token_and_keeps_the_secret_out_of_the_url() {
    for (style, content_type) in [
        (TokenStyle::Form, "application/x-www-form-urlencoded"),
        (TokenStyle::Basic, "application/x-www-form-urlencoded"),
        (TokenStyle::Json, "application/json"),
    ] {
        let server = Server::start(|_, _| empty()).await;
        let mut config = server.config();
        config.auth.style = style;
        let connection = Connection::new(config).unwrap();
        assert_eq!(connection.reader().list(Kind::Outcome).await, Ok(Vec::new()));
        let all = server.all();
        let (token, list) = (&all[0], &all[1]);
        assert_eq!((token.method.as_str(), token.target.as_str()), ("POST", TOKEN_PATH), "{style:?}");
        assert_eq!(token.headers["content-type"], content_type);
        assert_eq!(token.headers.contains_key("authorization"), style == TokenStyle::Basic);
        assert_eq!(token.body.contains(SECRET), style != TokenStyle::Basic);
        assert_eq!(list.bearer(), "canary-token-1-wombat");
        assert_eq!(list.headers["accept"], "application/json");
        assert!(list.headers["user-agent"].starts_with("cxform/"));
    }
}

#[tokio::test]
async fn many_requests_share_one_token() {
    let server = Server::start(|_, _| empty()).await;
    let connection = server.connect();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let reader = connection.reader();
            tokio::spawn(async move { reader.list(Kind::Outcome).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().is_ok());
    }
    assert_eq!((server.tokens(), server.seen().len()), (1, 20));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_request_repeated() {
    let server =
        Server::start(|seen, _| if seen.bearer().contains("token-1") { unauthorized() } else { empty() }).await;
    let connection = server.connect();
    assert!(connection.reader().list(Kind::Outcome).await.is_ok());
    let bearers: Vec<_> = server.seen().iter().map(|seen| seen.bearer().to_owned()).collect();
    assert_eq!(bearers, ["canary-token-1-wombat", "canary-token-2-wombat"]);
}

#[tokio::test]
async fn a_second_401_is_an_error() {
    let server = Server::start(|_, _| unauthorized()).await;
    let error = server.connect().reader().list(Kind::Outcome).await.unwrap_err();
    assert!(matches!(error, TenantError::Unauthorized(_)), "{error:?}");
    assert_eq!((server.tokens(), server.seen().len()), (2, 2));
}

#[tokio::test]
async fn a_herd_of_401s_costs_one_renewal() {
    let server =
        Server::start(|seen, _| if seen.bearer().contains("token-1") { unauthorized() } else { empty() }).await;
    let connection = server.connect();
    connection.authenticate().await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let reader = connection.reader();
            tokio::spawn(async move { reader.list(Kind::Outcome).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().is_ok());
    }
    assert_eq!(server.tokens(), 2);
}

#[tokio::test]
async fn wrong_credentials_are_clear_and_never_tried_again() {
    let server = Server::raw(|_, _| {
        Reply::json(401, json!({ "error": "invalid_client", "error_description": "unknown client" }))
    })
    .await;
    let connection = server.connect();
    for _ in 0..3 {
        let error = connection.reader().list(Kind::Outcome).await.unwrap_err();
        assert!(matches!(error, TenantError::Credentials(_)), "{error:?}");
        assert!(error.to_string().contains("`invalid_client`: unknown client"), "{error}");
        assert!(error.to_string().contains("check `auth`"), "{error}");
    }
    assert_eq!(server.all().len(), 1);
}

#[tokio::test]
async fn a_token_endpoint_in_trouble_is_asked_again() {
    let server = Server::raw(|seen, before| match before {
        0 => Reply::text(503, "<html>"),
        1 => Reply::cut(),
        2 => Reply::text(429, "").with("retry-after", "0"),
        3 => Reply::token(1),
        _ => {
            assert_ne!(seen.path(), TOKEN_PATH);
            empty()
        }
    })
    .await;
    let connection = server.connect();
    assert!(connection.reader().list(Kind::Outcome).await.is_ok());
    let tokens = connection.statistics().tokens;
    assert_eq!((tokens.requests, tokens.retries, tokens.rate_limited), (4, 3, 1));
}

#[tokio::test]
async fn without_a_token_a_write_is_not_sent_and_not_called_lost() {
    let server = Server::raw(|_, _| Reply::text(503, "down")).await;
    let (campaign, outcome) = (RemoteId("c".into()), RemoteId("o".into()));
    let error = server.connect().writer().unassign(&campaign, &outcome).await.unwrap_err();
    assert!(matches!(error, TenantError::NoToken(_)), "{error:?}");
    assert!(error.is_transient() && !error.may_have_been_applied());
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_short_lived_token_is_renewed_in_time() {
    let server = Server::raw(|seen, before| {
        if seen.path() == TOKEN_PATH {
            Reply::json(200, json!({ "access_token": format!("t{before}"), "expires_in": 1 }))
        } else {
            empty()
        }
    })
    .await;
    let connection = server.connect();
    connection.reader().list(Kind::Outcome).await.unwrap();
    connection.reader().list(Kind::Outcome).await.unwrap();
    tokio::time::sleep(Duration::from_millis(950)).await;
    connection.reader().list(Kind::Outcome).await.unwrap();
    assert_eq!(server.tokens(), 2);
}

#[tokio::test]
async fn a_grant_of_unknown_shape_is_refused_without_quoting_it() {
    let server = Server::raw(|_, _| Reply::json(200, json!({ "accessToken": "canary-9" }))).await;
    let error = server.connect().authenticate().await.unwrap_err();
    assert!(error.to_string().contains("no usable `access_token`"), "{error}");
    assert!(!format!("{error:?}").contains("canary-9"), "{error:?}");
}
