//! A campaign's history for programs.

use cxform_model::RemoteId;
use cxform_tenant::HistoryRecord;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Picked, time};

/// The document, as `schemas/history.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryV1 {
    /// 1.
    pub format_version: u32,
    /// The environment's name.
    pub environment: String,
    /// What identifies the tenant.
    pub tenant: String,
    /// When the tenant was read.
    pub read_at: String,
    /// The campaign's name.
    pub campaign: String,
    /// The tenant's id of it.
    pub id: String,
    /// Records that a time was asked of and that tell none.
    pub undated: usize,
    /// The records, the oldest first.
    pub records: Vec<RecordV1>,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordV1 {
    /// When; `null` where the tenant tells no time that can be read.
    pub time: Option<String>,
    /// Who.
    pub actor: String,
    /// What was done, in the tenant's word.
    pub action: String,
    /// The version that it left.
    pub version: u64,
    /// What changed.
    pub changes: Vec<ChangeV1>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeV1 {
    /// Its path.
    pub field: String,
    /// The value before.
    pub before: Value,
    /// The value after.
    pub after: Value,
}

impl HistoryV1 {
    /// The document of one reading.
    #[must_use]
    pub fn new(environment: &str, tenant: &str, at: Timestamp, name: &str, id: &RemoteId, picked: &Picked) -> Self {
        Self {
            format_version: 1,
            environment: environment.to_owned(),
            tenant: tenant.to_owned(),
            read_at: format!("{at:.0}"),
            campaign: name.to_owned(),
            id: id.0.clone(),
            undated: picked.undated,
            records: picked.records.iter().map(RecordV1::of).collect(),
        }
    }
}

impl RecordV1 {
    fn of(record: &HistoryRecord) -> Self {
        let change = |(field, before, after): &(String, Value, Value)| ChangeV1 {
            field: field.clone(),
            before: before.clone(),
            after: after.clone(),
        };
        Self {
            time: time(record).map(|at| at.to_string()),
            actor: record.actor.clone(),
            action: record.action.clone(),
            version: record.version.0,
            changes: record.changes.iter().map(change).collect(),
        }
    }
}
