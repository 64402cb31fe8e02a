//! The journal that every request of a run waits for, kept in the store.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use cxform_apply::{Exchange, Intent, Journal, JournalError, Recording, Reply, StepReport, StepResult};
use cxform_model::{Address, Endpoint, RemoteId, Target};
use cxform_plan::{Plan, Step, Waiver};
use cxform_record::{AttemptResult, InFlight, NewRecord, StepEnd, Store, StoreError, WriteResult};
use cxform_tenant::Connection;
use serde_json::Value;
use tokio::sync::watch;

use super::asked::{asked, targets};
use super::checked;
use super::letters::{self, Line};
use super::notices::{About, Audience};
use crate::project;

/// Writes down what one run does.
pub struct RunJournal {
    store: Store,
    about: About,
    plan: Arc<Plan>,
    steps: HashMap<String, usize>,
    /// A step of each assignment: it knows the campaign.
    desktops: HashMap<Address, usize>,
    connection: Connection,
    waivers: Vec<Waiver>,
    audience: Audience,
    reveals_rules: bool,
    /// Turns `true` when somebody else may be writing.
    lost: watch::Receiver<bool>,
    evidence: Arc<BTreeMap<Address, Value>>,
    seen: Mutex<Seen>,
}

/// What is learnt while the run goes on.
#[derive(Default)]
struct Seen {
    ids: HashMap<Address, RemoteId>,
    /// Steps of which a request was refused for its version: an acceptance after that is a rebase.
    stale: HashSet<String>,
    /// The last call of each step: a rollback's steps stand in no plan.
    calls: HashMap<String, Endpoint>,
}

/// What a journal is made of.
pub struct Parts {
    pub store: Store,
    pub about: About,
    pub plan: Arc<Plan>,
    pub connection: Connection,
    pub waivers: Vec<Waiver>,
    pub audience: Audience,
    pub reveals_rules: bool,
    pub lost: watch::Receiver<bool>,
    /// The ids that earlier processes of the run got.
    pub ids: HashMap<Address, RemoteId>,
    /// What writes were decided by, beside the plan.
    pub evidence: Arc<BTreeMap<Address, Value>>,
}

