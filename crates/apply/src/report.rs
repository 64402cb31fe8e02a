//! What a run did: a result for every step, and what they add up to.

use std::time::Duration;

use cxform_model::{Address, RemoteId, Version};
use cxform_plan::Action;

use crate::conflict::Paths;
use crate::{Conflict, Failure, Rebase, RunId, Written};

/// The whole run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The run.
    pub run: RunId,
    /// The project's name.
    pub project: String,
    /// The environment's name.
    pub environment: String,
    /// The tenant.
    pub tenant: String,
    /// The digest of the plan.
    pub plan_digest: String,
    /// Every step, in the order of the plan.
    pub steps: Vec<StepReport>,
    /// What was taken back, where the run was told to do so and a step failed.
    pub rollback: Option<Rollback>,
    /// Whether somebody stopped it before it was through.
    pub interrupted: bool,
    /// The one error that ended it early.
    pub ended: Option<String>,
    /// Requests that went out, tokens and repetitions included.
    pub requests: u64,
    /// Requests that repeated an earlier one: after too many requests, after a stale token, where the tenant was in
    /// trouble, and writes that were sent again after a look. A conflict alone is none.
    pub retries: u64,
    /// How long it took.
    pub duration: Duration,
}

/// What a run took back of what it had done.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollback {
    /// The inverse steps, in the order in which they were to go.
    pub steps: Vec<StepReport>,
    /// What stays, or stays in part, and why.
    pub cannot: Vec<(Address, String)>,
    /// Why taking back did not get through, beyond single steps.
    pub error: Option<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepReport {
    /// The step's id.
    pub id: String,
    /// The object.
    pub address: Address,
    /// The action.
    pub action: Action,
    /// How it ended.
    pub result: StepResult,
    /// Whether it changed the tenant; a step that failed may have, too.
    pub written: Written,
    /// The id of the object that it created.
    pub created: Option<RemoteId>,
    /// The id of the object, of the outcome where it is an assignment; `None` where it never came so far.
    pub object: Option<RemoteId>,
    /// Every known field as it stood right before the write; empty for what was not there.
    pub before: Option<Paths>,
    /// Every known field as the step left it; empty for an assignment that was taken off.
    pub after: Option<Paths>,
    /// Whether the answer was lost, and looking showed that the write had been applied.
    pub settled: bool,
    /// Whether an earlier process of this run did it: nothing was sent now, and the journal knows it already.
    pub earlier: bool,
    /// Whether it was applied and then taken back.
    pub rolled_back: bool,
    /// The version that it left.
    pub version: Option<Version>,
    /// From its start to its end, waiting for the rate limit included.
    pub latency: Duration,
    /// Requests of the step that repeated an earlier one.
    pub retries: u64,
    /// The SHA-256 of the body that was sent last.
    pub payload_sha256: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq)]
pub enum StepResult {
    /// The tenant is as the step wants it, and this run made it so.
    Applied,
    /// The same, after somebody else changed other fields of the campaign.
    Rebased(Box<Rebase>),
    /// Somebody else had already made it so: nothing was sent.
    Unchanged,
    /// The tenant refused it, or nobody knows.
    Failed(Box<Failure>),
    /// The tenant is not what the reviewer saw.
    Conflict(Box<Conflict>),
    /// It was not tried.
    Skipped(Skip),
}

/// Why a step was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// What it needs, directly or through others, is not as the plan wants it.
    Needs(Unmet),
    /// Somebody stopped the run.
    Interrupted,
    /// An error ended the run.
    Ended(String),
    /// This failed or was in conflict, and the run was told to stop there.
    Stopped(Unmet),
    /// The run was taking back what it did when its process ended, and goes on with that alone.
    RollingBack,
}

/// What a step was to do to an object and did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// The object.
    pub address: Address,
    /// What did not happen to it.
    pub action: Action,
}

impl std::fmt::Display for Unmet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { address, action } = self;
        let what = match action {
            Action::Create => "was not created",
            Action::Update => "was not updated",
            Action::Retire => "was not retired",
            Action::Assign => "was not put on the desktop",
            Action::Unassign => "was not taken off the desktop",
            Action::Transition => "did not change its run state",
        };
        write!(f, "`{address}` {what}")
    }
}

impl std::fmt::Display for Skip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Needs(unmet) => unmet.fmt(f),
            Self::Interrupted => f.write_str("the run was interrupted"),
            Self::Ended(error) => write!(f, "the run ended: {error}"),
            Self::RollingBack => f.write_str("the run is taken back"),
            Self::Stopped(unmet) => write!(f, "the run stopped there: {unmet}"),
        }
    }
}

impl Rollback {
    /// Whether all that can be taken back was.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && self.steps.iter().all(|step| step.result.satisfies())
    }
}

impl StepReport {
    /// Whether nobody knows if its last request was applied.
    #[must_use]
    pub const fn is_unsettled(&self) -> bool {
        matches!((self.written, &self.result), (Written::Perhaps, StepResult::Failed(_)))
    }
}

impl StepResult {
    /// The word in reports.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Rebased(_) => "rebased",
            Self::Unchanged => "unchanged",
            Self::Failed(_) => "failed",
            Self::Conflict(_) => "conflict",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Whether what depends on the step may go on.
    #[must_use]
    pub const fn satisfies(&self) -> bool {
        matches!(self, Self::Applied | Self::Rebased(_) | Self::Unchanged)
    }
}

/// How many steps ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Applied.
    pub applied: usize,
    /// Applied on top of somebody else's change.
    pub rebased: usize,
    /// Already as wanted.
    pub unchanged: usize,
    /// Failed.
    pub failed: usize,
    /// In conflict.
    pub conflict: usize,
    /// Not tried.
    pub skipped: usize,
}

