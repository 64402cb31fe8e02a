//! An answer before it is put on the wire.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Map, Value, json};

use crate::store::Refusal;

/// Status, headers and a body with its type.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) media_type: &'static str,
    /// Whether an idempotency key brought back an earlier answer.
    pub(crate) replayed: bool,
}

impl Answer {
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), media_type: "application/json", replayed: false }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::json(status, "")
    }

    pub(crate) fn html(status: u16) -> Self {
        let title = StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |status| status.to_string());
        let body = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n");
        Self { media_type: "text/html", ..Self::json(status, body) }
    }

    /// The error body of the contract.
    pub(crate) fn refusal(refusal: &Refusal, request_id: &str) -> Self {
        let mut body = Map::new();
        body.insert("code".to_owned(), json!(refusal.code));
        body.insert("message".to_owned(), json!(refusal.message));
        if !refusal.errors.is_empty() {
            let errors = refusal.errors.iter().map(|error| json!({ "field": error.field, "message": error.message }));
            body.insert("errors".to_owned(), errors.collect());
        }
        if let Some(scope) = refusal.scope {
            body.insert("requiredScopes".to_owned(), json!([scope]));
        }
        body.insert("requestId".to_owned(), json!(request_id));
        let mut answer = Self::json(refusal.status, Value::Object(body).to_string());
        answer.headers = refusal.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        answer
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let has_body = !self.body.is_empty();
        let mut response = Response::new(if has_body { Body::from(self.body) } else { Body::empty() });
        *response.status_mut() = status;
        if has_body {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        }
        for (name, value) in self.headers {
            // A fault script may hold headers that no server can send.
            match (HeaderName::try_from(&name), HeaderValue::try_from(&value)) {
                (Ok(name), Ok(value)) => {
                    response.headers_mut().insert(name, value);
                }
                _ => tracing::warn!(header = name, "left out a header that cannot be sent"),
            }
        }
        response
    }
}
