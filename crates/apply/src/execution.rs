//! One step on its way: the only place from which requests leave.
//!
//! Every write is noted in the journal before it is sent and after its answer came; every failure in a row is counted;
//! and at any moment it is known whether the tenant may have been changed.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cxform_model::{Address, CampaignStatus, NewParent, RemoteId, Target, Version, Write};
use cxform_plan::{Plan, Step};
use cxform_rules::Context;
use cxform_tenant::{Answer, Prepared, Reader, Refusal, RetryPolicy, TenantError, Writer};
use tokio::time::{Instant, sleep};

use crate::conflict::Paths;
use crate::ledger::Ledger;
use crate::places::place_of;
use crate::streak::{OUTAGE, Streak};
use crate::{
    Conflict, Event, Exchange, Failure, FailureCause, FieldFailure, Intent, Journal, PastStep, Rebase, Reply, RunId,
    Stop, StopLevel, Written,
};

/// The longest wait of a step once somebody wants the run to end.
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// What all steps of a run share.
pub(crate) struct Shared {
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) run: RunId,
    pub(crate) patience: RetryPolicy,
    pub(crate) stop: Stop,
    pub(crate) ledger: Ledger,
    pub(crate) rebase: bool,
    /// The campaigns that the run sets dialling.
    pub(crate) starting: BTreeSet<Address>,
    /// Whether the run is over and only what it left in flight is looked for: nothing is sent.
    pub(crate) only_looks: bool,
    pub(crate) context: Context,
    pub(crate) events: Arc<dyn Fn(Event) + Send + Sync>,
    pub(crate) streak: Streak,
    /// Writes that were sent again after a look.
    pub(crate) resent: Arc<AtomicU64>,
}

/// The campaigns that a plan sets dialling.
pub(crate) fn starting(plan: &Plan) -> BTreeSet<Address> {
    let starts = |step: &&Step| matches!(step.write, Write::Transition { to: CampaignStatus::Active, .. });
    plan.steps.iter().filter(starts).map(|step| step.address.clone()).collect()
}

impl Shared {
    pub(crate) fn emit(&self, event: Event) {
        (self.events)(event);
    }

    /// Counts failures of the tenant or of the way to it; an answer of any kind ends the row.
    fn weigh<T>(&self, result: &Result<T, TenantError>, started: Instant) {
        match result {
            Err(error) if error.is_transient() => self.streak.failed(started),
            _ => self.streak.succeeded(),
        }
    }
}

/// Whether a step may have changed the tenant so far. Outlives the step, so that one that is cut off can be judged.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    /// Requests that earlier processes of the run intended.
    earlier: u32,
    /// Whether an earlier process left its last request without a known end.
    in_doubt: bool,
    written: Mutex<Written>,
    sent: AtomicU32,
    retries: AtomicU32,
    told: Mutex<Told>,
}

/// What a step has learned about its object.
#[derive(Debug, Default, Clone)]
pub(crate) struct Told {
    pub(crate) object: Option<RemoteId>,
    pub(crate) before: Option<Paths>,
    pub(crate) after: Option<Paths>,
    pub(crate) settled: bool,
    pub(crate) rebase: Option<Rebase>,
    pub(crate) payload_sha256: Option<String>,
}

impl Flight {
    /// A step of which an earlier process left this much.
    pub(crate) fn after(past: &PastStep) -> Self {
        let written = if past.in_flight { Written::Perhaps } else { Written::No };
        let told = Told { payload_sha256: past.payload_sha256.clone(), ..Told::default() };
        Self {
            earlier: past.attempts,
            in_doubt: past.in_flight,
            written: Mutex::new(written),
            told: Mutex::new(told),
            ..Self::default()
        }
    }

