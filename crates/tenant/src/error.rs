//! What can go wrong with a request, with the facts that callers branch on. Every text in here is redacted and printable.

use std::fmt;
use std::time::Duration;

use cxform_model::RemoteId;

/// A request that did not do what it should.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TenantError {
    /// The tenant refused for a reason of its own (400, 422, ...). Do not repeat.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// A new token was refused as well.
    #[error("{0}; a new token did not help: check that the client of `auth` belongs to this tenant")]
    Unauthorized(Box<Refusal>),
    /// The client may not do this.
    #[error("{0}{hint}", hint = scope_hint(.0))]
    Forbidden(Box<Refusal>),
    /// Nothing lives there.
    #[error("{0}")]
    NotFound(Box<Refusal>),
    /// The tenant's state stands against the write.
    #[error("{1}")]
    Conflict(ConflictKind, Box<Refusal>),
    /// Still too many requests after every repetition.
    #[error("{0}; the rate limit held through every repetition")]
    RateLimited(Box<Refusal>),
    /// The token endpoint refused the client. Never repeated: a second try could lock the client out.
    #[error("{0}; the tenant does not know this client id and secret: check `auth`")]
    Credentials(Box<Refusal>),
    /// No token could be got, so nothing was sent.
    #[error("got no token: {0}")]
    NoToken(Box<Self>),
    /// The tenant points elsewhere. The token goes nowhere else, so nothing was followed.
    #[error("{call} was redirected ({status}) to {to}, which is not followed: check the base URL")]
    Redirected {
        /// The request.
        call: Call,
        /// The status.
        status: u16,
        /// The host of the new place, or what stands for it.
        to: String,
    },
    /// No usable answer came (broken off, timed out, unreadable, or 408 and 5xx). A write may or may not have been applied.
    #[error("{call} got no usable answer: {cause}{doubt}", doubt = doubt(.call))]
    Lost {
        /// The request.
        call: Call,
        /// The status, where one came.
        status: Option<u16>,
        /// What happened.
        cause: String,
        /// The tenant's id of the request, where one came.
        request_id: Option<String>,
    },
    /// No connection came about. The request was certainly not applied.
    #[error("{call} was not sent: {cause}")]
    Unreachable {
        /// The request.
        call: Call,
        /// Why.
        cause: String,
    },
    /// The answer to a read is larger than is good.
    #[error("the answer to {call} is larger than {limit} bytes")]
    TooLarge {
        /// The request.
        call: Call,
        /// The limit after decompression.
        limit: usize,
    },
    /// A listing cannot be trusted to be whole. Never take it for absence.
    #[error("the listing {call} is incomplete: {reason}")]
    Incomplete {
        /// The first request of the listing.
        call: Call,
        /// Why.
        reason: String,
    },
    /// The tenant answered in a form that cxform does not know.
    #[error("the answer to {call} cannot be read: {reason}")]
    Shape {
        /// The request.
        call: Call,
        /// What is wrong and where.
        reason: String,
    },
    /// An assignment was asked for as if it were an object.
    #[error("an assignment is no object of its own: it lives on the desktop of its campaign")]
    NoObject,
    /// An id that cannot be part of a path.
    #[error("`{0}` cannot be an id of the tenant")]
    Id(String),
}

impl TenantError {
    /// Whether a write with this error may have been applied all the same: look before repeating it.
    #[must_use]
    pub const fn may_have_been_applied(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }

    /// Whether the same request may succeed later: the tenant or the way to it is in trouble.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Lost { .. } | Self::Unreachable { .. } | Self::RateLimited(_) => true,
            Self::NoToken(cause) => cause.is_transient(),
            _ => false,
        }
    }

    /// The tenant's own words, where it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal)
            | Self::Unauthorized(refusal)
            | Self::Forbidden(refusal)
            | Self::NotFound(refusal)
            | Self::Conflict(_, refusal)
            | Self::RateLimited(refusal)
            | Self::Credentials(refusal) => Some(refusal),
            Self::NoToken(cause) => cause.refusal(),
            _ => None,
        }
    }

    /// The HTTP status, where an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Redirected { status, .. } => Some(*status),
            Self::Lost { status, .. } => *status,
            _ => self.refusal().map(|refusal| refusal.status),
        }
    }

    /// The tenant's id of the request, where it gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Lost { request_id, .. } => request_id.as_deref(),
            _ => self.refusal()?.request_id.as_deref(),
        }
    }

    /// The scopes that the client lacks, where the tenant named them.
    #[must_use]
    pub fn required_scopes(&self) -> &[String] {
        self.refusal().map_or(&[], |refusal| &refusal.required_scopes)
    }

    /// What the tenant said about single fields.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        self.refusal().map_or(&[], |refusal| &refusal.field_errors)
    }
}

/// What stands against a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// The campaign has another version by now.
    Version,
    /// The code or name is taken.
    DuplicateKey,
    /// The outcome is on the desktop already.
    AlreadyAssigned,
    /// The desktop selects another outcome.
    DefaultExists,
    /// The move would make a loop.
    Cycle,
    /// Anything else; see the refusal's code.
    Other,
}

/// A request as messages name it: method and path, without query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GET`, `POST`, ...
    pub method: &'static str,
    /// The path.
    pub path: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{} {}`", self.method, self.path)
    }
}

/// A tenant's answer that says no.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The request.
    pub call: Call,
    /// The HTTP status.
    pub status: u16,
    /// The tenant's word for the reason: `version_conflict`.
    pub code: Option<String>,
    /// The tenant's sentence, or what stands for it where the body is no error that we know.
    pub message: String,
    /// What it said about single fields.
    pub field_errors: Vec<FieldError>,
    /// The scopes that it wants.
    pub required_scopes: Vec<String>,
    /// Its id of the request.
    pub request_id: Option<String>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// The start of the body.
    pub body: String,
}

/// What a tenant said about one field of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The path as the tenant wrote it.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was refused with {}", self.call, self.status)?;
        if let Some(code) = &self.code {
            write!(f, " `{code}`")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        for FieldError { field, message } in &self.field_errors {
            write!(f, "; `{field}`: {message}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

fn scope_hint(refusal: &Refusal) -> String {
    let scopes: Vec<_> = refusal.required_scopes.iter().map(|scope| format!("`{scope}`")).collect();
    if scopes.is_empty() {
        "; the client may not do this: grant it the right, and list the scope in `auth.scopes`".to_owned()
    } else {
        format!("; the client lacks the scope {}: grant it, and list it in `auth.scopes`", scopes.join(" or "))
    }
}

fn doubt(call: &Call) -> &'static str {
    if call.method == "GET" { "" } else { "; the tenant may or may not have applied it" }
}

/// Whether an answer is a plain absence, which reads of one object turn into `None`.
pub(crate) fn absent_as_none<T>(result: Result<T, TenantError>) -> Result<Option<T>, TenantError> {
    match result {
        Ok(value) => Ok(Some(value)),
        // An id that has no place in a path names nothing either.
        Err(TenantError::NotFound(_) | TenantError::Id(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An id that cannot be part of a path.
pub(crate) fn bad_id(id: &RemoteId) -> TenantError {
    TenantError::Id(id.0.escape_debug().to_string())
}
