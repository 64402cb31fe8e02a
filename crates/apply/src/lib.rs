//! Carries out a plan and decides nothing.
//!
//! Steps run concurrently along the graph of their needs. Every write is guarded by its precondition, noted in the
//! journal before it is sent, looked for when its answer is lost, and compared with what was asked when it is through.
//! This crate knows no manifests, no files and no terminal: it takes a [`cxform_plan::Plan`], tells [`Event`]s while it
//! goes on, and returns a [`Report`].
//!
//! ```text
//! run(Arc<Plan>, &Connection, Options, events, &Stop) -> Result<Report, MalformedPlan>
//!
//! Options { run, resume: Option<Past>, parallelism, patience, journal, rebase: bool (true), context: cxform_rules::Context,
//!           on_failure: OnFailure::{Continue, Stop, Rollback} }            Options::new(journal) has every default
//! Past { steps: BTreeMap<step id, PastStep { result: Option<PastResult::{Applied, Rebased, Unchanged, RolledBack}>,
//!        object: Option<RemoteId>, version: Option<Version>, attempts: u32, in_flight: bool,
//!        payload_sha256: Option<String> }> }
//! ```
//!
//! To resume, hand back what the journal was told. `intend`: `attempts` counts these calls. `record` with
//! [`Reply::Lost`], or no `record`, or [`Reply::Accepted`] without a `conclude`: `in_flight`. `conclude(step)`: `result`
//! by [`StepReport::result`] ([`StepReport::rolled_back`] says `RolledBack`), `object`, `version`, and
//! `in_flight` where [`StepReport::is_unsettled`]. `found_out` speaks of the last request of an earlier process: refused, it
//! is in flight no more. [`settle`] does only this, for a run that nobody goes on with. A step that is concluded twice counts as it was concluded last.
//! A rollback's steps bear ids of their own (`undo-` before the name) and go through the same journal under the same
//! run; a run of which such a step, or one that is `RolledBack`, is in the past goes on rolling back and does nothing else.
//!
//! [`StepReport::before`] and [`StepReport::after`] hold every known field, for the audit trail and for bases;
//! [`StepReport::settled`] asks for an audit record although no answer brought one; [`StepReport::earlier`] steps are in
//! the report for completeness and are not concluded again. `cxform_plan::inverse` makes the plan of an undo from the
//! plan of a run and one `Done` for each step that it applied or rebased.

mod conflict;
mod deliver;
mod event;
mod execute;
mod execution;
mod failure;
mod id;
mod journal;
mod ledger;
mod merge;
mod past;
mod paused;
mod places;
mod policy;
mod queue;
mod rebase;
mod report;
mod rollback;
mod run;
mod seed;
mod settle;
mod stop;
mod streak;
mod v1;
mod verify;

pub use conflict::{Conflict, ConflictReason, FieldConflict, VersionConflict};
pub use event::Event;
pub use failure::{Failure, FailureCause, FieldFailure, Written};
pub use id::RunId;
pub use journal::{Exchange, Intent, Journal, JournalError, Recording, Reply, Unrecorded};
pub use past::{Past, PastResult, PastStep};
pub use policy::{OnFailure, Options, PARALLELISM};
pub use queue::MalformedPlan;
pub use rebase::{Author, Rebase};
pub use report::{Counts, Outcome, Report, Rollback, Skip, StepReport, StepResult, Unmet};
pub use run::run;
pub use settle::{Settled, settle};
pub use stop::{Stop, StopLevel};
pub use v1::{
    AuthorV1, CannotV1, ConflictV1, ErrorV1, FieldConflictV1, FieldErrorV1, RebaseV1, ReportV1, RollbackV1, SourceV1,
    StepV1,
};
