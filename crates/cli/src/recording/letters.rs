//! From what `apply` says to what `record` keeps: intents, answers, ends of steps, audit records. Pure.

use std::collections::BTreeMap;

use cxform_apply::{Exchange, Intent, PastResult, Reply, StepReport, StepResult};
use cxform_model::{Address, Endpoint, Precondition, RemoteId, Version};
use cxform_record::{AttemptOutcome, NewAttempt, NewBase, NewRecord, StepOutcome, WriteResult};
use serde_json::Value;

/// The request that an intent announces.
pub fn attempt(intent: &Intent, method: Option<&str>) -> NewAttempt {
    let key = intent.id.as_ref().map_or_else(|| intent.address.to_string(), |id| id.0.clone());
    NewAttempt {
        step: intent.step.clone(),
        attempt: intent.attempt,
        address: intent.address.to_string(),
        endpoint: intent.endpoint.name().to_owned(),
        method: method.map(ToOwned::to_owned),
        key,
        body_sha256: intent.payload_sha256.clone().unwrap_or_default(),
        precondition: precondition(&intent.precondition, intent.version),
        idempotency_key: intent.idempotency_key.clone(),
    }
}

fn precondition(precondition: &Precondition, version: Option<Version>) -> String {
    match (precondition, version) {
        (_, Some(version)) => format!("version {}", version.0),
        (Precondition::Absent, None) => "absent".to_owned(),
        (Precondition::Version(version), None) => format!("version {}", version.0),
        (Precondition::Content(hash), None) => format!("content {hash}"),
        (Precondition::Follows, None) => "follows".to_owned(),
    }
}

/// Where a write went.
#[derive(Debug, Clone)]
pub struct Line {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
}

/// What became of a request.
pub const fn outcome(reply: &Reply) -> AttemptOutcome {
    match reply {
        Reply::Accepted { .. } => AttemptOutcome::Accepted,
        Reply::Refused(_) => AttemptOutcome::Refused,
        Reply::Lost(_) => AttemptOutcome::Lost,
    }
}

/// The audit record of a write that was answered, or never was.
pub fn audit(exchange: &Exchange, line: Line, rebased: bool, compliance: Value) -> NewRecord {
    let Exchange { intent, reply, latency, retries, request_id } = exchange;
    let (result, version_after) = match reply {
        Reply::Accepted { version, .. } => {
            (if rebased { WriteResult::Rebased } else { WriteResult::Applied }, *version)
        }
        Reply::Refused(_) => (WriteResult::Refused, None),
        Reply::Lost(_) => (WriteResult::Lost, None),
    };
    let makes = matches!(
        intent.endpoint,
        Endpoint::CreateOutcome
            | Endpoint::CreateCallCode
            | Endpoint::CreateCampaign
            | Endpoint::CreateWebhook
            | Endpoint::Assign
    );
    NewRecord {
        run: intent.run.to_string(),
        step: intent.step.clone(),
        address: intent.address.to_string(),
        endpoint: intent.endpoint.name().to_owned(),
        method: line.method,
        path: line.path,
        before: (!makes).then(|| object(&intent.before)),
        after: (intent.endpoint != Endpoint::Unassign).then(|| object(&intent.after)),
        version_before: version(intent.version),
        version_after: version(version_after),
        result,
        latency_ms: milliseconds(*latency),
        retries: u64::from(*retries),
        request_id: request_id.clone(),
        compliance,
        payload_sha256: intent.payload_sha256.clone(),
    }
}

/// The audit record of a write whose answer was lost and that was found to be applied.
pub fn settled(run: &str, step: &StepReport, endpoint: Endpoint, line: Line, compliance: Value) -> NewRecord {
    let known = |paths: &Option<BTreeMap<String, Value>>| paths.as_ref().filter(|paths| !paths.is_empty()).map(object);
    NewRecord {
        run: run.to_owned(),
        step: step.id.clone(),
        address: step.address.to_string(),
        endpoint: endpoint.name().to_owned(),
        method: line.method,
        path: line.path,
        before: known(&step.before),
        after: known(&step.after),
        version_before: None,
        version_after: version(step.version),
        result: WriteResult::Settled,
        latency_ms: milliseconds(step.latency),
        retries: step.retries,
        request_id: None,
        compliance,
        payload_sha256: step.payload_sha256.clone(),
    }
}

