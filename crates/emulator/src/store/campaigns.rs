//! The rules of campaigns [002][003][004]: versions, merge patches, transitions, history.

use serde_json::{Map, Value, json};

use super::{
    Change, Decision, Kind, Occasion, Refusal, Ruling, Store,
    merge::{changes, merge},
    text,
};
use crate::schema;

/// How campaigns are found.
pub(super) fn keys(row: &Value) -> Vec<String> {
    vec![name_key(text(row, "name"))]
}

fn name_key(name: &str) -> String {
    format!("name:{name}")
}

/// The version of a campaign.
pub(crate) fn version(campaign: &Value) -> u64 {
    campaign.get("version").and_then(Value::as_u64).unwrap_or(0)
}

/// `POST {campaigns}`.
pub(crate) fn create(store: &Store, body: &Value, occasion: &Occasion<'_>) -> Ruling {
    let mut fields = schema::CAMPAIGN.whole(body).map_err(Refusal::fields)?;
    let (id, minted) = store.mint();
    // Every campaign begins as a draft, whatever the body asks for.
    fields.insert("status".to_owned(), json!("draft"));
    fields.insert("id".to_owned(), json!(id));
    fields.insert("version".to_owned(), json!(1));
    fields.insert("createdAt".to_owned(), json!(occasion.now));
    fields.insert("updatedAt".to_owned(), json!(occasion.now));
    let row = Value::Object(fields);
    check_name(store, &Value::Null, &row)?;
    let record = record("CREATE", &Value::Null, &row, occasion);
    let changes = vec![minted, Change::Put(Kind::Campaigns, row.clone()), Change::History(id, record)];
    Ok(Decision { changes, object: row })
}

/// `PATCH {campaigns}/{id}`. `if_match` is the version of the header; without it a `version` in the body is the precondition.
pub(crate) fn patch(store: &Store, id: &str, if_match: Option<u64>, body: &Value, occasion: &Occasion<'_>) -> Ruling {
    let before = store.object(Kind::Campaigns, id)?;
    let mut patch = schema::CAMPAIGN.part(body).map_err(Refusal::fields)?;
    if patch.get("status").is_some_and(Value::is_null) {
        return Err(Refusal::field("status", "may not be null"));
    }
    let expected = if_match.or_else(|| patch.get("version").and_then(Value::as_u64));
    patch.remove("version");
    let current = version(&before);
    if let Some(expected) = expected.filter(|expected| *expected != current) {
        let message = format!("the campaign has version {current}, not {expected}");
        return Err(Refusal::conflict("version_conflict", message));
    }
    let transition = check_transition(&before, &mut patch)?;

    let mut fields = before.as_object().cloned().unwrap_or_default();
    merge(&mut fields, &patch);
    stamp(&mut fields, current, occasion);
    let row = Value::Object(fields);
    check_name(store, &before, &row)?;
    let record = record(if transition { "TRANSITION" } else { "UPDATE" }, &before, &row, occasion);
    let changes = vec![Change::Put(Kind::Campaigns, row.clone()), Change::History(id.to_owned(), record)];
    Ok(Decision { changes, object: row })
}

/// The campaign one version later, for tenants that count writes below it.
pub(super) fn touched(store: &Store, id: &str, occasion: &Occasion<'_>) -> Result<Change, Refusal> {
    let before = store.object(Kind::Campaigns, id)?;
    let mut fields = before.as_object().cloned().unwrap_or_default();
    stamp(&mut fields, version(&before), occasion);
    Ok(Change::Put(Kind::Campaigns, Value::Object(fields)))
}

fn stamp(fields: &mut Map<String, Value>, current: u64, occasion: &Occasion<'_>) {
    fields.insert("version".to_owned(), json!(current + 1));
    fields.insert("updatedAt".to_owned(), json!(occasion.now));
}

/// Whether the patch is a transition; the status it asks for is put into the form that the store keeps.
fn check_transition(before: &Value, patch: &mut Map<String, Value>) -> Result<bool, Refusal> {
    let Some(wanted) = patch.get("status").and_then(Value::as_str).map(str::to_lowercase) else { return Ok(false) };
    let present = text(before, "status").to_lowercase();
    if wanted == present {
        patch.remove("status");
        return Ok(false);
    }
    let allowed = matches!(
        (present.as_str(), wanted.as_str()),
        ("draft" | "paused", "active") | ("draft" | "active" | "paused", "completed") | ("active", "paused")
    );
    if !allowed {
        let refusal = Refusal::field("status", format!("a {present} campaign cannot become {wanted}"));
        return Err(refusal.under(422, "invalid_transition"));
    }
    patch.insert("status".to_owned(), json!(wanted));
    Ok(true)
}

fn check_name(store: &Store, before: &Value, row: &Value) -> Result<(), Refusal> {
    let (id, name) = (text(row, "id"), text(row, "name"));
    if text(before, "name") == name {
        return Ok(());
    }
    if store.table(Kind::Campaigns).found(&name_key(name)).any(|other| text(&other, "id") != id) {
        return Err(Refusal::conflict("duplicate_name", format!("a campaign named `{name}` exists")));
    }
    Ok(())
}

fn record(action: &str, before: &Value, after: &Value, occasion: &Occasion<'_>) -> Value {
    const BOOKKEEPING: [&str; 4] = ["id", "version", "createdAt", "updatedAt"];
    let mut changes = changes(before, after);
    changes.retain(|change| !BOOKKEEPING.contains(&text(change, "field")));
    json!({
        "timestamp": occasion.now,
        "actor": occasion.actor,
        "action": action,
        "version": version(after),
        "changes": changes,
    })
}
