//! The rules of outcomes [000]: unique codes, a parent that exists, no loops, one shortcut key a group.

use serde_json::{Map, Value, json};

use super::{Change, Decision, Kind, Occasion, Refusal, Ruling, Store, merge::merge, text};
use crate::{options::PutMode, schema};

/// How outcomes are found.
pub(super) fn keys(row: &Value) -> Vec<String> {
    let mut keys = vec![code_key(text(row, "code"))];
    keys.extend(shortcut_key(row));
    keys
}

fn code_key(code: &str) -> String {
    format!("code:{code}")
}

/// The key of a shortcut that is taken; hidden outcomes take none [A].
fn shortcut_key(row: &Value) -> Option<String> {
    let desktop = row.get("uiConfig").filter(|desktop| desktop.is_object())?;
    let visible = desktop.get("visible").and_then(Value::as_bool).unwrap_or(true);
    let key = desktop.get("shortcutKey").and_then(Value::as_str).filter(|key| !key.is_empty())?;
    let group = desktop.get("group").and_then(Value::as_str).unwrap_or("STANDARD");
    visible.then(|| format!("shortcut:{group}\u{0}{key}"))
}

/// `POST /api/v2/outcomes`.
pub(crate) fn create(store: &Store, body: &Value) -> Ruling {
    let mut fields = schema::OUTCOME_CREATE.whole(body).map_err(Refusal::fields)?;
    let (id, minted) = store.mint();
    fields.insert("id".to_owned(), json!(id));
    let row = full(fields);
    check(store, None, &row)?;
    Ok(Decision { changes: vec![minted, Change::Put(Kind::Outcomes, row.clone())], object: row })
}

/// `PUT /api/v2/outcomes/{id}`: merges or replaces, as the tenant does.
pub(crate) fn put(store: &Store, id: &str, body: &Value, occasion: &Occasion<'_>) -> Ruling {
    let before = store.object(Kind::Outcomes, id)?;
    if body.get("id").is_some_and(|sent| sent.as_str() != Some(id)) {
        return Err(Refusal::new(400, "id_mismatch", "the id of the body is not the id of the path"));
    }
    let Value::Object(sent) = body else {
        return Err(Refusal::new(400, "invalid_body", "the body must be an object"));
    };
    let mut fields = match occasion.put {
        PutMode::Merge => {
            schema::OUTCOME_PUT.check_part(body).map_err(Refusal::fields)?;
            let mut fields = before.as_object().cloned().unwrap_or_default();
            merge(&mut fields, sent);
            fields
        }
        PutMode::Replace => {
            schema::OUTCOME_PUT.check_whole(body).map_err(Refusal::fields)?;
            sent.clone()
        }
    };
    fields.insert("id".to_owned(), json!(id));
    change(store, &before, full(fields))
}

/// `PATCH /api/v2/outcomes/{id}/desktop-config`.
pub(crate) fn patch_desktop(store: &Store, id: &str, body: &Value) -> Ruling {
    let before = store.object(Kind::Outcomes, id)?;
    let patch = schema::DESKTOP.part(body).map_err(Refusal::fields)?;
    if patch.is_empty() {
        return Err(Refusal::field("uiConfig", "is required"));
    }
    let mut fields = before.as_object().cloned().unwrap_or_default();
    merge(&mut fields, &patch);
    change(store, &before, full(fields))
}

fn change(store: &Store, before: &Value, row: Value) -> Ruling {
    check(store, Some(before), &row)?;
    Ok(Decision { changes: vec![Change::Put(Kind::Outcomes, row.clone())], object: row })
}

/// Every outcome shows all fields, the empty ones as null.
fn full(mut fields: Map<String, Value>) -> Value {
    let mut default = |name: &str, value: Value| {
        let slot = fields.entry(name).or_insert(Value::Null);
        if slot.is_null() {
            *slot = value;
        }
    };
    default("description", json!(""));
    default("status", json!("ACTIVE"));
    default("parentOutcomeId", Value::Null);
    default("validationRules", Value::Null);
    default("uiConfig", Value::Null);
    if let Some(status) = fields.get("status").and_then(Value::as_str).map(str::to_uppercase) {
        fields.insert("status".to_owned(), json!(status));
    }
    Value::Object(fields)
}

/// What a write changes must keep the rules; what a living tenant already breaks may stay as it is.
fn check(store: &Store, before: Option<&Value>, row: &Value) -> Result<(), Refusal> {
    let table = store.table(Kind::Outcomes);
    let id = text(row, "id");
    let taken = |key: &str| table.found(key).any(|other| text(&other, "id") != id);

    let code = text(row, "code");
    if before.is_none_or(|before| text(before, "code") != code) && taken(&code_key(code)) {
        return Err(Refusal::conflict("duplicate_code", format!("an outcome with the code `{code}` exists")));
    }
    let parent = text(row, "parentOutcomeId");
    if before.is_none_or(|before| text(before, "parentOutcomeId") != parent) && !parent.is_empty() {
        check_parent(store, id, parent)?;
    }
    let shortcut = shortcut_key(row);
    if let Some(key) = shortcut.filter(|key| before.and_then(shortcut_key).as_ref() != Some(key) && taken(key)) {
        let (group, key) = key.trim_start_matches("shortcut:").split_once('\u{0}').unwrap_or_default();
        let message = format!("shortcut key `{key}` is taken in the group `{group}`");
        return Err(Refusal::conflict("duplicate_shortcut", message));
    }
    Ok(())
}

fn check_parent(store: &Store, id: &str, parent: &str) -> Result<(), Refusal> {
    let table = store.table(Kind::Outcomes);
    let mut ancestor = parent.to_owned();
    // A seeded loop above the parent must not hold us forever.
    for step in 0..=table.len() {
        if ancestor == id {
            return Err(Refusal::conflict("cycle", format!("`{parent}` is the outcome itself or below it")));
        }
        let Some(row) = table.get(&ancestor) else {
            if step == 0 {
                return Err(Refusal::new(400, "parent_not_found", format!("no outcome `{parent}`")));
            }
            break;
        };
        ancestor = text(&row, "parentOutcomeId").to_owned();
        if ancestor.is_empty() {
            break;
        }
    }
    Ok(())
}
