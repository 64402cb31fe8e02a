//! One run: starts steps as they become ready, a bounded number at a time, and gathers how they ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use cxform_plan::{Plan, Step};
use cxform_tenant::{Connection, RetryPolicy, Statistics};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::execute::execute;
use crate::execution::{Execution, Flight, Halt, Shared};
use crate::ledger::Ledger;
use crate::queue::Queue;
use crate::{
    Event, Failure, FailureCause, Journal, MalformedPlan, Report, RunId, Skip, StepReport, StepResult, Stop, StopLevel,
    Written,
};

/// What the caller decides about a run.
pub struct Options {
    /// The run's id; a resumed run keeps its own.
    pub run: RunId,
    /// How many steps are under way at once.
    pub parallelism: usize,
    /// How long the fate of a lost write is pursued.
    pub patience: RetryPolicy,
    /// Where the run writes down what it does.
    pub journal: Arc<dyn Journal>,
}

/// How many steps are under way at once unless somebody decides otherwise.
pub const PARALLELISM: usize = 12;

impl Options {
    /// A new run with every default, which writes down what it does in `journal`.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>) -> Self {
        Self { run: RunId::begin(), parallelism: PARALLELISM, patience: RetryPolicy::default(), journal }
    }
}

/// Executes a plan. Whatever happens to single steps is in the report.
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
    let Options { run, parallelism, patience, journal } = options;
    let shared = Arc::new(Shared {
        reader: connection.reader(),
        writer: connection.writer(),
        journal,
        run,
        patience,
        stop: stop.clone(),
        ledger: Ledger::default(),
        events: Box::new(events),
        streak: AtomicU32::new(0),
    });
    shared.emit(Event::RunStarted { run, plan_digest: plan.digest.clone(), steps: plan.steps.len() });
    let mut crew = Crew {
        reports: plan.steps.iter().map(|_| None).collect(),
        flying: JoinSet::new(),
        flights: HashMap::new(),
        interrupted: false,
        ended: None,
        plan: Arc::clone(&plan),
        shared: Arc::clone(&shared),
        queue,
    };
    crew.work(parallelism, stop).await;
    let Crew { reports, interrupted, ended, .. } = crew;
    let (requests, retries) = sent_since(&before, &connection.statistics());
    let report = Report {
        run,
        project: plan.project.clone(),
        environment: plan.environment.clone(),
        tenant: plan.tenant.clone(),
        plan_digest: plan.digest.clone(),
        steps: reports.into_iter().flatten().collect(),
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
struct Crew {
    plan: Arc<Plan>,
    shared: Arc<Shared>,
    queue: Queue,
    reports: Vec<Option<StepReport>>,
    flying: JoinSet<Landing>,
    flights: HashMap<Id, Departure>,
    interrupted: bool,
    ended: Option<String>,
}

struct Departure {
    at: usize,
    flight: Arc<Flight>,
    started: Instant,
}

/// A step that came to its end.
struct Landing {
    report: StepReport,
    /// The error that ends the run.
    ends_run: Option<String>,
}

impl Crew {
    async fn work(&mut self, parallelism: usize, stop: &Stop) {
        let mut level = stop.level();
        loop {
            while level == StopLevel::Run && self.ended.is_none() && self.flying.len() < parallelism.max(1) {
                let Some(at) = self.queue.next() else { break };
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
        let flight = Arc::new(Flight::default());
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
        let culprit = report.id.clone();
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
            let skip = match &self.ended {
                Some(error) => Skip::Ended(error.clone()),
                None => {
                    self.interrupted = true;
                    Skip::Interrupted
                }
            };
            self.skip(at, skip);
        }
    }

    fn skip(&mut self, at: usize, skip: Skip) {
        let report = report_of(&self.plan.steps[at], StepResult::Skipped(skip), &Flight::default(), Duration::ZERO);
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
    StepReport {
        id: step.id.clone(),
        address: step.address.clone(),
        action: step.action,
        result,
        written: flight.written(),
        created: None,
        version: None,
        latency,
        retries: flight.repetitions(),
    }
}

/// One step from its start to its end, on a task of its own.
async fn fly(plan: Arc<Plan>, at: usize, shared: Arc<Shared>, flight: Arc<Flight>, started: Instant) -> Landing {
    let planned = &plan.steps[at];
    let execution = Execution { shared: &shared, planned, flight: &flight };
    let end = execute(&execution).await;
    let mut ends_run = None;
    let mut report = report_of(planned, StepResult::Unchanged, &flight, started.elapsed());
    report.created =
        shared.ledger.id_of(&planned.address).filter(|_| matches!(planned.write, cxform_model::Write::Create { .. }));
    report.result = match end {
        Ok(version) => {
            report.version = version;
            StepResult::Applied
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
    if let Err(error) = shared.journal.conclude(&report).await {
        ends_run.get_or_insert(error.to_string());
    }
    Landing { report, ends_run }
}
