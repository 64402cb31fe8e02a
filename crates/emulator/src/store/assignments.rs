//! The rules of outcomes on campaigns [000]: once each, and one default.

use serde_json::{Value, json};

use super::{Change, Decision, Kind, Occasion, Refusal, Ruling, Store, campaigns, merge::merge, text};
use crate::schema;

/// How assignments are found.
pub(super) fn keys(row: &Value) -> Vec<String> {
    let campaign = text(row, "campaignId");
    let mut keys = vec![campaign_key(campaign)];
    if row.get("defaultSelection").and_then(Value::as_bool) == Some(true) {
        keys.push(default_key(campaign));
    }
    keys
}

/// All assignments of a campaign.
pub(crate) fn campaign_key(campaign: &str) -> String {
    format!("campaign:{campaign}")
}

fn default_key(campaign: &str) -> String {
    format!("default:{campaign}")
}

/// The identity of an assignment, which the API itself never shows.
pub(super) fn id(campaign: &str, outcome: &str) -> String {
    format!("{campaign}/{outcome}")
}

/// An assignment as the API shows it.
pub(crate) fn shown(mut row: Value) -> Value {
    if let Some(fields) = row.as_object_mut() {
        fields.remove("campaignId");
    }
    row
}

/// `POST /api/v2/campaigns/{id}/outcomes`.
pub(crate) fn create(store: &Store, campaign: &str, body: &Value, occasion: &Occasion<'_>) -> Ruling {
    store.object(Kind::Campaigns, campaign)?;
    let mut fields = schema::ASSIGNMENT.whole(body).map_err(Refusal::fields)?;
    fields.entry("defaultSelection").or_insert(json!(false));
    fields.insert("campaignId".to_owned(), json!(campaign));
    let row = Value::Object(fields);
    let outcome = text(&row, "outcomeId");
    if !store.table(Kind::Outcomes).has(outcome) {
        return Err(Refusal::new(400, "outcome_not_found", format!("no outcome `{outcome}`")));
    }
    if store.table(Kind::Assignments).has(&id(campaign, outcome)) {
        let message = format!("outcome `{outcome}` is assigned to this campaign");
        return Err(Refusal::conflict("already_assigned", message));
    }
    check_default(store, &row)?;
    decided(store, campaign, Change::Put(Kind::Assignments, row.clone()), shown(row), occasion)
}

/// `PATCH /api/v2/campaigns/{id}/outcomes/{outcomeId}`.
pub(crate) fn patch(store: &Store, campaign: &str, outcome: &str, body: &Value, occasion: &Occasion<'_>) -> Ruling {
    let before = existing(store, campaign, outcome)?;
    let mut patch = schema::ASSIGNMENT.part(body).map_err(Refusal::fields)?;
    // The path says which outcome is meant.
    patch.remove("outcomeId");
    let mut fields = before.as_object().cloned().unwrap_or_default();
    merge(&mut fields, &patch);
    fields.entry("defaultSelection").or_insert(json!(false));
    let row = Value::Object(fields);
    check_default(store, &row)?;
    decided(store, campaign, Change::Put(Kind::Assignments, row.clone()), shown(row), occasion)
}

/// `DELETE /api/v2/campaigns/{id}/outcomes/{outcomeId}`.
pub(crate) fn remove(store: &Store, campaign: &str, outcome: &str, occasion: &Occasion<'_>) -> Ruling {
    existing(store, campaign, outcome)?;
    let change = Change::Remove(Kind::Assignments, id(campaign, outcome));
    decided(store, campaign, change, Value::Null, occasion)
}

fn existing(store: &Store, campaign: &str, outcome: &str) -> Result<Value, Refusal> {
    store.object(Kind::Campaigns, campaign)?;
    let missing = |_| Refusal::missing(Kind::Assignments, outcome);
    store.object(Kind::Assignments, &id(campaign, outcome)).map_err(missing)
}

fn check_default(store: &Store, row: &Value) -> Result<(), Refusal> {
    if row.get("defaultSelection").and_then(Value::as_bool) != Some(true) {
        return Ok(());
    }
    let (campaign, outcome) = (text(row, "campaignId"), text(row, "outcomeId"));
    let mut defaults = store.table(Kind::Assignments).found(&default_key(campaign));
    match defaults.find(|other| text(other, "outcomeId") != outcome) {
        None => Ok(()),
        Some(other) => {
            let message = format!("outcome `{}` is the default of this campaign", text(&other, "outcomeId"));
            Err(Refusal::conflict("default_exists", message))
        }
    }
}

fn decided(store: &Store, campaign: &str, change: Change, object: Value, occasion: &Occasion<'_>) -> Ruling {
    let mut changes = vec![change];
    if occasion.count_assignments {
        changes.push(campaigns::touched(store, campaign, occasion)?);
    }
    Ok(Decision { changes, object })
}
