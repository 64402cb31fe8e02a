//! Active or retired: outcomes, call codes and webhook subscriptions are never deleted, only switched off.

use std::sync::LazyLock;

use cxform_model::{CampaignStatus, DesiredObject, Field, Kind, ObservedObject, Setting, canonical_field};
use foldhash::HashMap;
use serde_json::Value;

/// Looked up once: every object is asked for it several times.
static SWITCHES: LazyLock<HashMap<Kind, (Field, Value)>> = LazyLock::new(|| {
    let switch = |kind, path, off| Some((kind, (Field::find(kind, path)?, off)));
    let switches = [
        switch(Kind::Outcome, "status", Value::from("INACTIVE")),
        switch(Kind::CallCode, "isActive", Value::from(false)),
        switch(Kind::Webhook, "isActive", Value::from(false)),
    ];
    switches.into_iter().flatten().collect()
});

/// The field that retires an object of this kind, and the value that does so.
pub(crate) fn switch(kind: Kind) -> Option<(Field, &'static Value)> {
    SWITCHES.get(&kind).map(|(field, off)| (*field, off))
}

/// Whether the manifest keeps the object as retired.
pub(crate) fn is_tombstone(kind: Kind, object: &DesiredObject) -> bool {
    switch(kind).is_some_and(|(field, off)| {
        !object.ignored.contains(&field)
            && matches!(object.fields.get(field).map(|field| &field.setting),
                Some(Setting::Value(value)) if canonical_field(field, Some(value)) == *off)
    })
}

/// Whether the tenant still uses the object; one that does not say counts as active.
pub(crate) fn is_active(object: &ObservedObject) -> bool {
    switch(object.kind).is_none_or(|(field, off)| canonical_field(field, object.fields.get(field)) != *off)
}

/// The run state of a campaign, as far as the tenant tells one that is known.
pub(crate) fn status(campaign: &ObservedObject) -> Option<CampaignStatus> {
    campaign.value("status").and_then(Value::as_str).and_then(CampaignStatus::from_word)
}

/// Whether a campaign dials right now, as far as the tenant says.
pub(crate) fn is_dialling(campaign: &ObservedObject) -> bool {
    status(campaign) == Some(CampaignStatus::Active)
}
