//! The client of the remote API: token, rates, paging, repetition, error bodies.
//!
//! Knows the model alone. Everything that only one dialect of the API says (paths, headers, JSON names) lives in `v2`;
//! the rest speaks the model's words. What a plan is, and what to do about an error, is for callers to know.
//!
//! ```text
//! Config::new(base_url, Auth { .. }) -> Config                    every other field has a default
//! Connection::new(Config) -> Result<Connection, ConfigError>      sends nothing
//! connection.authenticate().await                                 proves address and credentials
//! connection.reader() -> Reader     connection.writer() -> Writer     connection.statistics() -> Statistics
//!
//! reader.list(Kind) -> Vec<ObservedObject>
//! reader.one(Kind, &RemoteId) -> Option<ObservedObject>
//! reader.outcome_document(&RemoteId) -> Option<(ObservedObject, Representation)>
//! reader.group(&str) -> Option<CampaignGroup>     reader.groups() -> Vec<CampaignGroup>
//! reader.desktop(&RemoteId) -> Option<Vec<ObservedAssignment>>
//! reader.history(&RemoteId, since: Version) -> Vec<HistoryRecord>
//! reader.figures(&RemoteId) -> Told<Figures>
//! reader.intervals(&RemoteId, Span) -> Told<Intervals>           intervals.next() -> Option<Vec<Interval>>
//! reader.find(Kind, key, Option<&RemoteId>) -> Vec<ObservedObject>
//!
//! writer.create(Kind, Option<&RemoteId>, &Fields<Value>, idempotency_key) -> Prepared
//! writer.update_outcome(Representation, &Fields<Value>, Option<Option<&RemoteId>>) -> Prepared
//! writer.update_desktop(&RemoteId, &Fields<Value>) -> Prepared
//! writer.update_call_code(&RemoteId, &Fields<Value>, Option<Option<&RemoteId>>) -> Prepared
//! writer.update_webhook(&RemoteId, &Fields<Value>) -> Prepared
//! writer.update_campaign(&RemoteId, Version, &Fields<Value>) -> Prepared
//! writer.transition(&RemoteId, Version, CampaignStatus) -> Prepared
//! writer.assign(&RemoteId, &RemoteId, sequence, default, idempotency_key) -> Prepared
//! writer.reassign(&RemoteId, &RemoteId, Option<u64>, Option<bool>) -> Prepared
//! writer.unassign(&RemoteId, &RemoteId) -> Prepared
//! ```
//!
//! What a writer gives is [`Prepared`]: awaiting it sends it and tells the `Answer`; `payload_sha256()` is known before.
//! All but the first are awaited and fail with [`TenantError`]. Reads repeat themselves. Of writes only those repeat
//! themselves that were certainly not applied; [`TenantError::may_have_been_applied`] marks the others, and [`Backoff`]
//! gives callers the same waits.

mod backoff;
mod config;
mod connection;
mod error;
mod figures;
#[cfg(fuzzing)]
pub mod fuzzing;
mod limiter;
mod paging;
mod probe;
mod reader;
mod redact;
mod request;
mod statistics;
mod token;
mod transport;
mod v2;
mod writer;

#[cfg(test)]
mod testing;

pub use backoff::{Backoff, RetryPolicy};
pub use config::{Auth, Config, ConfigError, Timeouts, TokenStyle};
pub use connection::Connection;
pub use error::{Call, ConflictKind, FieldError, Refusal, TenantError};
pub use figures::{Figures, Interval, Intervals, Span, Summary, Told};
pub use probe::Probe;
pub use reader::{HistoryRecord, Reader, Representation};
pub use statistics::{Counts, Statistics};
pub use writer::{Answer, Prepared, Writer};
