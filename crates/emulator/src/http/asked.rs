//! A request as the rest of the emulator sees it.

use axum::http::{HeaderMap, header, request::Parts};
use serde_json::Value;

use super::urlencoded::Pairs;
use crate::store::Refusal;

/// Method, place, headers and the whole body.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query_text: String,
    pub(crate) query: Pairs,
    /// Scheme, host and port as the caller sees them.
    pub(crate) origin: String,
    pub(crate) body: Vec<u8>,
    headers: HeaderMap,
}

impl Asked {
    pub(crate) fn new(parts: Parts, body: Vec<u8>, own_origin: &str) -> Self {
        let query_text = parts.uri.query().unwrap_or_default().to_owned();
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: Pairs::read(&query_text),
            query_text,
            origin: host.map_or_else(|| own_origin.to_owned(), |host| format!("http://{host}")),
            body,
            headers: parts.headers,
        }
    }

    /// A header as text; one that is no text counts as absent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the body without parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let written = self.header("content-type").unwrap_or_default();
        written.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as a JSON object.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        let kind = self.media_type();
        if kind != "application/json" && kind != "application/merge-patch+json" {
            let message = format!("expected a body of type application/json, got `{kind}`");
            return Err(Refusal::new(415, "unsupported_media_type", message));
        }
        let body: Value = serde_json::from_slice(&self.body)
            .map_err(|error| Refusal::new(400, "invalid_json", format!("the body is not JSON: {error}")))?;
        if body.is_object() { Ok(body) } else { Err(Refusal::new(400, "invalid_body", "the body must be an object")) }
    }

    /// The version of `If-Match: version=N`.
    pub(crate) fn if_match(&self) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.header("if-match") else { return Ok(None) };
        let bare = text.trim().trim_start_matches("W/").trim_matches('"');
        if bare == "*" {
            return Ok(None);
        }
        let version = bare.strip_prefix("version=").and_then(|version| version.parse().ok());
        version.map(Some).ok_or_else(|| {
            Refusal::new(400, "invalid_if_match", format!("expected `If-Match: version=N`, got `{text}`"))
        })
    }

    pub(crate) fn idempotency_key(&self) -> Option<&str> {
        self.header("idempotency-key").filter(|key| !key.is_empty())
    }
}
