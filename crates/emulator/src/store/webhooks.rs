//! The rules of webhook subscriptions [A]: a name once.

use serde_json::{Value, json};

use super::{Change, Decision, Kind, Refusal, Ruling, Store, merge::merge, text};
use crate::schema;

/// How subscriptions are found.
pub(super) fn keys(row: &Value) -> Vec<String> {
    vec![name_key(text(row, "name"))]
}

fn name_key(name: &str) -> String {
    format!("name:{name}")
}

/// `POST /api/v2/webhooks`.
pub(crate) fn create(store: &Store, body: &Value) -> Ruling {
    let mut fields = schema::WEBHOOK.whole(body).map_err(Refusal::fields)?;
    let (id, minted) = store.mint();
    fields.insert("id".to_owned(), json!(id));
    fields.entry("isActive").or_insert(json!(true));
    let row = Value::Object(fields);
    check_name(store, None, &row)?;
    Ok(Decision { changes: vec![minted, Change::Put(Kind::Webhooks, row.clone())], object: row })
}

/// `PATCH /api/v2/webhooks/{id}`.
pub(crate) fn patch(store: &Store, id: &str, body: &Value) -> Ruling {
    let before = store.object(Kind::Webhooks, id)?;
    let patch = schema::WEBHOOK.part(body).map_err(Refusal::fields)?;
    let mut fields = before.as_object().cloned().unwrap_or_default();
    merge(&mut fields, &patch);
    let row = Value::Object(fields);
    check_name(store, Some(&before), &row)?;
    Ok(Decision { changes: vec![Change::Put(Kind::Webhooks, row.clone())], object: row })
}

/// `DELETE /api/v2/webhooks/{id}`.
pub(crate) fn remove(store: &Store, id: &str) -> Ruling {
    store.object(Kind::Webhooks, id)?;
    Ok(Decision { changes: vec![Change::Remove(Kind::Webhooks, id.to_owned())], object: Value::Null })
}

fn check_name(store: &Store, before: Option<&Value>, row: &Value) -> Result<(), Refusal> {
    let (id, name) = (text(row, "id"), text(row, "name"));
    let renamed = before.is_none_or(|before| text(before, "name") != name);
    if renamed && store.table(Kind::Webhooks).found(&name_key(name)).any(|other| text(&other, "id") != id) {
        return Err(Refusal::conflict("duplicate_name", format!("a webhook named `{name}` exists")));
    }
    Ok(())
}
