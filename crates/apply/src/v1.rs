//! The frozen form of a report: what `apply --format json` prints.
//!
//! Fields are only ever added here; whatever the report becomes inside, these names and meanings stay.

use std::collections::BTreeMap;

use cxform_model::Address;
use cxform_plan::Place;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Author, Conflict, Failure, FieldConflict, Rebase, Report, Rollback, StepReport, StepResult};

/// A report, format version 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format")]
pub struct ReportV1 {
    pub format_version: u32,
    pub run_id: String,
    pub project: String,
    pub environment: String,
    pub tenant: String,
    pub plan_digest: String,
    pub outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub counts: BTreeMap<String, usize>,
    pub requests: u64,
    pub retries: u64,
    pub seconds: f64,
    pub steps: Vec<StepV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackV1>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_paused: Vec<String>,
}

/// What was taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format")]
pub struct RollbackV1 {
    pub complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub steps: Vec<StepV1>,
    pub cannot: Vec<CannotV1>,
}

/// What stays as the run left it, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the format")]
pub struct CannotV1 {
    pub address: String,
    pub reason: String,
}

/// One step of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format")]
pub struct StepV1 {
    pub id: String,
    pub address: String,
    pub action: String,
    pub result: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<ConflictV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebase: Option<RebaseV1>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rolled_back: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    pub latency_ms: u64,
    pub retries: u64,
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format")]
pub struct ErrorV1 {
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldErrorV1>,
}

/// What the server says about one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the format")]
pub struct FieldErrorV1 {
    pub field: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceV1>,
}

/// A place in a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the format")]
pub struct SourceV1 {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// What the three sides of a conflict hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format")]
pub struct ConflictV1 {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_version: Option<u64>,
    pub fields: Vec<FieldConflictV1>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

/// What a step was rebased on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format")]
pub struct RebaseV1 {
    pub planned_version: u64,
    pub found_version: u64,
    pub fields: Vec<FieldConflictV1>,
    pub authors: Vec<AuthorV1>,
}

/// Who changed a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the format")]
pub struct AuthorV1 {
    pub actor: String,
    pub time: String,
    pub version: u64,
}

/// One field of a conflict; without `ours` the step leaves the field alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the format")]
pub struct FieldConflictV1 {
    pub path: String,
    pub base: Value,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub ours: Option<Value>,
    pub theirs: Value,
}

/// A null that is written is a value: the step clears the field.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl From<&Report> for ReportV1 {
    fn from(report: &Report) -> Self {
        let Report {
            run,
            project,
            environment,
            tenant,
            plan_digest,
            steps,
            rollback,
            interrupted: _,
            ended,
            requests,
            retries,
            duration,
        } = report;
        let crate::Counts { applied, rebased, unchanged, failed, conflict, skipped } = report.counts();
        let counts = [
            ("applied", applied),
            ("rebased", rebased),
            ("unchanged", unchanged),
            ("failed", failed),
            ("conflict", conflict),
            ("skipped", skipped),
        ];
        Self {
            format_version: 1,
            run_id: run.to_string(),
            project: project.clone(),
            environment: environment.clone(),
            tenant: tenant.clone(),
            plan_digest: plan_digest.clone(),
            outcome: report.outcome().word().to_owned(),
            error: ended.clone(),
            counts: counts.into_iter().map(|(word, count)| (word.to_owned(), count)).collect(),
            requests: *requests,
            retries: *retries,
            seconds: (duration.as_secs_f64() * 1000.0).round() / 1000.0,
            steps: steps.iter().map(StepV1::from).collect(),
            rollback: rollback.as_ref().map(RollbackV1::from),
            left_paused: report.left_paused().into_iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&StepReport> for StepV1 {
    fn from(step: &StepReport) -> Self {
        let StepReport {
            id,
            address,
            action,
            result,
            written: _,
            created: _,
            object: _,
            before: _,
            after: _,
            settled: _,
            earlier: _,
            rolled_back,
            version,
            latency,
            retries,
            payload_sha256: _,
        } = step;
        let (reason, error, conflict) = match result {
            StepResult::Applied | StepResult::Rebased(_) | StepResult::Unchanged => (None, None, None),
            StepResult::Failed(failure) => (None, Some(ErrorV1::from(&**failure)), None),
            StepResult::Conflict(conflict) => {
                (Some(conflict.reason.to_string()), None, Some(ConflictV1::from(&**conflict)))
            }
            StepResult::Skipped(skip) => (Some(skip.to_string()), None, None),
        };
        Self {
            id: id.clone(),
            address: address.to_string(),
            action: action.word().to_owned(),
            result: result.word().to_owned(),
            reason,
            error,
            conflict,
            rebase: match result {
                StepResult::Rebased(rebase) => Some(RebaseV1::from(&**rebase)),
                _ => None,
            },
            rolled_back: *rolled_back,
            version: version.map(|version| version.0),
            latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
            retries: *retries,
        }
    }
}

impl From<&Failure> for ErrorV1 {
    fn from(failure: &Failure) -> Self {
        let Failure { cause: _, message, status, request_id, fields } = failure;
        let source = |place: &Place| SourceV1 { file: place.file.clone(), line: place.line, column: place.column };
        Self {
            message: message.clone(),
            status: *status,
            request_id: request_id.clone(),
            fields: fields
                .iter()
                .map(|field| FieldErrorV1 {
                    field: field.field.clone(),
                    message: field.message.clone(),
                    source: field.source.as_ref().map(source),
                })
                .collect(),
        }
    }
}

impl From<&Conflict> for ConflictV1 {
    fn from(conflict: &Conflict) -> Self {
        let Conflict { address: _, reason: _, fields, version, findings } = conflict;
        Self {
            planned_version: version.map(|version| version.planned.0),
            found_version: version.and_then(|version| version.found).map(|version| version.0),
            fields: fields.iter().map(FieldConflictV1::from).collect(),
            findings: findings.clone(),
        }
    }
}

impl From<&FieldConflict> for FieldConflictV1 {
    fn from(field: &FieldConflict) -> Self {
        let FieldConflict { path, base, ours, theirs } = field.clone();
        Self { path, base, ours, theirs }
    }
}

impl From<&Rebase> for RebaseV1 {
    fn from(rebase: &Rebase) -> Self {
        let Rebase { planned, found, fields, authors } = rebase;
        let author = |author: &Author| {
            let Author { actor, time, version } = author.clone();
            AuthorV1 { actor, time, version: version.0 }
        };
        Self {
            planned_version: planned.0,
            found_version: found.0,
            fields: fields.iter().map(FieldConflictV1::from).collect(),
            authors: authors.iter().map(author).collect(),
        }
    }
}

impl From<&Rollback> for RollbackV1 {
    fn from(rollback: &Rollback) -> Self {
        let Rollback { steps, cannot, error } = rollback;
        let stays =
            |(address, reason): &(Address, String)| CannotV1 { address: address.to_string(), reason: reason.clone() };
        Self {
            complete: rollback.is_complete(),
            error: error.clone(),
            steps: steps.iter().map(StepV1::from).collect(),
            cannot: cannot.iter().map(stays).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use cxform_model::Version;
    use cxform_plan::Action;
    use serde_json::json;

    use super::*;
    use crate::report::tests::{failed, report};
    use crate::{ConflictReason, FieldFailure, Skip, Unmet, VersionConflict, Written};

    #[test]
    fn a_report_is_written_in_the_words_of_the_format() {
        let StepResult::Failed(mut failure) = failed() else { unreachable!() };
        failure.status = Some(422);
        failure.request_id = Some("req_1".into());
        failure.fields = vec![FieldFailure {
            field: "name".into(),
            message: "too long".into(),
            source: Some(Place { file: "m.yaml".into(), line: 3, column: 5 }),
        }];
        let conflict = Conflict {
            address: Address::campaign("q3"),
            reason: ConflictReason::Changed,
            fields: vec![FieldConflict {
                path: "startDateTime".into(),
                base: json!("2026-12-01T09:00:00Z"),
                ours: Some(Value::Null),
                theirs: json!("2026-12-02T09:00:00Z"),
            }],
            version: Some(VersionConflict { planned: Version(3), found: Some(Version(4)) }),
            findings: Vec::new(),
        };
        let mut report = report(
            vec![
                (StepResult::Applied, Written::Yes),
                (StepResult::Failed(failure), Written::No),
                (StepResult::Conflict(Box::new(conflict)), Written::No),
                (
                    StepResult::Skipped(Skip::Needs(Unmet { address: Address::outcome("O1"), action: Action::Create })),
                    Written::No,
                ),
            ],
            false,
        );
        report.run = "01930000-0000-7000-8000-000000000000".parse().unwrap();
        report.steps[0].version = Some(Version(2));
        let frozen = ReportV1::from(&report);
        let value = serde_json::to_value(&frozen).unwrap();
        assert_eq!(
            value,
            json!({
                "formatVersion": 1, "runId": "01930000-0000-7000-8000-000000000000", "project": "acme",
                "environment": "prod", "tenant": "https://tenant.example", "planDigest": "sha256:00",
                "outcome": "conflict",
                "counts": { "applied": 1, "rebased": 0, "unchanged": 0, "failed": 1, "conflict": 1, "skipped": 1 },
                "requests": 7, "retries": 1, "seconds": 1.5,
                "steps": [
                    { "id": "outcome/O0:create", "address": "outcome/O0", "action": "create", "result": "applied",
                      "version": 2, "latencyMs": 12, "retries": 0 },
                    { "id": "outcome/O1:create", "address": "outcome/O1", "action": "create", "result": "failed",
                      "error": { "message": "no", "status": 422, "requestId": "req_1", "fields": [
                          { "field": "name", "message": "too long",
                            "source": { "file": "m.yaml", "line": 3, "column": 5 } } ] },
                      "latencyMs": 12, "retries": 0 },
                    { "id": "outcome/O2:create", "address": "outcome/O2", "action": "create", "result": "conflict",
                      "reason": "it has changed since the plan was made",
                      "conflict": { "plannedVersion": 3, "foundVersion": 4, "fields": [
                              { "path": "startDateTime", "base": "2026-12-01T09:00:00Z", "ours": null,
                                "theirs": "2026-12-02T09:00:00Z" } ] },
                      "latencyMs": 12, "retries": 0 },
                    { "id": "outcome/O3:create", "address": "outcome/O3", "action": "create", "result": "skipped",
                      "reason": "`outcome/O1` was not created",
                      "latencyMs": 12, "retries": 0 },
                ],
            })
        );
        assert_eq!(serde_json::from_value::<ReportV1>(value).unwrap(), frozen, "it is read as it was written");
    }
}
