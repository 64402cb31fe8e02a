//! Answers that say no: the error body of the contract, the errors of token endpoints, and whatever else stands there.
//! And the headers that every answer may bear.

use std::time::Duration;

use cxform_model::Version;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::redact::Redactor;
use crate::{Call, ConflictKind, FieldError, Refusal};

/// How much of a body is kept, and how much of a text without structure goes into the message.
const BODY_KEPT: usize = 2048;
const MESSAGE_KEPT: usize = 300;
const FIELD_ERRORS_KEPT: usize = 50;

/// What headers say, in the model's words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) request_id: Option<String>,
    pub(crate) version: Option<Version>,
    pub(crate) retry_after: Option<Duration>,
    /// The host that a redirect leads to.
    pub(crate) location: Option<String>,
    /// The tenant's clock.
    pub(crate) clock: Option<Timestamp>,
    /// The names of headers that speak of quotas.
    pub(crate) quota_headers: Vec<String>,
}

impl Facts {
    pub(crate) fn read(headers: &HeaderMap, redactor: &Redactor) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        Self {
            request_id: text("x-request-id").map(|id| redactor.excerpt(id, 128)),
            version: text("etag").and_then(etag_version),
            retry_after: text("retry-after").and_then(|wait| retry_after(wait, text("date"))),
            location: text("location").map(|location| redactor.excerpt(&host_of(location), 256)),
            clock: text("date").and_then(|date| DateTimeParser::new().parse_timestamp(date).ok()),
            quota_headers: headers
                .keys()
                .map(|name| name.as_str())
                .filter(|name| name.contains("ratelimit") || name.contains("rate-limit"))
                .map(|name| redactor.excerpt(name, 64))
                .collect(),
        }
    }
}

/// `version=N`, with the quotes and the `W/` that an entity tag may bear.
fn etag_version(etag: &str) -> Option<Version> {
    etag.trim_start_matches("W/").trim_matches('"').trim().strip_prefix("version=")?.trim().parse().ok().map(Version)
}

/// Seconds, whole or not, or an HTTP date; never milliseconds (contract 6, 004).
/// A date is taken relative to the tenant's own clock, where the answer tells it.
fn retry_after(text: &str, date: Option<&str>) -> Option<Duration> {
    let timestamp = |text: &str| DateTimeParser::new().parse_timestamp(text).ok();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = timestamp(text)?;
    let now = date.and_then(timestamp).unwrap_or_else(Timestamp::now);
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

fn host_of(location: &str) -> String {
    match location.parse::<reqwest::Url>() {
        Ok(url) => format!("`{}://{}`", url.scheme(), url.host_str().unwrap_or_default()),
        Err(_) => "another path".to_owned(),
    }
}

/// Reads what can be read of a refusal. Nothing in here fails: an error about an error helps nobody.
pub(crate) fn refusal(redactor: &Redactor, call: Call, status: u16, facts: &Facts, body: &[u8]) -> Refusal {
    let text = String::from_utf8_lossy(body);
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let at = |path: &str| json.as_ref().and_then(|json| json.pointer(path)).and_then(Value::as_str);
    let first = |paths: &[&str]| paths.iter().find_map(|path| at(path)).filter(|text| !text.is_empty());
    let clean = |text: &str| redactor.excerpt(text, MESSAGE_KEPT);
    let message = match first(&["/message", "/error_description", "/detail", "/error/message", "/title"]) {
        Some(message) => clean(message),
        None if json.as_ref().is_some_and(Value::is_object) && first(&["/code", "/error"]).is_some() => String::new(),
        None => clean(&summary(&text)),
    };
    Refusal {
        call: Call { path: redactor.clean(&call.path), ..call },
        status,
        code: first(&["/code", "/error", "/error/code"]).map(clean),
        message,
        field_errors: json.as_ref().map(|json| field_errors(json, &clean)).unwrap_or_default(),
        required_scopes: json.as_ref().map(|json| required_scopes(json, &clean)).unwrap_or_default(),
        // A header is the surer of the two: it stands in answers that no body survived.
        request_id: facts.request_id.clone().or_else(|| first(&["/requestId"]).map(|id| redactor.excerpt(id, 128))),
        retry_after: facts.retry_after,
        // Written anew, JSON has one spelling, so that an escaped secret cannot hide in it.
        body: redactor.excerpt(&json.as_ref().map_or_else(|| text.to_string(), Value::to_string), BODY_KEPT),
    }
}

fn field_errors(body: &Value, clean: &impl Fn(&str) -> String) -> Vec<FieldError> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let member = |value: &Value, name: &str| value.get(name).map(text).unwrap_or_default();
    let error = |field: &str, message: &str| FieldError { field: clean(field), message: clean(message) };
    match body.get("errors") {
        Some(Value::Array(errors)) => errors
            .iter()
            .take(FIELD_ERRORS_KEPT)
            .map(|each| match each {
                Value::Object(_) => error(&member(each, "field"), &member(each, "message")),
                other => error("", &text(other)),
            })
            .collect(),
        Some(Value::Object(errors)) => {
            errors.iter().take(FIELD_ERRORS_KEPT).map(|(field, message)| error(field, &text(message))).collect()
        }
        _ => Vec::new(),
    }
}