impl RunJournal {
    /// A journal for one run.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, about, plan, connection, waivers, audience, reveals_rules, lost, ids, evidence } = parts;
        let steps = plan.steps.iter().enumerate().map(|(at, step)| (step.id.clone(), at)).collect();
        let on_desktops = plan.steps.iter().enumerate().filter(|(_, step)| targets(&step.write).1.is_some());
        let desktops = on_desktops.map(|(at, step)| (step.address.clone(), at)).collect();
        let seen = Mutex::new(Seen { ids, ..Seen::default() });
        Self { store, about, plan, steps, desktops, connection, waivers, audience, reveals_rules, lost, evidence, seen }
    }

    fn planned(&self, step: &str) -> Option<&Step> {
        self.steps.get(step).and_then(|at| self.plan.steps.get(*at))
    }

    fn with_seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn id_of(&self, target: &Target) -> Option<RemoteId> {
        match target {
            Target::Existing(id) => Some(id.clone()),
            Target::Created(address) => self.with_seen(|seen| seen.ids.get(address).cloned()),
        }
    }

    /// Method and path of a write.
    fn line(&self, address: &Address, endpoint: Endpoint, object: Option<&RemoteId>) -> Line {
        let campaign = self.desktops.get(address).and_then(|at| self.plan.steps.get(*at));
        let campaign = campaign.and_then(|step| self.id_of(targets(&step.write).1?));
        line(&self.connection, endpoint, campaign.as_ref(), object)
    }

    fn flags(&self, address: &Address, standing: &BTreeMap<String, Value>) -> Value {
        let mut flags = checked::flags(address, standing, &self.waivers, &project::today());
        if let (Some(evidence), Some(flags)) = (self.evidence.get(address), flags.as_object_mut()) {
            flags.insert(checked::EVIDENCE.to_owned(), evidence.clone());
        }
        flags
    }

    async fn intend(&self, intent: &Intent) -> Result<(), JournalError> {
        if *self.lost.borrow() {
            return Err(JournalError("the lock of the tenant was lost, so somebody else may be writing".to_owned()));
        }
        self.with_seen(|seen| seen.calls.insert(intent.step.clone(), intent.endpoint));
        let line = self.line(&intent.address, intent.endpoint, intent.id.as_ref());
        let attempt = letters::attempt(intent, Some(&line.method));
        let first = self.store.intend(&self.about.run, attempt.clone()).await;
        match first {
            // Whether it is stored is unknown; the same intent again is no second one.
            Err(StoreError::Uncertain(_)) => self.store.intend(&self.about.run, attempt).await,
            known => known,
        }
        .map_err(|error| JournalError(error.to_string()))
    }

    async fn record(&self, exchange: &Exchange) -> Result<(), JournalError> {
        let intent = &exchange.intent;
        let stored = self.store.result(&self.about.run, &intent.step, intent.attempt, self.result(exchange)).await;
        stored.map_err(|error| JournalError(error.to_string()))
    }

    async fn found_out(&self, exchange: &Exchange) -> Result<(), JournalError> {
        let intent = &exchange.intent;
        let result = AttemptResult { latency_ms: None, ..self.result(exchange) };
        let stored = self.store.found_out(&self.about.run, &intent.step, intent.attempt, result).await;
        stored.map_err(|error| JournalError(error.to_string()))
    }

    /// An answer, with its audit record.
    fn result(&self, exchange: &Exchange) -> AttemptResult {
        let Exchange { intent, reply, latency, retries, request_id } = exchange;
        let mut standing = self.planned(&intent.step).map(|planned| planned.base.clone()).unwrap_or_default();
        standing.extend(intent.before.clone());
        standing.extend(intent.after.clone());
        let line = self.line(&intent.address, intent.endpoint, intent.id.as_ref());
        let rebased = self.with_seen(|seen| {
            if matches!(reply, Reply::Refused(_)) {
                seen.stale.insert(intent.step.clone());
            }
            intent.version.is_some() && seen.stale.contains(&intent.step)
        });
        let (remote_id, version) = match reply {
            Reply::Accepted { id, version } => {
                if let Some(id) = id {
                    self.with_seen(|seen| seen.ids.insert(intent.address.clone(), id.clone()));
                }
                (letters::id(id.as_ref()), letters::version(*version))
            }
            Reply::Refused(_) | Reply::Lost(_) => (None, None),
        };
        let error = match reply {
            Reply::Accepted { .. } => None,
            Reply::Refused(_) if !self.reveals(&intent.address) => Some("the tenant refused it".to_owned()),
            Reply::Refused(error) | Reply::Lost(error) => Some(error.clone()),
        };
        let audit = letters::audit(exchange, line, rebased, self.flags(&intent.address, &standing));
        AttemptResult {
            outcome: letters::outcome(reply),
            remote_id,
            version,
            status: None,
            request_id: request_id.clone(),
            latency_ms: Some(letters::milliseconds(*latency)),
            retries: u64::from(*retries),
            error,
            audit: Some(audit),
        }
    }

    async fn conclude(&self, step: &StepReport) -> Result<(), JournalError> {
        if let Some(id) = &step.object {
            self.with_seen(|seen| seen.ids.insert(step.address.clone(), id.clone()));
        }
        let planned = self.planned(&step.id);
        let standing = step.after.clone().or_else(|| planned.map(|planned| planned.base.clone())).unwrap_or_default();
        let flags = self.flags(&step.address, &standing);
        let call = planned.map(|planned| planned.write.endpoint());
        let call = call.or_else(|| self.with_seen(|seen| seen.calls.get(&step.id).copied()));
        let audit = call.filter(|_| step.settled).map(|endpoint| {
            let line = self.line(&step.address, endpoint, step.object.as_ref());
            letters::settled(&self.about.run, step, endpoint, line, flags.clone())
        });
        let end = StepEnd {
            step: step.id.clone(),
            address: step.address.to_string(),
            outcome: letters::ended(step),
            unsettled: step.is_unsettled(),
            remote_id: letters::id(step.object.as_ref()),
            version: letters::version(step.version),
            detail: letters::detail(&step.result, self.reveals(&step.address)),
            base: letters::base(&self.about.tenant, step),
            audit,
            notices: self.notices(step, planned, &flags),
        };
        self.store.conclude(&self.about.run, end).await.map_err(|error| JournalError(error.to_string()))
    }

    fn notices(&self, step: &StepReport, planned: Option<&Step>, flags: &Value) -> Vec<cxform_record::NewNotice> {
        let mut told = step.clone();
        if !self.reveals(&step.address)
            && let StepResult::Failed(failure) = &mut told.result
        {
            failure.message = letters::detail(&step.result, false).unwrap_or_default();
        }
        self.audience.step(&self.about, &told, planned, flags)
    }

    /// Whether the tenant's own words about an object may be kept.
    fn reveals(&self, address: &Address) -> bool {
        self.reveals_rules || !letters::may_quote_rules(address)
    }
}

