//! What a run must write down before and after it touches the tenant. Declared here, kept elsewhere.
//!
//! A journal is no consumer of events: every request waits for it, so that what a crash leaves in flight is on disk.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use cxform_model::{Address, Endpoint, Precondition, RemoteId, Version};

use crate::conflict::Paths;
use crate::{RunId, StepReport};

/// A write that is about to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: String,
    /// The object.
    pub address: Address,
    /// The call.
    pub endpoint: Endpoint,
    /// How often the step has been sent before by this run, in whatever process, counted from 0.
    pub attempt: u32,
    /// The object's id, where it has one already.
    pub id: Option<RemoteId>,
    /// The written fields as the tenant has them.
    pub before: Paths,
    /// The written fields as they are asked for.
    pub after: Paths,
    /// What must hold on the tenant, as planned.
    pub precondition: Precondition,
    /// What `If-Match` carries.
    pub version: Option<Version>,
    /// What `Idempotency-Key` carries.
    pub idempotency_key: Option<String>,
    /// The SHA-256 of the exact bytes of the body; of no bytes where there is none. `None` for a request of an earlier
    /// process that did not note it.
    pub payload_sha256: Option<String>,
}

/// A write and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// What was sent.
    pub intent: Intent,
    /// What came back.
    pub reply: Reply,
    /// How long the accepting answer took; else the time until the client gave up, waits included.
    pub latency: Duration,
    /// Repetitions before an accepting answer.
    pub retries: u32,
    /// The server's name for the request.
    pub request_id: Option<String>,
}

/// What came back of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The tenant accepted it.
    Accepted {
        /// The object's id.
        id: Option<RemoteId>,
        /// Its new version, where the answer told.
        version: Option<Version>,
    },
    /// The tenant refused it, or never saw it.
    Refused(String),
    /// Nobody knows: the answer did not arrive.
    Lost(String),
}

/// What a journal answers.
pub type Recording<'a> = Pin<Box<dyn Future<Output = Result<(), JournalError>> + Send + 'a>>;

/// The journal could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the journal could not be written: {0}")]
pub struct JournalError(pub String);

/// Where a run writes down what it does. Each call returns once its entry would survive a crash.
pub trait Journal: Send + Sync {
    /// A write is about to be sent. If this fails, it is not sent, and the run ends.
    fn intend<'a>(&'a self, intent: &'a Intent) -> Recording<'a>;

    /// Its answer is there.
    fn record<'a>(&'a self, exchange: &'a Exchange) -> Recording<'a>;

    /// What became of a request that an earlier process left without a known end: refused, where looking showed that it
    /// was not carried out, or lost, where nobody will ever know. One that was carried out is told by its step's end.
    fn found_out<'a>(&'a self, exchange: &'a Exchange) -> Recording<'a>;

    /// The step is decided: nothing that needs it has started yet.
    fn conclude<'a>(&'a self, step: &'a StepReport) -> Recording<'a>;
}

/// No journal: the preconditions alone protect the tenant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unrecorded;

impl Journal for Unrecorded {
    fn intend<'a>(&'a self, _: &'a Intent) -> Recording<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn record<'a>(&'a self, _: &'a Exchange) -> Recording<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn found_out<'a>(&'a self, _: &'a Exchange) -> Recording<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn conclude<'a>(&'a self, _: &'a StepReport) -> Recording<'a> {
        Box::pin(std::future::ready(Ok(())))
    }
}
