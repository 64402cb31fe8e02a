//! Everything that reads what a tenant sends, in one call: for the fuzz targets below `tests/fuzz` alone.

use cxform_model::{Endpoint, Kind};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::Call;
use crate::redact::Redactor;
use crate::request::Request;
use crate::v2::{self, Facts, Next};

/// A secret that no text about an answer may hold.
const SECRET: &str = "canary-9d2c";

/// Reads an answer as every decoder would. Its texts hold neither the secret nor anything that steers a terminal.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) {
    let redactor = Redactor::new([SECRET]);
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::try_from(*value)) {
            map.append(name, value);
        }
    }
    let facts = Facts::read(&map, &redactor);
    let call = Call { method: "GET", path: "/api/v2/outcomes".into() };
    let refusal = v2::refusal(&redactor, call, status, &facts, body);
    let said = refusal.to_string();
    assert!(!said.contains(SECRET) && !said.chars().any(|c| c != '\n' && cxform_model::is_unprintable(c)), "{said:?}");
    let _ = (v2::is_credentials(&refusal), v2::conflict_kind(&refusal));

    let Ok(json) = serde_json::from_slice::<Value>(body) else { return };
    let _ = v2::grant(&json).map_err(|reason| assert!(!reason.contains(SECRET)));
    let _ = v2::figures(&json);
    item(&json, &facts);
    let Ok(page) = v2::page(json) else { return };
    for each in &page.items {
        item(each, &facts);
    }
    let Ok(url) = "https://x.example/api/v2/outcomes?page=1&pageSize=2".parse() else { return };
    let first = Request::get(Endpoint::ListOutcomes, url);
    match page.next {
        Next::Url(mark) => {
            if let Ok(next) = v2::next_url(&first, &mark) {
                assert_eq!(next.url.origin(), first.url.origin(), "the token would go elsewhere");
                assert!(next.url.username().is_empty() && next.url.password().is_none());
            }
        }
        Next::Cursor(cursor) => assert_eq!(v2::next_cursor(&first, &cursor).url.origin(), first.url.origin()),
        Next::Number(number) => drop(v2::next_page(&first, number)),
        Next::Following | Next::End => {}
    }
}

fn item(json: &Value, facts: &Facts) {
    for kind in [Kind::Outcome, Kind::CallCode, Kind::Campaign] {
        if let Ok(object) = v2::object(kind, json, facts.version) {
            let _ = object.content_hash();
        }
    }
    let _ = v2::assignment(json).map(|assignment| assignment.content_hash());
    let _ = (v2::group(json), v2::history_record(json), v2::representation(json.clone()), v2::created_id(json));
    let _ = (v2::interval(json), v2::version(Some(json), facts.version));
}
