//! Carries out a plan and decides nothing.
//!
//! Steps run concurrently along the graph of their needs. Every write is guarded by its precondition, noted in the
//! journal before it is sent, looked for when its answer is lost, and compared with what was asked when it is through.
//! This crate knows no manifests, no files and no terminal: it takes a [`cxform_plan::Plan`], tells [`Event`]s while it
//! goes on, and returns a [`Report`].

mod conflict;
mod deliver;
mod event;
mod execute;
mod execution;
mod failure;
mod id;
mod journal;
mod ledger;
mod places;
mod queue;
mod report;
mod run;
mod stop;
mod v1;
mod verify;

pub use conflict::{Conflict, ConflictReason, FieldConflict, VersionConflict};
pub use event::Event;
pub use failure::{Failure, FailureCause, FieldFailure, Written};
pub use id::RunId;
pub use journal::{Exchange, Intent, Journal, JournalError, Recording, Reply, Unrecorded};
pub use queue::MalformedPlan;
pub use report::{Counts, Outcome, Report, Skip, StepReport, StepResult};
pub use run::{Options, PARALLELISM, run};
pub use stop::{Stop, StopLevel};
pub use v1::{ConflictV1, ErrorV1, FieldConflictV1, FieldErrorV1, ReportV1, SourceV1, StepV1};
