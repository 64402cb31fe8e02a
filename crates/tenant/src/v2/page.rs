//! One page of a listing in any of the three styles (contract 1.3). An unknown style is refused, never guessed:
//! a page taken for the last one would make the rest of the listing absent.

use serde_json::{Map, Value};

#[derive(Debug, PartialEq)]
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    pub(crate) next: Next,
    pub(crate) total: Option<u64>,
    /// Which of the three; a listing keeps to one.
    pub(crate) style: &'static str,
    /// What stands beside the items.
    pub(crate) beside: Map<String, Value>,
}

/// What follows a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    End,
    /// The page with the next number.
    Following,
    /// The page with this number.
    Number(u64),
    Url(String),
    Cursor(String),
}

const ITEMS: &str = "items";
const RECORDS: &str = "records";
const ENTITIES: &str = "entities";
const NEXT_PAGE: &str = "nextPage";
const NEXT_CURSOR: &str = "nextCursor";

pub(crate) fn page(body: Value) -> Result<Page, String> {
    let Value::Object(mut body) = body else {
        return Err(format!("expected an object with `{ITEMS}`, `{RECORDS}` or `{ENTITIES}`, got {}", name(&body)));
    };
    let styles: Vec<_> = [ITEMS, RECORDS, ENTITIES].into_iter().filter(|style| body.contains_key(*style)).collect();
    let &[style] = styles.as_slice() else {
        return Err(format!("expected one of `{ITEMS}`, `{RECORDS}` and `{ENTITIES}`, found {}", styles.len()));
    };
    let (mark, foreign) = if style == RECORDS { (NEXT_CURSOR, NEXT_PAGE) } else { (NEXT_PAGE, NEXT_CURSOR) };
    if !is_end(body.get(foreign)) {
        return Err(format!("`{style}` with `{foreign}` is no known style of paging"));
    }
    let next = next(style, mark, body.get(mark))?;
    let total = total(&body)?;
    match body.remove(style) {
        Some(Value::Array(items)) => Ok(Page { items, next, total, style, beside: body }),
        other => Err(format!("`{style}` is {}, not a list", name(&other.unwrap_or_default()))),
    }
}

fn next(style: &str, mark: &str, value: Option<&Value>) -> Result<Next, String> {
    let unknown =
        |value: &Value| Err(format!("`{style}` with `{mark}` of {} is no known style of paging", name(value)));
    match value {
        value if is_end(value) => Ok(Next::End),
        Some(Value::String(text)) if style == RECORDS => Ok(Next::Cursor(text.clone())),
        Some(Value::Number(number)) if style == RECORDS => Ok(Next::Cursor(number.to_string())),
        Some(Value::String(text)) => Ok(Next::Url(text.clone())),
        Some(Value::Bool(true)) if style == ITEMS => Ok(Next::Following),
        Some(Value::Number(number)) if style == ITEMS => number.as_u64().map_or_else(
            || Err(format!("`{mark}` is `{number}`, which is no number of a page")),
            |number| Ok(Next::Number(number)),
        ),
        Some(other) => unknown(other),
        None => Ok(Next::End),
    }
}

fn is_end(mark: Option<&Value>) -> bool {
    match mark {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(text)) => text.is_empty(),
        _ => false,
    }
}

fn total(body: &Map<String, Value>) -> Result<Option<u64>, String> {
    match body.get("total") {
        None | Some(Value::Null) => Ok(None),
        Some(total) => total.as_u64().map(Some).ok_or_else(|| format!("`total` is {}, not a count", name(total))),
    }
}

/// What a value is, for messages.
pub(super) fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_known_mark_is_read() {
        let url = "https://x.example/p2";
        for (body, expected) in [
            (json!({ "items": [] }), Next::End),
            (json!({ "items": [], "nextPage": null }), Next::End),
            (json!({ "items": [], "nextPage": false }), Next::End),
            (json!({ "items": [], "nextPage": "" }), Next::End),
            (json!({ "items": [], "nextPage": true }), Next::Following),
            (json!({ "items": [], "nextPage": 2 }), Next::Number(2)),
            (json!({ "items": [], "nextPage": url }), Next::Url(url.into())),
            (json!({ "records": [] }), Next::End),
            (json!({ "records": [], "nextCursor": "abc" }), Next::Cursor("abc".into())),
            (json!({ "records": [], "nextCursor": 7 }), Next::Cursor("7".into())),
            (json!({ "entities": [], "nextPage": url }), Next::Url(url.into())),
            (json!({ "entities": [], "nextPage": null }), Next::End),
        ] {
            assert_eq!(page(body.clone()).unwrap().next, expected, "{body}");
        }
    }

    #[test]
    fn unknown_shapes_are_refused_not_taken_for_the_end() {
        for body in [
            json!([]),
            json!({}),
            json!("x"),
            json!({ "data": [] }),
            json!({ "items": {} }),
            json!({ "items": null }),
            json!({ "items": [], "records": [] }),
            json!({ "items": [], "nextPage": {} }),
            json!({ "items": [], "nextPage": -1 }),
            json!({ "items": [], "nextPage": 1.5 }),
            json!({ "items": [], "nextCursor": "abc" }),
            json!({ "records": [], "nextPage": true }),
            json!({ "records": [], "nextCursor": true }),
            json!({ "entities": [], "nextPage": true }),
            json!({ "entities": [], "nextPage": 2 }),
            json!({ "items": [], "total": "1" }),
            json!({ "items": [], "total": -1 }),
        ] {
            assert!(page(body.clone()).is_err(), "{body}");
        }
    }
}
