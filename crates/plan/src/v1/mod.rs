//! Plans on disk and on stdout, format 1: frozen structs of their own, checked when read back.

mod from;
mod into;
mod write;

use std::collections::BTreeMap;

use cxform_model::{Address, Fingerprint, RemoteId, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Plan;

pub use write::{DocumentV1, KindV1, NewParentV1, PreconditionV1, StatusV1, TargetV1, WriteV1};
pub(crate) use write::{precondition_json, write_json};

/// The format that this module writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// A plan as JSON; `schemas/plan.schema.json` says the same for other readers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's; `Plan` explains them")]
pub struct PlanV1 {
    pub format_version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub project: String,
    pub environment: String,
    pub tenant: String,
    pub digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(default, skip_serializing_if = "Fingerprint::is_empty")]
    pub fingerprint: Fingerprint,
    pub summary: SummaryV1,
    pub estimate: EstimateV1,
    pub changes: Vec<ChangeV1>,
    pub steps: Vec<StepV1>,
    pub warnings: Vec<WarningV1>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<LiveV1>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowances: Vec<AllowanceV1>,
}

/// How many changes of each action there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct SummaryV1 {
    pub create: usize,
    pub update: usize,
    pub retire: usize,
    pub assign: usize,
    pub unassign: usize,
    pub transition: usize,
    pub unchanged: usize,
}

/// How much work apply is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct EstimateV1 {
    pub requests: u64,
    pub seconds: f64,
    pub by_endpoint: BTreeMap<String, u64>,
}

/// What happens to one address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct ChangeV1 {
    pub address: Address,
    pub action: ActionV1,
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<PlaceV1>,
    pub fields: Vec<FieldV1>,
}

/// The word of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum ActionV1 {
    Create,
    Update,
    Retire,
    Assign,
    Unassign,
    Transition,
}

/// One field of a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct FieldV1 {
    pub path: String,
    pub before: Value,
    pub after: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<PlaceV1>,
}

/// What the change of a field that bears on compliance means. It follows from the values, so it is never read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum ClassV1 {
    Tightening,
    Neutral,
    Loosening,
}

/// A place in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct PlaceV1 {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// One write with all that decides whether it may be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct StepV1 {
    pub id: String,
    pub address: Address,
    pub action: ActionV1,
    pub needs: Vec<String>,
    pub precondition: PreconditionV1,
    pub write: WriteV1,
    pub base: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_version: Option<Version>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bare: bool,
    pub places: BTreeMap<String, PlaceV1>,
}

/// A policy that the plan breaks and somebody lets pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct AllowanceV1 {
    pub policy: String,
    pub reason: String,
}

/// A campaign that dials while the plan is carried out. Without `figures` it is not known how it is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct LiveV1 {
    pub address: Address,
    pub id: RemoteId,
    pub needs_pause: Vec<String>,
    pub stands_still: bool,
    pub figures: Option<FiguresV1>,
}

/// How a campaign was doing when the plan was made; null where the tenant does not say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct FiguresV1 {
    pub status: Option<StatusV1>,
    pub calls: Option<u64>,
    pub utilization: Option<f64>,
}

/// A warning that travels with the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub struct WarningV1 {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<PlaceV1>,
}

/// Why a text is no plan that can be carried out.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It is no JSON, or not of the format.
    #[error("not a plan of format {FORMAT_VERSION}: {0}")]
    Format(#[from] serde_json::Error),
    /// Another version of the product wrote it.
    #[error("the plan has format {0}, this version of cxform reads format {FORMAT_VERSION}: plan again")]
    Version(u64),
    /// A part of it contradicts another.
    #[error("the plan contradicts itself: {0}")]
    Contradiction(String),
    /// Its content is not what was approved.
    #[error("the plan was changed after it was made: its content has the digest `{found}`, not `{written}`")]
    Digest {
        /// What it says.
        written: String,
        /// What its content has.
        found: String,
    },
}

/// The plan as JSON text, with a line feed at the end.
#[must_use]
pub fn write(plan: &Plan) -> String {
    // Strings, numbers and maps with text keys: nothing in here can fail to be written.
    let mut text = serde_json::to_string_pretty(&PlanV1::from(plan)).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads what [`write`](fn@write) wrote.
///
/// # Errors
/// Anything else, a plan of another format, and one whose content is not what its digest says.
pub fn read(text: &str) -> Result<Plan, PlanError> {
    // The version first: a later format should be called that, not a list of unknown fields.
    let value: Value = serde_json::from_str(text)?;
    match value.get("formatVersion").and_then(Value::as_u64) {
        Some(version) if version != u64::from(FORMAT_VERSION) => Err(PlanError::Version(version)),
        _ => Plan::try_from(serde_json::from_value::<PlanV1>(value)?),
    }
}
