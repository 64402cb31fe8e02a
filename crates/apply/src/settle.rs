//! What became of the requests that an unfinished run left without a known end, where the run itself gives way to another
//! one: the tenant is asked as a resume would ask it, and nothing is sent.

use std::sync::Arc;

use cxform_plan::{Inverse, Plan};
use cxform_tenant::Connection;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::execution::{Flight, Shared, starting};
use crate::queue::Queue;
use crate::rollback::WayBack;
use crate::run::{Landing, carry_out, recalled};
use crate::streak::Streak;
use crate::{FailureCause, MalformedPlan, Options, Past, StepReport, StepResult, Stop, seed};

/// What was found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Requests that had been carried out.
    pub carried_out: usize,
    /// Requests that had not.
    pub not_carried_out: usize,
    /// Requests of which nobody will ever know: what stands there now is neither what was before nor what was sent.
    pub unknown: usize,
    /// Why some could not be looked for. They are in flight still.
    pub error: Option<String>,
}

/// Looks for every request that `options.resume` tells in flight, and puts on record what became of it.
///
/// # Errors
/// The plan is malformed; nothing was asked.
pub async fn settle(plan: Arc<Plan>, connection: &Connection, options: Options) -> Result<Settled, MalformedPlan> {
    Queue::new(&plan.steps)?;
    let Options { run, resume, parallelism, patience, journal, rebase, context, on_failure: _ } = options;
    let past = Arc::new(resume.unwrap_or_default());
    let stop = Stop::new();
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
        only_looks: true,
        context,
        events: Arc::new(|_| ()),
        streak: Streak::default(),
        resent: Arc::default(),
    });
    let mut settled = Settled::default();
    look(&plan, &past, &shared, &mut settled).await;
    if past.was_rolling_back(&plan) {
        let done: Vec<StepReport> = plan
            .steps
            .iter()
            .filter_map(|step| past.settled(step).map(|(result, past)| recalled(step, result, past)))
            .collect();
        let way_back = WayBack { plan: &plan, past: &past, shared: &shared, parallelism, stop: &stop };
        if let Some(Inverse { plan: inverse, cannot: _ }) = way_back.inverse(&done) {
            let shared = way_back.shared_by(&inverse);
            look(&Arc::new(inverse), &past, &shared, &mut settled).await;
        }
    }
    Ok(settled)
}

/// Looks for everything in flight at once: no more can be than were sent at once.
async fn look(plan: &Arc<Plan>, past: &Past, shared: &Arc<Shared>, settled: &mut Settled) {
    let mut looking = JoinSet::new();
    for (at, step) in plan.steps.iter().enumerate() {
        let open = past.open(step);
        if past.settled(step).is_some() || !open.in_flight {
            continue;
        }
        let (plan, shared) = (Arc::clone(plan), Arc::clone(shared));
        looking.spawn(async move {
            let landing = carry_out(&plan.steps[at], &shared, &Flight::after(&open), Instant::now()).await;
            note(landing, &shared).await
        });
    }
    while let Some(noted) = looking.join_next().await {
        match noted {
            Ok(Noted::CarriedOut) => settled.carried_out += 1,
            Ok(Noted::NotCarriedOut) => settled.not_carried_out += 1,
            Ok(Noted::Unknown) => settled.unknown += 1,
            Ok(Noted::Error(error)) => drop(settled.error.get_or_insert(error)),
            Err(error) => drop(settled.error.get_or_insert(format!("internal error: {error}"))),
        }
    }
}

enum Noted {
    CarriedOut,
    NotCarriedOut,
    Unknown,
    Error(String),
}

/// A step that turns out to be done is concluded. What was not carried out is no step's end: the run that gives way has none.
async fn note(landing: Landing, shared: &Shared) -> Noted {
    let Landing { report, ends_run } = landing;
    if let Some(error) = ends_run {
        return Noted::Error(error);
    }
    match &report.result {
        StepResult::Failed(failure) => match failure.cause {
            FailureCause::NotCarriedOut => Noted::NotCarriedOut,
            FailureCause::Gone | FailureCause::NotApplied | FailureCause::Malformed => Noted::Unknown,
            FailureCause::Refused
            | FailureCause::Unsettled
            | FailureCause::Unreachable
            | FailureCause::Journal
            | FailureCause::Interrupted => Noted::Error(failure.message.clone()),
        },
        StepResult::Conflict(_) | StepResult::Skipped(_) => Noted::Unknown,
        StepResult::Applied | StepResult::Rebased(_) | StepResult::Unchanged => {
            match shared.journal.conclude(&report).await {
                Ok(()) => Noted::CarriedOut,
                Err(error) => Noted::Error(error.to_string()),
            }
        }
    }
}