    pub(crate) const fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    pub(crate) fn tell(&self, tell: impl FnOnce(&mut Told)) {
        tell(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn told(&self) -> Told {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn written(&self) -> Written {
        *self.lock()
    }

    /// Requests that repeated the step's write.
    pub(crate) fn repetitions(&self) -> u64 {
        let sent = self.sent.load(Ordering::Relaxed).saturating_sub(1);
        u64::from(sent) + u64::from(self.retries.load(Ordering::Relaxed))
    }

    pub(crate) fn accepted(&self) {
        *self.lock() = Written::Yes;
    }

    pub(crate) fn not_applied(&self) {
        *self.lock() = Written::No;
    }

    /// Tells how often the write was sent before.
    fn sending(&self) -> u32 {
        let mut written = self.lock();
        *written = (*written).max(Written::Perhaps);
        self.sent.fetch_add(1, Ordering::Relaxed)
    }

    fn refused(&self, before: Written) {
        *self.lock() = before;
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a step ends before it is applied.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The tenant is already as the step wants it.
    Unchanged,
    /// It is not what the reviewer saw.
    Conflict(Box<Conflict>),
    /// It refused, or nobody knows.
    Failed(Box<Failure>),
}

impl Halt {
    /// Whether the tenant was seen, and looking again would show the same.
    pub(crate) const fn is_final(&self) -> bool {
        match self {
            Self::Unchanged | Self::Conflict(_) => true,
            Self::Failed(failure) => matches!(failure.cause, FailureCause::Gone),
        }
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<Conflict> for Halt {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(Box::new(conflict))
    }
}

/// What the journal wants to know about a write beyond its step.
#[derive(Debug, Default)]
pub(crate) struct Letter {
    pub(crate) id: Option<RemoteId>,
    pub(crate) before: Paths,
    pub(crate) after: Paths,
    pub(crate) version: Option<Version>,
    pub(crate) idempotency_key: Option<String>,
}

/// A step that is being carried out.
pub(crate) struct Execution<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) planned: &'a Step,
    pub(crate) flight: &'a Flight,
}

impl Execution<'_> {
    /// Waits; less where somebody wants the run to end.
    pub(crate) async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = sleep(wait) => {}
            _ = self.shared.stop.raised_above(StopLevel::Run) => sleep(wait.min(LAST_PAUSE)).await,
        }
    }

    /// Whether somebody wants the run to end.
    pub(crate) fn is_stopping(&self) -> bool {
        self.shared.stop.level() > StopLevel::Run
    }

    /// Waits for a read.
    pub(crate) async fn read<T>(&self, call: impl Future<Output = Result<T, TenantError>>) -> Result<T, Halt> {
        self.refuse_when_down()?;
        let started = Instant::now();
        let result = call.await;
        self.shared.weigh(&result, started);
        result.map_err(|error| self.failed(&error))
    }

    /// Sends a write, with the journal around it. The inner error is the tenant's.
    pub(crate) async fn write(&self, letter: Letter, request: Prepared) -> Result<Result<Answer, TenantError>, Halt> {
        self.refuse_when_down()?;
        let attempt = self.flight.earlier + self.flight.sent.load(Ordering::Relaxed);
        let intent = self.intent(letter, attempt, Some(request.payload_sha256()));
        self.flight.tell(|told| told.payload_sha256.clone_from(&intent.payload_sha256));
        self.shared.journal.intend(&intent).await.map_err(unrecorded)?;
        let written_before = self.flight.written();
        if self.flight.sending() > 0 {
            self.shared.resent.fetch_add(1, Ordering::Relaxed);
        }
        let started = Instant::now();
        let result = request.await;
        self.shared.weigh(&result, started);
        let mut exchange = Exchange {
            intent,
            reply: Reply::Lost(String::new()),
            latency: started.elapsed(),
            retries: 0,
            request_id: None,
        };
        match &result {
            Ok(answer) => {
                self.flight.accepted();
                self.flight.retries.fetch_add(answer.retries, Ordering::Relaxed);
                let id = answer.id.clone().or_else(|| exchange.intent.id.clone());
                exchange.reply = Reply::Accepted { id, version: answer.version };
                exchange.latency = answer.latency;
                exchange.retries = answer.retries;
                exchange.request_id.clone_from(&answer.request_id);
            }
            Err(error) => {
                exchange.request_id = error.request_id().map(ToOwned::to_owned);
                exchange.reply = if error.may_have_been_applied() {
                    Reply::Lost(error.to_string())
                } else {
                    self.flight.refused(written_before);
                    Reply::Refused(error.to_string())
                };
            }
        }
        let exchange = Arc::new(exchange);
        self.shared.emit(Event::Written(Arc::clone(&exchange)));
        self.shared.journal.record(&exchange).await.map_err(unrecorded)?;
        Ok(result)
    }