fn line(connection: &Connection, endpoint: Endpoint, campaign: Option<&RemoteId>, object: Option<&RemoteId>) -> Line {
    let (method, path) = connection.line(endpoint, campaign, object).unwrap_or(("", String::new()));
    Line { method: method.to_owned(), path }
}

/// The audit records of requests whose fate an earlier run never learnt, so that no write is without one.
pub fn lost_records(run: &str, plan: Option<&Plan>, in_flight: &[InFlight], connection: &Connection) -> Vec<NewRecord> {
    let unanswered = in_flight.iter().filter(|flight| flight.error.is_none());
    unanswered.map(|flight| lost_record(run, plan, flight, connection)).collect()
}

fn lost_record(run: &str, plan: Option<&Plan>, flight: &InFlight, connection: &Connection) -> NewRecord {
    let request = &flight.request;
    // A step of a rollback stands in no plan.
    let planned = plan.and_then(|plan| plan.steps.iter().find(|step| step.id == request.step));
    let of = |paths: BTreeMap<String, Value>| Value::Object(paths.into_iter().collect());
    let existing = |target: Option<&Target>| match target {
        Some(Target::Existing(id)) => Some(id.clone()),
        Some(Target::Created(_)) | None => None,
    };
    let (mut before, mut after, mut path) = (None, None, String::new());
    if let Some(planned) = planned {
        let asked = asked(&planned.write);
        let known = planned.base.iter().filter(|(path, _)| asked.contains_key(*path));
        let known: BTreeMap<_, _> = known.map(|(path, value)| (path.clone(), value.clone())).collect();
        before = (!known.is_empty()).then(|| of(known));
        after = (!asked.is_empty()).then(|| of(asked));
        let (object, campaign) = targets(&planned.write);
        let (object, campaign) = (existing(object), existing(campaign));
        path = line(connection, planned.write.endpoint(), campaign.as_ref(), object.as_ref()).path;
    }
    NewRecord {
        run: run.to_owned(),
        step: request.step.clone(),
        address: request.address.clone(),
        endpoint: request.endpoint.clone(),
        method: request.method.clone().unwrap_or_default(),
        path,
        before,
        after,
        version_before: letters::version(planned.and_then(|planned| planned.base_version)),
        version_after: None,
        result: WriteResult::Lost,
        latency_ms: 0,
        retries: 0,
        request_id: None,
        compliance: serde_json::json!({}),
        payload_sha256: Some(request.body_sha256.clone()),
    }
}

impl Journal for RunJournal {
    fn intend<'a>(&'a self, intent: &'a Intent) -> Recording<'a> {
        Box::pin(self.intend(intent))
    }

    fn record<'a>(&'a self, exchange: &'a Exchange) -> Recording<'a> {
        Box::pin(self.record(exchange))
    }

    fn found_out<'a>(&'a self, exchange: &'a Exchange) -> Recording<'a> {
        Box::pin(self.found_out(exchange))
    }

    fn conclude<'a>(&'a self, step: &'a StepReport) -> Recording<'a> {
        Box::pin(self.conclude(step))
    }
}
