//! What a run leaves behind: runs, steps, the write-ahead journal, the audit chain, last-applied documents, locks and the
//! outbox of notifications, in SQLite or PostgreSQL.
//!
//! The live tenant stays the truth: who loses the store loses history, never correctness. This crate knows no HTTP, no
//! manifests and no tenant; it stores what it is told, and secrets not even then.
//!
//! Every request of [`Store`] is under way when the call returns; its [`Answer`] is a future, and can also be waited for
//! on a thread without a runtime.

mod answer;
mod audit;
mod bases;
mod clock;
mod csv;
mod error;
mod events;
mod hash;
mod journal;
mod location;
mod locks;
mod mappings;
mod migrate;
mod outbox;
mod redact;
mod runs;
mod sign;
mod sql;
mod stats;
mod store;
mod words;
mod worker;

pub use answer::{Answer, wait};
pub use audit::{
    AsOf, AuditFilter, AuditRecord, ExportError, ExportFormat, Fault, FieldAsOf, Flaw, LastWord, NewRecord, PutBy,
    Tuned, Verdict, WriteResult,
};
pub use bases::{Base, NewBase};
pub use clock::Clock;
pub use csv::csv_line;
pub use error::StoreError;
pub use events::{Channel, Event, EventFilter, NewEvent, Reception};
pub use hash::payload_sha256;
pub use journal::{AttemptOutcome, AttemptResult, InFlight, NewAttempt, StepEnd, StepOutcome, StepRecord, Trace};
pub use location::{Location, Server};
pub use locks::{Guard, Holder, LockError, Owner};
pub use mappings::MappingMetrics;
pub use outbox::{NewNotice, Notice};
pub use redact::Redaction;
pub use runs::{Counts, NewRun, Origin, Run, RunEnd, RunFilter, RunKind, RunState};
pub use sign::{sign, signature_header, verifies};
pub use stats::{Span, Stats};
pub use store::{Mode, Options, Random, Store};