    /// Puts on record what became of the request that an earlier process left without a known end.
    pub(crate) async fn found_out(&self, letter: Letter, reply: Reply) -> Result<(), Halt> {
        let Some(attempt) = self.flight.earlier.checked_sub(1) else { return Ok(()) };
        let intent = self.intent(letter, attempt, self.flight.told().payload_sha256);
        let exchange = Exchange { intent, reply, latency: Duration::ZERO, retries: 0, request_id: None };
        self.shared.journal.found_out(&exchange).await.map_err(unrecorded)?;
        Ok(())
    }

    fn intent(&self, letter: Letter, attempt: u32, payload_sha256: Option<String>) -> Intent {
        let Letter { id, before, after, version, idempotency_key } = letter;
        Intent {
            run: self.shared.run,
            step: self.planned.id.clone(),
            address: self.planned.address.clone(),
            endpoint: self.planned.write.endpoint(),
            attempt,
            id,
            before,
            after,
            precondition: self.planned.precondition.clone(),
            version,
            idempotency_key,
            payload_sha256,
        }
    }

    /// Once the tenant counts as down, nothing leaves any more.
    fn refuse_when_down(&self) -> Result<(), Halt> {
        if !self.shared.streak.is_outage() {
            return Ok(());
        }
        let message = format!("the tenant failed {OUTAGE} times in a row");
        Err(Failure::new(FailureCause::Unreachable, message).into())
    }

    /// The id that a target stands for.
    pub(crate) fn resolve(&self, target: &Target) -> Result<RemoteId, Halt> {
        match target {
            Target::Existing(id) => Ok(id.clone()),
            Target::Created(address) => self
                .shared
                .ledger
                .id_of(address)
                .ok_or_else(|| self.malformed(&format!("no step before it created `{address}`, whose id it takes"))),
        }
    }

    /// The id of the object above, where a target names one.
    pub(crate) fn resolve_parent(&self, parent: &NewParent) -> Result<Option<RemoteId>, Halt> {
        match parent {
            NewParent::Root => Ok(None),
            NewParent::Below(target) => self.resolve(target).map(Some),
        }
    }

    /// The plan's data contradicts itself.
    pub(crate) fn malformed(&self, what: &str) -> Halt {
        Failure::new(FailureCause::Malformed, format!("step `{}` of the plan is malformed: {what}", self.planned.id))
            .into()
    }

    /// The failure that an error of the tenant is for this step.
    pub(crate) fn failed(&self, error: &TenantError) -> Halt {
        let cause = match error {
            TenantError::Unauthorized(_)
            | TenantError::Credentials(_)
            | TenantError::NoToken(_)
            | TenantError::Redirected { .. }
            | TenantError::Unreachable { .. } => FailureCause::Unreachable,
            TenantError::NotFound(_) => FailureCause::Gone,
            TenantError::Lost { .. } => FailureCause::Unsettled,
            _ => FailureCause::Refused,
        };
        self.failure(cause, error).into()
    }

    /// The facts of an error, with the tenant's complaints at the places that set the fields.
    pub(crate) fn failure(&self, cause: FailureCause, error: &TenantError) -> Failure {
        let fields = error.field_errors().iter().map(|complaint| {
            let place = place_of(&self.planned.places, &complaint.field);
            FieldFailure {
                field: match place {
                    Some((path, _)) if !path.is_empty() => path.to_owned(),
                    _ => complaint.field.clone(),
                },
                message: complaint.message.clone(),
                source: place.map(|(_, place)| place.clone()),
            }
        });
        Failure {
            cause,
            message: match cause {
                FailureCause::Gone => format!("it, or what it depends on, has gone since the plan was made: {error}"),
                _ => without_fields(error),
            },
            status: error.status(),
            request_id: error.request_id().map(ToOwned::to_owned),
            fields: fields.collect(),
        }
    }
}

fn unrecorded(error: crate::JournalError) -> Failure {
    Failure::new(FailureCause::Journal, error.to_string())
}

/// The error's text without what stands beside it as a list of fields.
fn without_fields(error: &TenantError) -> String {
    match error {
        TenantError::Refused(refusal) if !refusal.field_errors.is_empty() => {
            Refusal { field_errors: Vec::new(), ..(**refusal).clone() }.to_string()
        }
        error => error.to_string(),
    }
}
