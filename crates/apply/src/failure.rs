//! Failures as data: why a step did not get through.

use cxform_plan::Place;

/// A step that was refused, or of which nobody knows how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What kind of failure it is.
    pub cause: FailureCause,
    /// The fact, as a lower-case fragment.
    pub message: String,
    /// The HTTP status of the answer, where there was one.
    pub status: Option<u16>,
    /// The server's name for the request.
    pub request_id: Option<String>,
    /// What it says about single fields.
    pub fields: Vec<FieldFailure>,
}

/// Why a step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// The tenant refused it.
    Refused,
    /// The object is gone, or its parent is.
    Gone,
    /// The tenant accepted it and did something else.
    NotApplied,
    /// Its answers were lost, and looking did not tell.
    Unsettled,
    /// The tenant cannot be reached or does not let us in: no step would get through.
    Unreachable,
    /// The journal could not be written, so nothing may be sent.
    Journal,
    /// An earlier process sent it and never learned its end; looking showed that it was not carried out, and it is not
    /// sent again.
    NotCarriedOut,
    /// The run was stopped at once while a request was in flight.
    Interrupted,
    /// The plan's data contradicts itself.
    Malformed,
}

/// Whether a step changed the tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Written {
    /// It has not.
    #[default]
    No,
    /// Nobody knows.
    Perhaps,
    /// It has.
    Yes,
}

/// What a server says about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFailure {
    /// The path as manifests know it, or the server's own name for what no manifest sets.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// Where the field, or else the object, is asked for.
    pub source: Option<Place>,
}

impl Failure {
    /// A failure without an answer, of which the tenant knows nothing.
    pub(crate) fn new(cause: FailureCause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into(), status: None, request_id: None, fields: Vec::new() }
    }
}