/// What a run adds up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// There was nothing to write.
    Nothing,
    /// Every step is as the plan wants it.
    Applied,
    /// At least one step found another tenant than the reviewer saw.
    Conflict,
    /// Somebody stopped it.
    Interrupted,
    /// Some of it was written, and some was not.
    Partial,
    /// Something failed, and what was written was taken back as far as that is possible.
    RolledBack,
    /// Nothing was written.
    Failed,
}

impl Outcome {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Applied => "applied",
            Self::Conflict => "conflict",
            Self::Interrupted => "interrupted",
            Self::Partial => "partial",
            Self::RolledBack => "rolled-back",
            Self::Failed => "failed",
        }
    }
}

impl Report {
    /// How many steps ended how.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for step in &self.steps {
            *match step.result {
                StepResult::Applied => &mut counts.applied,
                StepResult::Rebased(_) => &mut counts.rebased,
                StepResult::Unchanged => &mut counts.unchanged,
                StepResult::Failed(_) => &mut counts.failed,
                StepResult::Conflict(_) => &mut counts.conflict,
                StepResult::Skipped(_) => &mut counts.skipped,
            } += 1;
        }
        counts
    }

    /// Whether the tenant was, or may have been, changed.
    #[must_use]
    pub fn may_have_written(&self) -> bool {
        self.steps.iter().any(|step| step.written > Written::No)
    }

    /// What it adds up to. A conflict says more than an interruption, and that more than a failure.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let counts = self.counts();
        if counts.conflict > 0 {
            Outcome::Conflict
        } else if self.interrupted {
            Outcome::Interrupted
        } else if counts.failed + counts.skipped > 0 {
            match (self.may_have_written(), &self.rollback) {
                (false, _) => Outcome::Failed,
                (true, Some(rollback)) if rollback.is_complete() => Outcome::RolledBack,
                (true, _) => Outcome::Partial,
            }
        } else if counts.applied + counts.rebased > 0 {
            Outcome::Applied
        } else {
            Outcome::Nothing
        }
    }

    /// The exit code of the process: 0 done, 1 nothing written, 3 written in part or taken back, 4 a conflict.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.outcome() {
            Outcome::Nothing | Outcome::Applied => 0,
            Outcome::Conflict => 4,
            Outcome::Interrupted | Outcome::Partial | Outcome::RolledBack | Outcome::Failed => {
                if self.may_have_written() { 3 } else { 1 }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{ConflictReason, FailureCause};

    pub(crate) fn report(results: Vec<(StepResult, Written)>, interrupted: bool) -> Report {
        let step = |(at, (result, written))| StepReport {
            id: format!("outcome/O{at}:create"),
            address: Address::outcome(format!("O{at}")),
            action: Action::Create,
            result,
            written,
            created: None,
            object: None,
            before: None,
            after: None,
            settled: false,
            earlier: false,
            rolled_back: false,
            version: None,
            latency: Duration::from_millis(12),
            retries: 0,
            payload_sha256: None,
        };
        Report {
            run: RunId::begin(),
            project: "acme".into(),
            environment: "prod".into(),
            tenant: "https://tenant.example".into(),
            plan_digest: "sha256:00".into(),
            steps: results.into_iter().enumerate().map(step).collect(),
            rollback: None,
            interrupted,
            ended: None,
            requests: 7,
            retries: 1,
            duration: Duration::from_millis(1500),
        }
    }

    pub(crate) fn failed() -> StepResult {
        StepResult::Failed(Box::new(Failure::new(FailureCause::Refused, "no")))
    }

    pub(crate) fn conflict() -> StepResult {
        StepResult::Conflict(Box::new(Conflict {
            address: Address::outcome("X"),
            reason: ConflictReason::Changed,
            fields: Vec::new(),
            version: None,
            findings: Vec::new(),
        }))
    }

    #[test]
    fn the_exit_code_follows_from_the_results() {
        use Written::{No, Perhaps, Yes};
        let applied = || (StepResult::Applied, Yes);
        let unchanged = || (StepResult::Unchanged, No);
        let failed = |written| (failed(), written);
        let conflict = || (conflict(), No);
        let needs =
            || (StepResult::Skipped(Skip::Needs(Unmet { address: Address::outcome("x"), action: Action::Create })), No);
        let stopped = || (StepResult::Skipped(Skip::Interrupted), No);
        for (results, interrupted, outcome, code) in [
            (vec![], false, Outcome::Nothing, 0),
            (vec![unchanged()], false, Outcome::Nothing, 0),
            (vec![applied(), unchanged()], false, Outcome::Applied, 0),
            (vec![failed(No), needs()], false, Outcome::Failed, 1),
            (vec![failed(Perhaps)], false, Outcome::Partial, 3),
            (vec![failed(Yes)], false, Outcome::Partial, 3),
            (vec![applied(), failed(No)], false, Outcome::Partial, 3),
            (vec![conflict()], false, Outcome::Conflict, 4),
            (vec![applied(), conflict(), failed(Yes)], false, Outcome::Conflict, 4),
            (vec![applied(), conflict(), stopped()], true, Outcome::Conflict, 4),
            (vec![stopped()], true, Outcome::Interrupted, 1),
            (vec![applied(), stopped()], true, Outcome::Interrupted, 3),
            (vec![failed(Perhaps), stopped()], true, Outcome::Interrupted, 3),
        ] {
            let report = report(results, interrupted);
            assert_eq!((report.outcome(), report.exit_code()), (outcome, code), "{:?}", report.steps);
        }
    }
}
