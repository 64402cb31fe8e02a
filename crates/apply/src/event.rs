//! What a run tells while it goes on: to progress bars, logs and audit trails alike.

use std::sync::Arc;
use std::time::Duration;

use cxform_model::Address;
use cxform_plan::Action;

use crate::report::Counts;
use crate::{Exchange, Outcome, RunId, StepReport, StopLevel};

/// One thing that happened. Clones are cheap.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// The run.
        run: RunId,
        /// The digest of the plan.
        plan_digest: String,
        /// How many steps there are.
        steps: usize,
    },
    /// A step begins.
    StepStarted {
        /// Its id.
        id: String,
        /// The object.
        address: Address,
        /// The action.
        action: Action,
    },
    /// A write was sent, and its answer came or did not.
    Written(Arc<Exchange>),
    /// The answer to a step's write did not arrive: the tenant is asked what became of it.
    Settling {
        /// The step's id.
        id: String,
        /// The object.
        address: Address,
    },
    /// A step is decided. Steps that are skipped finish without having started.
    StepFinished(Arc<StepReport>),
    /// The run ends early; steps in flight finish first unless it stops at once.
    Stopping {
        /// How urgently.
        level: StopLevel,
        /// The error that ends it; `None` where somebody asked.
        error: Option<String>,
    },
    /// What the run did is being taken back.
    RollingBack {
        /// How many steps that takes.
        steps: usize,
        /// What stays, or stays in part, and why.
        cannot: Vec<(Address, String)>,
    },
    /// The run is over.
    RunFinished {
        /// The run.
        run: RunId,
        /// What it adds up to.
        outcome: Outcome,
        /// How many steps ended how.
        counts: Counts,
        /// How long it took.
        duration: Duration,
    },
}
