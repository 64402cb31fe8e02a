//! What the caller of a run decides.

use std::sync::Arc;

use cxform_rules::Context;
use cxform_tenant::RetryPolicy;

use crate::{Journal, Past, RunId};

/// What the caller decides about a run.
pub struct Options {
    /// The run's id; a resumed run keeps its own, and with it the idempotency keys.
    pub run: RunId,
    /// What an earlier process of the same run left; `None` for a run that begins.
    pub resume: Option<Past>,
    /// How many steps are under way at once.
    pub parallelism: usize,
    /// How long the fate of a lost write is pursued.
    pub patience: RetryPolicy,
    /// Where the run writes down what it does.
    pub journal: Arc<dyn Journal>,
    /// Whether a campaign of which somebody else changed other fields is taken as they left it, once the rules are found to
    /// hold for the whole; otherwise that is a conflict.
    pub rebase: bool,
    /// What the rules are judged with before a rebase.
    pub context: Context,
    /// What a failure or a conflict means for the rest.
    pub on_failure: OnFailure,
}

/// What a failure or a conflict means for the rest of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OnFailure {
    /// What depends on the step is skipped; everything else goes on.
    #[default]
    Continue,
    /// No further step starts.
    Stop,
    /// No further step starts, and what the run did is taken back.
    Rollback,
}

/// How many steps are under way at once unless somebody decides otherwise: as many as a hundred requests a second need where
/// each takes a third of one. The rates of the tenant are kept by the limiter, not by this.
pub const PARALLELISM: u16 = 32;

impl Options {
    /// A new run with every default, which writes down what it does in `journal`.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>) -> Self {
        Self {
            run: RunId::begin(),
            resume: None,
            parallelism: usize::from(PARALLELISM),
            patience: RetryPolicy::default(),
            journal,
            rebase: true,
            context: Context::default(),
            on_failure: OnFailure::default(),
        }
    }
}
