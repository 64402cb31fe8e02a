//! The rules of call codes [001]: at most three levels, a code once under its parent.

use serde_json::{Value, json};

use super::{Change, Decision, Kind, Refusal, Ruling, Store, merge::merge, text};
use crate::schema::{self, FieldError};

const DEEPEST: usize = 3;

/// How call codes are found.
pub(super) fn keys(row: &Value) -> Vec<String> {
    let (parent, code) = (text(row, "parentCallCodeId"), text(row, "code"));
    vec![code_key(code), parent_key(parent), sibling_key(parent, code)]
}

pub(crate) fn code_key(code: &str) -> String {
    format!("code:{code}")
}

/// The children of a parent; the empty parent is the root.
pub(crate) fn parent_key(parent: &str) -> String {
    format!("parent:{parent}")
}

pub(crate) fn sibling_key(parent: &str, code: &str) -> String {
    format!("path:{parent}/{code}")
}

/// A bad call code is a plain 400 [001], where other kinds answer 422.
fn bad_payload(errors: Vec<FieldError>) -> Refusal {
    Refusal::fields(errors).under(400, "invalid_payload")
}

/// `POST /api/v2/callcodes`.
pub(crate) fn create(store: &Store, body: &Value) -> Ruling {
    let mut fields = schema::CALLCODE.whole(body).map_err(bad_payload)?;
    let (id, minted) = store.mint();
    fields.insert("id".to_owned(), json!(id));
    fields.entry("isActive").or_insert(json!(true));
    let row = Value::Object(fields);
    check(store, None, &row)?;
    Ok(Decision { changes: vec![minted, Change::Put(Kind::Callcodes, row.clone())], object: row })
}

/// `PATCH /api/v2/callcodes/{id}`.
pub(crate) fn patch(store: &Store, id: &str, body: &Value) -> Ruling {
    let before = store.object(Kind::Callcodes, id)?;
    let patch = schema::CALLCODE.part(body).map_err(bad_payload)?;
    let mut fields = before.as_object().cloned().unwrap_or_default();
    merge(&mut fields, &patch);
    let row = Value::Object(fields);
    check(store, Some(&before), &row)?;
    Ok(Decision { changes: vec![Change::Put(Kind::Callcodes, row.clone())], object: row })
}

fn check(store: &Store, before: Option<&Value>, row: &Value) -> Result<(), Refusal> {
    let id = text(row, "id");
    let (parent, code) = (text(row, "parentCallCodeId"), text(row, "code"));
    let moved = before.is_none_or(|before| text(before, "parentCallCodeId") != parent);
    if moved && !parent.is_empty() {
        check_parent(store, id, parent)?;
    }
    if moved || before.is_none_or(|before| text(before, "code") != code) {
        let table = store.table(Kind::Callcodes);
        if table.found(&sibling_key(parent, code)).any(|other| text(&other, "id") != id) {
            let message = format!("a call code `{code}` exists under the same parent");
            return Err(Refusal::conflict("duplicate_code", message));
        }
    }
    Ok(())
}

fn check_parent(store: &Store, id: &str, parent: &str) -> Result<(), Refusal> {
    let table = store.table(Kind::Callcodes);
    let mut ancestors = 0;
    let mut next = parent.to_owned();
    while !next.is_empty() && ancestors <= DEEPEST {
        if next == id {
            return Err(Refusal::conflict("cycle", format!("`{parent}` is the call code itself or below it")));
        }
        let Some(row) = table.get(&next) else {
            if ancestors == 0 {
                return Err(Refusal::new(400, "parent_not_found", format!("no call code `{parent}`")));
            }
            break;
        };
        ancestors += 1;
        next = text(&row, "parentCallCodeId").to_owned();
    }
    if ancestors + height(store, id, DEEPEST) > DEEPEST {
        return Err(Refusal::new(400, "depth_exceeded", format!("call codes have at most {DEEPEST} levels")));
    }
    Ok(())
}

/// The levels from this code to its deepest descendant, itself included; no further than the limit, since seeds may loop.
fn height(store: &Store, id: &str, limit: usize) -> usize {
    if limit == 0 {
        return 1;
    }
    let children = store.table(Kind::Callcodes).found(&parent_key(id));
    1 + children.map(|child| height(store, text(&child, "id"), limit - 1)).max().unwrap_or(0)
}
