//! One run: starts steps as they become ready, a bounded number at a time, and gathers how they ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cxform_model::{Version, Write};
use cxform_plan::{Plan, Step};
use cxform_tenant::{Connection, Statistics};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::execute::execute;
use crate::execution::{Execution, Flight, Halt, Shared, Told, starting};
use crate::queue::Queue;
use crate::rollback::{Taken, WayBack};
use crate::seed;
use crate::streak::Streak;
use crate::{
    Event, Failure, FailureCause, MalformedPlan, OnFailure, Options, Past, PastResult, PastStep, Rebase, Report, Skip,
    StepReport, StepResult, Stop, StopLevel, Unmet, Written,
};

/// Executes a plan, or what an earlier process left of it. Whatever happens to single steps is in the report.
///
/// # Errors
/// The plan is malformed; nothing was sent.
pub async fn run(
    plan: Arc<Plan>,
    connection: &Connection,
    options: Options,
    events: impl Fn(Event) + Send + Sync + 'static,
    stop: &Stop,
) -> Result<Report, MalformedPlan> {
    let queue = Queue::new(&plan.steps)?;
    let started = Instant::now();
    let before = connection.statistics();
    let Options { run, resume, parallelism, patience, journal, rebase, context, on_failure } = options;
    let past = Arc::new(resume.unwrap_or_default());
    let shared = Arc::new(Shared {
        reader: connection.reader(),
        writer: connection.writer(),
        journal,
        run,
        patience,
        stop: stop.clone(),
        ledger: seed::ledger(&plan, &past),
        rebase,
        starting: starting(&plan),
        only_looks: false,
        context,
        events: Arc::new(events),
        streak: Streak::default(),
        resent: Arc::default(),
    });
    shared.emit(Event::RunStarted { run, plan_digest: plan.digest.clone(), steps: plan.steps.len() });
    let rolling_back = past.was_rolling_back(&plan);
    let mut crew = Crew::new(Arc::clone(&plan), Arc::clone(&past), Arc::clone(&shared), queue);
    crew.stops_at_failure = on_failure != OnFailure::Continue;
    if rolling_back {
        crew.skip_rest(&Skip::RollingBack);
    } else {
        crew.work(parallelism, stop).await;
    }
    let Crew { reports, mut interrupted, mut ended, failed, .. } = crew;
    let mut steps: Vec<StepReport> = reports.into_iter().flatten().collect();
    let mut rollback = None;
    if rolling_back || (failed.is_some() && on_failure == OnFailure::Rollback && !interrupted) {
        let way_back = WayBack { plan: &plan, past: &past, shared: &shared, parallelism, stop };
        rollback = match &ended {
            None => {
                let Taken { rollback, interrupted: cut, ended: error } = way_back.take(&mut steps).await;
                interrupted = cut;
                ended = error;
                rollback
            }
            Some(error) => way_back.blocked(&steps, error),
        };
    }
    let (requests, retries) = sent_since(&before, &connection.statistics());
    let retries = retries + shared.resent.load(Ordering::Relaxed);
    let report = Report {
        run,
        project: plan.project.clone(),
        environment: plan.environment.clone(),
        tenant: plan.tenant.clone(),
        plan_digest: plan.digest.clone(),
        steps,
        rollback,
        interrupted,
        ended,
        requests,
        retries,
        duration: started.elapsed(),
    };
    shared.emit(Event::RunFinished {
        run,
        outcome: report.outcome(),
        counts: report.counts(),
        duration: report.duration,
    });
    Ok(report)
}

fn sent_since(before: &Statistics, after: &Statistics) -> (u64, u64) {
    let (before, after) = (before.total(), after.total());
    (after.requests.saturating_sub(before.requests), after.retries.saturating_sub(before.retries))
}

/// The steps under way, and those that are decided.
pub(crate) struct Crew {
    plan: Arc<Plan>,
    past: Arc<Past>,
    shared: Arc<Shared>,
    queue: Queue,
    pub(crate) reports: Vec<Option<StepReport>>,
    flying: JoinSet<Landing>,
    flights: HashMap<Id, Departure>,
    stops_at_failure: bool,
    pub(crate) interrupted: bool,
    pub(crate) ended: Option<String>,
    /// The first step that failed or was in conflict.
    failed: Option<Unmet>,
}

struct Departure {
    at: usize,
    flight: Arc<Flight>,
    started: Instant,
}

/// A step that came to its end.
pub(crate) struct Landing {
    pub(crate) report: StepReport,
    /// The error that ends the run.
    pub(crate) ends_run: Option<String>,
}

