//! The addresses, and the order in which a request is looked at: nothing is read of a body before its headers are in order,
//! and nothing is believed of it before it is proven.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use cxform_record::{Reception, Store, StoreError};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::clerk::Desk;
use super::keys::{Keys, Stranger, only};
use super::meter::{Meter, Reason};
use super::told::{self, Fault, Takes};

/// The largest body.
const LARGEST: usize = 256 * 1024;
/// How long a body may take to arrive.
const BODY: Duration = Duration::from_secs(10);
/// How long an event may take to be stored before its sender is sent away.
const STORING: Duration = Duration::from_secs(20);
/// When a sender is asked to come back, in seconds.
const RETRY_AFTER: u32 = 5;
/// How long an answer about the store holds: asking it writes.
const FRESH: Duration = Duration::from_secs(1);

/// What every request needs.
#[derive(Debug)]
pub(super) struct App {
    pub(super) keys: Keys,
    pub(super) desk: Desk,
    pub(super) store: Store,
    pub(super) meter: Arc<Meter>,
    pub(super) looked: Mutex<Option<(Instant, bool)>>,
}

pub(super) fn router(app: Arc<App>) -> Router {
    let takes = |takes: Takes| {
        post(async move |State(app): State<Arc<App>>, request: Request| answer(&app, takes, request).await)
    };
    Router::new()
        .route("/webhooks/mapping-sync", takes(Takes::Mappings))
        .route("/webhooks/campaign", takes(Takes::Campaigns))
        .route("/webhooks", takes(Takes::Any))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback(async |State(app): State<Arc<App>>| {
            app.refuse(Refusal::new(
                Reason::NoSuchPlace,
                StatusCode::NOT_FOUND,
                "not_found",
                "there is nothing at this address",
            ))
        })
        .method_not_allowed_fallback(async |State(app): State<Arc<App>>| {
            let message = "this address takes another method";
            app.refuse(Refusal::new(Reason::NoSuchPlace, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message))
        })
        .with_state(app)
}

/// Why a request is answered with anything else than `200`.
struct Refusal {
    reason: Reason,
    status: StatusCode,
    code: &'static str,
    message: String,
    faults: Vec<Fault>,
}

impl Refusal {
    fn new(reason: Reason, status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { reason, status, code, message: message.into(), faults: Vec::new() }
    }
}

impl From<Stranger> for Refusal {
    fn from(stranger: Stranger) -> Self {
        let reason = match stranger {
            Stranger::Old(_) | Stranger::Ahead(_) => Reason::Clock,
            Stranger::Token | Stranger::Unsigned | Stranger::Malformed | Stranger::Forged => Reason::Stranger,
        };
        Self::new(reason, StatusCode::UNAUTHORIZED, "unauthorized", stranger.to_string())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        // What the database says is for its owner: senders learn that it is worth trying again.
        tracing::debug!(%error, "an event could not be stored");
        let mut refusal =
            Self::new(Reason::Store, StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the event could not be stored");
        if let StoreError::Full = error {
            refusal.message.push_str(": the store has no space left");
        }
        refusal
    }
}

impl App {
    fn refuse(&self, refusal: Refusal) -> Response {
        let Refusal { reason, status, code, message, faults } = refusal;
        if self.meter.refused(reason, Timestamp::now().as_second()) {
            let fields: Vec<_> = faults.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
            tracing::warn!(status = status.as_u16(), "a request was refused: {message} {}", fields.join("; "));
        }
        let mut answer = json_answer(status, &json!({ "code": code, "message": message, "errors": faults }));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            answer.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER.into());
        }
        answer
    }
}

async fn answer(app: &App, takes: Takes, request: Request) -> Response {
    match take(app, takes, request).await {
        Ok(answer) => answer,
        Err(refusal) => app.refuse(refusal),
    }
}

async fn take(app: &App, takes: Takes, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    is_plain_json(&headers)?;
    if length(&headers).is_some_and(|length| length > LARGEST as u64) {
        return Err(too_large());
    }
    let claim = app.keys.admit(&headers, Timestamp::now().as_second())?;
    let body = whole(body).await?;
    app.keys.prove(&claim, &body)?;
    let id = match headers.get_all("x-webhook-id").iter().count() {
        0 => None,
        // What stands there twice is as good as an id that is none.
        _ => Some(only(&headers, "x-webhook-id").unwrap_or_default()),
    };
    let event = told::event(takes, &body, id).map_err(|faults| Refusal {
        faults,
        ..Refusal::new(Reason::Payload, StatusCode::BAD_REQUEST, "invalid_payload", "the payload cannot be taken")
    })?;
    drop(body);
    let channel = event.channel;
    let stored = tokio::time::timeout(STORING, app.desk.put(event)).await.unwrap_or(Err(StoreError::Busy));
    match stored.map_err(Refusal::from)? {
        Reception::Stored(at) => {
            app.meter.stored(channel);
            Ok(json_answer(StatusCode::OK, &json!({ "received": true, "processedAt": at })))
        }
        Reception::Known(at) => {
            app.meter.known(channel);
            Ok(json_answer(StatusCode::OK, &json!({ "received": true, "processedAt": at, "duplicate": true })))
        }
        Reception::IdTaken => Err(Refusal::new(
            Reason::IdTaken,
            StatusCode::CONFLICT,
            "id_taken",
            "the `X-Webhook-Id` belongs to another event: an id is for one payload",
        )),
    }
}

/// Bodies are JSON as it is: what is packed may unpack to anything.
fn is_plain_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let refused =
        |message| Err(Refusal::new(Reason::MediaType, StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported", message));
    let encoded = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoded {
        return refused("a `Content-Encoding` is not taken: send the body as it is");
    }
    let kind = only(headers, header::CONTENT_TYPE.as_str()).and_then(|kind| std::str::from_utf8(kind).ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(|kind| kind.trim().to_ascii_lowercase());
    match kind {
        Some(kind) if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) => {
            Ok(())
        }
        _ => refused("the `Content-Type` is not `application/json`"),
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Refusal {
    let message = format!("the body is larger than {} KiB", LARGEST / 1024);
    Refusal::new(Reason::TooLarge, StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}

async fn whole(body: Body) -> Result<axum::body::Bytes, Refusal> {
    let slow =
        |_| Refusal::new(Reason::TooSlow, StatusCode::REQUEST_TIMEOUT, "too_slow", "the body did not arrive in time");
    // Either it is too long, or it broke off, and then nobody reads the answer.
    tokio::time::timeout(BODY, to_bytes(body, LARGEST)).await.map_err(slow)?.map_err(|_| too_large())
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    // Asked many times at once, it looks once.
    let mut looked = app.looked.lock().await;
    let is_ready = match *looked {
        Some((at, is_ready)) if at.elapsed() < FRESH => is_ready,
        _ => {
            let asked = tokio::time::timeout(STORING, app.store.can_write()).await.unwrap_or(Err(StoreError::Busy));
            if let Err(error) = &asked {
                tracing::warn!(%error, "not ready");
            }
            *looked = Some((Instant::now(), asked.is_ok()));
            asked.is_ok()
        }
    };
    match is_ready {
        true => "ready\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the store takes nothing\n").into_response(),
    }
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.meter.text()).into_response()
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    let mut answer = (status, body.to_string() + "\n").into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