/// How a step ended, in the journal's words.
pub const fn ended(step: &StepReport) -> StepOutcome {
    match &step.result {
        StepResult::Applied | StepResult::Rebased(_) if step.rolled_back => StepOutcome::RolledBack,
        StepResult::Applied => StepOutcome::Applied,
        StepResult::Rebased(_) => StepOutcome::Rebased,
        StepResult::Unchanged => StepOutcome::Unchanged,
        StepResult::Failed(_) => StepOutcome::Failed,
        StepResult::Conflict(_) => StepOutcome::Conflict,
        StepResult::Skipped(_) => StepOutcome::Skipped,
    }
}

/// The same the other way, for a run that goes on. What is tried anew has none.
pub const fn past(outcome: StepOutcome) -> Option<PastResult> {
    match outcome {
        StepOutcome::Applied => Some(PastResult::Applied),
        StepOutcome::Rebased => Some(PastResult::Rebased),
        StepOutcome::Unchanged => Some(PastResult::Unchanged),
        StepOutcome::RolledBack => Some(PastResult::RolledBack),
        StepOutcome::Failed | StepOutcome::Conflict | StepOutcome::Skipped => None,
    }
}

/// Why a step ended as it did. With `reveals`, in the tenant's own words, which may quote a value.
pub fn detail(result: &StepResult, reveals: bool) -> Option<String> {
    match result {
        StepResult::Applied | StepResult::Unchanged => None,
        StepResult::Rebased(rebase) => {
            let fields: Vec<_> = rebase.fields.iter().map(|field| field.path.as_str()).collect();
            let authors: Vec<_> = rebase.authors.iter().map(|author| author.actor.as_str()).collect();
            let by = if authors.is_empty() { String::new() } else { format!(" by {}", authors.join(", ")) };
            Some(format!("on top of version {}: {} changed{by}", rebase.found.0, fields.join(", ")))
        }
        StepResult::Failed(failure) if reveals => Some(failure.message.clone()),
        StepResult::Failed(failure) => Some(match failure.status {
            Some(status) => format!("the tenant answered {status}"),
            None => "no answer of the tenant".to_owned(),
        }),
        StepResult::Conflict(conflict) => {
            let fields: Vec<_> = conflict.fields.iter().map(|field| field.path.as_str()).collect();
            Some(format!("{}: {}", conflict.reason, fields.join(", ")))
        }
        StepResult::Skipped(skip) => Some(skip.to_string()),
    }
}

/// What the object is now, as the third side of later comparisons.
pub fn base(tenant: &str, step: &StepReport) -> Option<NewBase> {
    if !step.result.satisfies() {
        return None;
    }
    let after = step.after.as_ref()?;
    Some(NewBase {
        tenant: tenant.to_owned(),
        address: step.address.to_string(),
        fields: (!after.is_empty()).then(|| object(after)),
        version: version(step.version),
    })
}

/// A version as it is kept.
pub fn version(version: Option<Version>) -> Option<String> {
    version.map(|version| version.0.to_string())
}

/// An id as it is kept.
pub fn id(id: Option<&RemoteId>) -> Option<String> {
    id.map(|id| id.0.clone())
}

/// Whether an object has contact selection rules, whose values may be personal data \[004\].
pub fn may_quote_rules(address: &Address) -> bool {
    address.kind() == cxform_model::Kind::Campaign
}

fn object(paths: &BTreeMap<String, Value>) -> Value {
    Value::Object(paths.iter().map(|(path, value)| (path.clone(), value.clone())).collect())
}

pub fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