impl Crew {
    /// Everybody ready, with what an earlier process did already decided.
    pub(crate) fn new(plan: Arc<Plan>, past: Arc<Past>, shared: Arc<Shared>, queue: Queue) -> Self {
        let mut crew = Self {
            reports: plan.steps.iter().map(|_| None).collect(),
            flying: JoinSet::new(),
            flights: HashMap::new(),
            stops_at_failure: false,
            interrupted: false,
            ended: None,
            failed: None,
            plan,
            past,
            shared,
            queue,
        };
        for at in 0..crew.plan.steps.len() {
            let step = &crew.plan.steps[at];
            let Some(report) = crew.past.settled(step).map(|(result, past)| recalled(step, result, past)) else {
                continue;
            };
            crew.queue.settled(at);
            crew.decide(at, report);
        }
        crew
    }

    pub(crate) async fn work(&mut self, parallelism: usize, stop: &Stop) {
        let mut level = stop.level();
        loop {
            while level == StopLevel::Run && self.ended.is_none() && !(self.stops_at_failure && self.failed.is_some()) {
                let Some(at) = self.queue.next(parallelism.max(1)) else { break };
                self.start(at);
            }
            if self.flying.is_empty() {
                // A stop that comes when everything is through has nothing to interrupt.
                return self.abandon();
            }
            tokio::select! {
                biased;
                raised = stop.raised_above(level) => {
                    level = raised;
                    self.shared.emit(Event::Stopping { level, error: None });
                    if level == StopLevel::Now {
                        self.flying.abort_all();
                    }
                    self.stop();
                }
                Some(landed) = self.flying.join_next_with_id() => self.land(landed),
            }
        }
    }

    fn start(&mut self, at: usize) {
        let step = &self.plan.steps[at];
        self.shared.emit(Event::StepStarted {
            id: step.id.clone(),
            address: step.address.clone(),
            action: step.action,
        });
        let flight = Arc::new(Flight::after(&self.past.open(step)));
        let started = Instant::now();
        let task = fly(Arc::clone(&self.plan), at, Arc::clone(&self.shared), Arc::clone(&flight), started);
        let id = self.flying.spawn(task).id();
        self.flights.insert(id, Departure { at, flight, started });
    }