fn required_scopes(body: &Value, clean: &impl Fn(&str) -> String) -> Vec<String> {
    match body.get("requiredScopes") {
        Some(Value::Array(scopes)) => {
            scopes.iter().take(FIELD_ERRORS_KEPT).filter_map(Value::as_str).map(clean).collect()
        }
        Some(Value::String(scope)) => vec![clean(scope)],
        _ => Vec::new(),
    }
}

/// A body that is no error object, in a few words.
fn summary(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "the answer has no body".to_owned();
    }
    if text.starts_with('<') {
        let lower = text.to_ascii_lowercase();
        let title = lower.find("<title>").zip(lower.find("</title>")).and_then(|(from, to)| text.get(from + 7..to));
        return title.map_or_else(|| "an HTML page".to_owned(), |title| format!("an HTML page, `{}`", title.trim()));
    }
    text.to_owned()
}

/// Whether a token endpoint means that the client itself is wrong.
pub(crate) fn is_credentials(refusal: &Refusal) -> bool {
    let code = refusal.code.as_deref().unwrap_or_default();
    refusal.status == 401 || (refusal.status == 400 && matches!(code, "invalid_client" | "unauthorized_client"))
}

/// What a 409 is about.
pub(crate) fn conflict_kind(refusal: &Refusal) -> ConflictKind {
    match refusal.code.as_deref() {
        Some("version_conflict") => ConflictKind::Version,
        Some("duplicate_code" | "duplicate_name") => ConflictKind::DuplicateKey,
        Some("already_assigned") => ConflictKind::AlreadyAssigned,
        Some("default_exists") => ConflictKind::DefaultExists,
        Some("cycle") => ConflictKind::Cycle,
        _ => ConflictKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Refusal {
        let call = Call { method: "POST", path: "/api/v2/outcomes".into() };
        refusal(&Redactor::new([]), call, status, &Facts::default(), body.as_bytes())
    }

    #[test]
    fn the_error_of_the_contract_is_read_whole() {
        let body = r#"{"code":"invalid","message":"no","errors":[{"field":"a.b","message":"bad"}],"requestId":"r-1"}"#;
        let refusal = read(422, body);
        assert_eq!(refusal.field_errors, [FieldError { field: "a.b".into(), message: "bad".into() }]);
        assert_eq!(
            refusal.to_string(),
            "`POST /api/v2/outcomes` was refused with 422 `invalid`: no; `a.b`: bad (request r-1)"
        );
    }

    #[test]
    fn any_other_body_gives_a_readable_message() {
        for (body, message) in [
            ("", "the answer has no body"),
            ("<html><head><TITLE>504 Gateway</TITLE></head></html>", "an HTML page, `504 Gateway`"),
            ("<html><title>cut", "an HTML page"),
            ("upstream\u{1b}[2J gone", "upstream\\u{1b}[2J gone"),
            ("[1,2]", "[1,2]"),
            (r#"{"detail":"problem json"}"#, "problem json"),
            (r#"{"error":{"code":"E1","message":"nested"}}"#, "nested"),
            (r#"{"error":"invalid_client"}"#, ""),
            (r#"{"errors":["x"]}"#, r#"{"errors":["x"]}"#),
            (r#"{"message":{"a":1}}"#, r#"{"message":{"a":1}}"#),
        ] {
            assert_eq!(read(400, body).message, message, "{body}");
        }
        assert!(read(400, &"x".repeat(1 << 20)).body.len() < BODY_KEPT + 10);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_milliseconds() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        for (text, expected) in [
            ("7", Some(7.0)),
            ("0.5", Some(0.5)),
            ("1500", Some(1500.0)),
            ("0", Some(0.0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30.0)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0.0)),
            ("-1", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, date), expected.map(Duration::from_secs_f64), "{text}");
        }
        let soon = (Timestamp::now() + Duration::from_secs(30)).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let wait = retry_after(&soon, None).unwrap().as_secs();
        assert!((27..=30).contains(&wait), "{wait}");
    }

    #[test]
    fn an_etag_bears_a_version() {
        for text in ["\"version=12\"", "version=12", "W/\"version=12\""] {
            assert_eq!(etag_version(text), Some(Version(12)), "{text}");
        }
        assert_eq!(etag_version("\"abc\""), None);
    }
}
