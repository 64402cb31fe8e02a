//! Canaries: no secret leaves through an error, a log line, a debug view or a URL, however the server echoes it.

use std::io;
use std::sync::{Arc, Mutex};

use cxform_model::{Fields, Kind, RemoteId};
use cxform_tenant::TenantError;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::server::{Reply, SECRET, Seen, Server, TOKEN_PATH};

/// Parts of the client secret and of every token that the test server grants.
const CANARIES: [&str; 4] = ["canary-secret", "canary-token", "quokka", "wombat"];

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary), "{what} shows `{canary}`: {text}");
    }
}

/// Everything that a hostile server could send back from a request.
fn echo(seen: &Seen) -> String {
    let authorization = seen.headers.get("authorization").cloned().unwrap_or_default();
    let spelt: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let hexadecimal: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{authorization} {} {SECRET} {hexadecimal} {spelt} \u{1b}[2J", seen.body)
}

#[tokio::test]
async fn an_echoed_secret_never_comes_out() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    for status in [200, 201, 307, 400, 401, 403, 404, 409, 422, 429, 500, 503] {
        let server = Server::start(move |seen, _| {
            let echo = echo(seen);
            let body = json!({
                "code": echo, "message": echo, "errors": [{"field": echo, "message": echo}],
                "requestId": echo, "requiredScopes": [echo], "id": echo, "items": [echo],
            });
            let header = seen.headers["authorization"].clone();
            Reply::json(status, body)
                .with("x-request-id", header.clone())
                .with("location", format!("https://{}.example/", header.replace(' ', "")))
        })
        .await;
        let connection = server.connect();
        let reader = connection.reader();
        let mut errors: Vec<TenantError> = Vec::new();
        errors.extend(reader.list(Kind::Outcome).await.err());
        errors.extend(reader.one(Kind::Campaign, &RemoteId(SECRET.into())).await.err());
        errors.extend(connection.writer().create(Kind::Outcome, None, &Fields::new(), "k").await.err());
        assert!(!errors.is_empty(), "{status}");
        for error in errors {
            assert_clean("the message", &error.to_string());
            assert_clean("the debug view", &format!("{error:?}"));
            assert!(!error.to_string().contains('\u{1b}'));
        }
        assert_clean("the connection", &format!("{connection:?} {reader:?}"));
        for seen in server.all() {
            assert!(seen.path().contains(SECRET) || !seen.target.contains("canary"), "{}", seen.target);
        }
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("answered") && log.contains("/api/v2/outcomes"), "the log is there: {log}");
    assert_clean("the log", &log);
}

#[tokio::test]
async fn a_token_endpoint_that_echoes_the_credentials_is_not_believed_to_be_harmless() {
    for style in [cxform_tenant::TokenStyle::Form, cxform_tenant::TokenStyle::Basic, cxform_tenant::TokenStyle::Json] {
        for status in [200, 400, 401, 403] {
            let server = Server::raw(move |seen, _| {
                assert_eq!(seen.target, TOKEN_PATH);
                Reply::text(status, echo(seen))
            })
            .await;
            let mut config = server.config();
            config.auth.style = style;
            assert_clean("the configuration", &format!("{config:?}"));
            let error = cxform_tenant::Connection::new(config).unwrap().authenticate().await.unwrap_err();
            assert_clean("the message", &format!("{error} {error:?}"));
            let encoded = "Y2FuYXJ5"; // Base64 of `canary`
            assert!(!format!("{error:?}").contains(encoded), "{error:?}");
        }
    }
}

#[tokio::test]
async fn ids_in_errors_about_listings_are_redacted() {
    let items = json!({ "items": [{ "id": SECRET, "code": "A" }, { "id": SECRET, "code": "B" }] });
    let server = Server::start(move |_, _| Reply::json(200, items.clone())).await;
    let error = server.connect().reader().list(Kind::Outcome).await.unwrap_err();
    assert!(matches!(error, TenantError::Incomplete { .. }));
    assert_clean("the message", &format!("{error} {error:?}"));
}