    fn land(&mut self, landed: Result<(Id, Landing), JoinError>) {
        let id = match &landed {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some(departure) = self.flights.remove(&id) else { return };
        let Landing { mut report, ends_run } = match landed {
            Ok((_, landing)) => landing,
            Err(error) => self.cut_off(&departure, &error),
        };
        // One error ends the run; the same error from every step that was under way would only bury it.
        if let (Some(ended), Some(_), Written::No) = (&self.ended, &ends_run, report.written) {
            report.result = StepResult::Skipped(Skip::Ended(ended.clone()));
        }
        let satisfied = report.result.satisfies();
        let culprit = Unmet { address: report.address.clone(), action: report.action };
        if matches!(report.result, StepResult::Failed(_) | StepResult::Conflict(_)) {
            self.failed.get_or_insert_with(|| culprit.clone());
        }
        self.decide(departure.at, report);
        if satisfied {
            self.queue.satisfied(departure.at);
        } else {
            for skipped in self.queue.unsatisfied(departure.at) {
                self.skip(skipped, Skip::Needs(culprit.clone()));
            }
        }
        if let Some(error) = ends_run
            && self.ended.is_none()
        {
            self.shared.emit(Event::Stopping { level: StopLevel::Finish, error: Some(error.clone()) });
            self.ended = Some(error);
        }
    }

    /// A step that did not come to its end: the run was stopped at once.
    fn cut_off(&self, departure: &Departure, error: &JoinError) -> Landing {
        let written = departure.flight.written();
        let result = match (error.is_cancelled(), written) {
            (true, Written::No) => StepResult::Skipped(Skip::Interrupted),
            (true, _) => {
                let message = "the run was stopped while its request was in flight";
                StepResult::Failed(Box::new(Failure::new(FailureCause::Interrupted, message)))
            }
            (false, _) => {
                let message = format!("internal error: {error}");
                StepResult::Failed(Box::new(Failure::new(FailureCause::Malformed, message)))
            }
        };
        let step = &self.plan.steps[departure.at];
        Landing { report: report_of(step, result, &departure.flight, departure.started.elapsed()), ends_run: None }
    }

    /// Nothing starts any more because somebody said so.
    fn stop(&mut self) {
        let left = self.queue.abandon();
        // Cut-off steps count too: what is in flight at `Now` does not come to its end.
        self.interrupted |= !left.is_empty();
        for at in left {
            self.skip(at, Skip::Interrupted);
        }
    }

    /// Decides what has not started when nothing is under way any more.
    fn abandon(&mut self) {
        for at in self.queue.abandon() {
            let skip = match (&self.ended, &self.failed) {
                (Some(error), _) => Skip::Ended(error.clone()),
                (None, Some(unmet)) if self.stops_at_failure && !self.interrupted => Skip::Stopped(unmet.clone()),
                (None, _) => {
                    self.interrupted = true;
                    Skip::Interrupted
                }
            };
            self.skip(at, skip);
        }
    }

    /// Decides everything that has not started.
    fn skip_rest(&mut self, skip: &Skip) {
        for at in self.queue.abandon() {
            self.skip(at, skip.clone());
        }
    }

    fn skip(&mut self, at: usize, skip: Skip) {
        let step = &self.plan.steps[at];
        let flight = Flight::after(&self.past.open(step));
        let report = report_of(step, StepResult::Skipped(skip), &flight, Duration::ZERO);
        self.decide(at, report);
    }

    fn decide(&mut self, at: usize, report: StepReport) {
        self.interrupted |= match &report.result {
            StepResult::Skipped(Skip::Interrupted) => true,
            StepResult::Failed(failure) => failure.cause == FailureCause::Interrupted,
            _ => false,
        };
        tracing::info!(step = %report.id, result = report.result.word(), "step finished");
        self.shared.emit(Event::StepFinished(Arc::new(report.clone())));
        self.reports[at] = Some(report);
    }
}

fn report_of(step: &Step, result: StepResult, flight: &Flight, latency: Duration) -> StepReport {
    let Told { object, before, after, settled, rebase: _, payload_sha256 } = flight.told();
    StepReport {
        id: step.id.clone(),
        address: step.address.clone(),
        action: step.action,
        result,
        written: flight.written(),
        created: object.clone().filter(|_| matches!(step.write, Write::Create { .. })),
        object,
        before,
        after,
        settled,
        earlier: false,
        rolled_back: false,
        version: None,
        latency,
        retries: flight.repetitions(),
        payload_sha256,
    }
}

/// The report of a step that an earlier process brought to its end.
pub(crate) fn recalled(step: &Step, result: PastResult, past: &PastStep) -> StepReport {
    let version = |version: Option<Version>| version.unwrap_or(Version(0));
    let result = match result {
        PastResult::Applied | PastResult::RolledBack => StepResult::Applied,
        PastResult::Unchanged => StepResult::Unchanged,
        // The journal tells who it was; what they changed is on the tenant.
        PastResult::Rebased => StepResult::Rebased(Box::new(Rebase {
            planned: version(step.base_version),
            found: Version(version(past.version).0.saturating_sub(1)),
            fields: Vec::new(),
            authors: Vec::new(),
        })),
    };
    let mut report = report_of(step, result, &Flight::default(), Duration::ZERO);
    report.written = if report.result == StepResult::Unchanged { Written::No } else { Written::Yes };
    report.object.clone_from(&past.object);
    report.created = past.object.clone().filter(|_| matches!(step.write, Write::Create { .. }));
    report.version = past.version;
    report.earlier = true;
    report.rolled_back = past.result == Some(PastResult::RolledBack);
    report
}

/// One step from its start to its end, on a task of its own.
async fn fly(plan: Arc<Plan>, at: usize, shared: Arc<Shared>, flight: Arc<Flight>, started: Instant) -> Landing {
    let mut landing = carry_out(&plan.steps[at], &shared, &flight, started).await;
    if let Err(error) = shared.journal.conclude(&landing.report).await {
        landing.ends_run.get_or_insert(error.to_string());
    }
    landing
}

/// Carries one step out, and puts nothing on record that speaks of its end.
pub(crate) async fn carry_out(planned: &Step, shared: &Shared, flight: &Flight, started: Instant) -> Landing {
    let execution = Execution { shared, planned, flight };
    let end = execute(&execution).await;
    let mut ends_run = None;
    let mut report = report_of(planned, StepResult::Unchanged, flight, started.elapsed());
    report.result = match end {
        Ok(version) => {
            report.version = version;
            match flight.told().rebase {
                Some(rebase) => StepResult::Rebased(Box::new(rebase)),
                None => StepResult::Applied,
            }
        }
        Err(Halt::Unchanged) => StepResult::Unchanged,
        Err(Halt::Conflict(conflict)) => StepResult::Conflict(conflict),
        Err(Halt::Failed(failure)) => {
            if matches!(failure.cause, FailureCause::Unreachable | FailureCause::Journal) {
                ends_run = Some(failure.message.clone());
            }
            StepResult::Failed(failure)
        }
    };
    Landing { report, ends_run }
}
