//! What others are told, in the envelopes of the seeds: lifecycle of a campaign \[002\], its contact selection \[004\], and
//! the run itself. Knows no HTTP: a notice is stored with what it tells, and sent later.

use std::collections::BTreeMap;

use cxform_apply::{StepReport, StepResult};
use cxform_manifest::Notification;
use cxform_model::{Kind, RemoteId};
use cxform_plan::{Action, Step};
use cxform_record::{NewNotice, payload_sha256};
use serde_json::{Value, json};

use super::checked;
use crate::drifting::v1::{DriftReportV1, DriftV1};

/// `source` of every envelope.
const SOURCE: &str = "cxform";

/// Who wants to be told what.
#[derive(Debug, Clone, Default)]
pub struct Audience(Vec<(String, Vec<&'static str>)>);

/// The run that a notice speaks of.
#[derive(Debug, Clone)]
pub struct About {
    /// The run.
    pub run: String,
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The tenant.
    pub tenant: String,
}

/// A receiver's name in notice ids: short, stable, and telling nothing of the URL.
pub fn receiver_key(notification: &Notification) -> String {
    payload_sha256(notification.written.as_bytes())[..12].to_owned()
}

/// Splits a stored notice's id into that of the event and the receiver's key.
pub fn event_and_receiver(id: &str) -> (&str, &str) {
    id.rsplit_once('@').unwrap_or((id, ""))
}

impl Audience {
    /// The receivers of a project.
    pub fn new(notifications: &[Notification]) -> Self {
        Self(notifications.iter().map(|receiver| (receiver_key(receiver), receiver.events.clone())).collect())
    }

    /// One notice for each receiver that wants the event. The same event always has the same id.
    fn tell(&self, event: &'static str, id: &str, payload: &Value) -> Vec<NewNotice> {
        let wanting = self.0.iter().filter(|(_, events)| events.contains(&event));
        wanting
            .map(|(receiver, _)| NewNotice {
                id: format!("{id}:{event}@{receiver}"),
                kind: event.to_owned(),
                payload: payload.clone(),
            })
            .collect()
    }

    /// A run begins, or goes on.
    pub fn run_started(&self, about: &About, resumes: u64, steps: usize, digest: &str) -> Vec<NewNotice> {
        let data = json!({ "steps": steps, "planDigest": digest, "resumed": resumes > 0 });
        self.tell("run_started", &format!("{}:{resumes}", about.run), &about.envelope("run_started", data))
    }

    /// A run ends, or is interrupted. The store puts the head of the audit chain in.
    pub fn run_finished(&self, about: &About, resumes: u64, outcome: &str, counts: Value) -> Vec<NewNotice> {
        let mut payload = about.envelope("run_finished", json!({ "outcome": outcome, "counts": counts }));
        payload["auditHead"] = Value::Null;
        self.tell("run_finished", &format!("{}:{resumes}", about.run), &payload)
    }

    /// The codes and assignments of a run are done, in the envelope of \[001\]. The store puts the figures in; where nothing was
    /// mapped, it lets the notice fall away.
    pub fn mapping_completed(&self, about: &About) -> Vec<NewNotice> {
        let payload =
            json!({ "event": "MAPPING_COMPLETED", "mappingId": about.run, "metrics": null, "timestamp": now() });
        self.tell("mapping_completed", &about.run, &payload)
    }

    /// Git and the tenant differ. The same difference since the same agreement always has the same id, so it is told once.
    pub fn drift(&self, report: &DriftReportV1, drift: &DriftV1) -> Vec<NewNotice> {
        let DriftReportV1 { project, environment, tenant, .. } = report;
        let mut data = json!({ "project": project, "environment": environment, "tenant": tenant });
        if let (Value::Object(data), Ok(Value::Object(drift))) = (&mut data, serde_json::to_value(drift)) {
            // Not beside the tenant's name: what both sides say comes as it does in a report.
            data.insert("drift".to_owned(), drift.into());
        }
        let payload = json!({ "source": SOURCE, "event": "drift", "timestamp": now(), "data": data });
        let since = drift.agreed.as_deref().unwrap_or("-");
        self.tell("drift", &format!("drift:{}:{since}", drift.fingerprint), &payload)
    }

    /// A step is decided.
    pub fn step(&self, about: &About, step: &StepReport, planned: Option<&Step>, flags: &Value) -> Vec<NewNotice> {
        let id = format!("{}:{}", about.run, step.id);
        let mut data = json!({ "address": step.address.to_string(), "action": step.action.word(), "step": step.id });
        match &step.result {
            StepResult::Failed(failure) => {
                data["error"] = failure.message.clone().into();
                data["status"] = json!(failure.status);
                return self.tell("step_failed", &id, &about.envelope("step_failed", data));
            }
            StepResult::Conflict(conflict) => {
                data["reason"] = conflict.reason.to_string().into();
                let fields = conflict.fields.iter().map(|field| {
                    json!({ "path": field.path, "base": field.base, "ours": field.ours, "theirs": field.theirs })
                });
                data["fields"] = fields.collect();
                return self.tell("conflict", &id, &about.envelope("conflict", data));
            }
            StepResult::Unchanged | StepResult::Skipped(_) => return Vec::new(),
            StepResult::Applied | StepResult::Rebased(_) => {}
        }
        let (Kind::Campaign, Some(campaign)) = (step.address.kind(), &step.object) else { return Vec::new() };
        let changes = changes(step, planned);
        let touches = |prefix: &str| changes.keys().any(|path| path.starts_with(prefix));
        let lifecycle = match step.action {
            Action::Create if planned.is_none_or(|planned| planned.base.is_empty()) => Some("campaign_created"),
            Action::Transition => Some("campaign_transitioned"),
            _ if touches("dialerSettings") => Some("campaign_tuned"),
            _ => None,
        };
        let mut notices = Vec::new();
        if let Some(event) = lifecycle {
            data["changes"] = json!(changes);
            data["version"] = json!(step.version.map(|version| version.0));
            if let Some(evidence) = flags.get(checked::EVIDENCE) {
                data["evidence"] = evidence.clone();
            }
            notices.extend(self.tell(event, &id, &about.campaign(event, campaign, data)));
        }
        if touches("contactSelection") {
            let payload = json!({
                "campaignId": campaign.0,
                "selectionUpdatedAt": now(),
                "complianceVerified": checked::verifies_selection(flags),
                // The store knows the number of the record.
                "auditId": null,
            });
            notices.extend(self.tell("selection_changed", &id, &payload));
        }
        notices
    }
}

impl About {
    fn envelope(&self, event: &str, mut data: Value) -> Value {
        let Self { run, project, environment, tenant } = self;
        data["run"] = run.clone().into();
        data["project"] = project.clone().into();
        data["environment"] = environment.clone().into();
        data["tenant"] = tenant.clone().into();
        json!({ "source": SOURCE, "event": event, "timestamp": now(), "data": data })
    }

    fn campaign(&self, event: &str, campaign: &RemoteId, data: Value) -> Value {
        let mut payload = self.envelope(event, data);
        payload["campaignId"] = campaign.0.clone().into();
        payload
    }
}

/// What the step changed, by path.
fn changes(step: &StepReport, planned: Option<&Step>) -> BTreeMap<String, Value> {
    let none = BTreeMap::new();
    let (before, after) = (step.before.as_ref().unwrap_or(&none), step.after.as_ref().unwrap_or(&none));
    let asked = planned.map(|planned| super::asked::asked(&planned.write)).unwrap_or_default();
    let changed = after.iter().filter(|(path, value)| before.get(*path) != Some(*value));
    changed
        .filter(|(path, _)| asked.is_empty() || asked.contains_key(*path))
        .map(|(path, after)| {
            // `path` names the field beside its values: so the store knows what to keep as a hash.
            (path.clone(), json!({ "path": path, "before": before.get(path), "after": after }))
        })
        .collect()
}

fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}
