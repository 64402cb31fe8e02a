//! The half of the client that writes: one method per write of the model, with every id resolved.
//!
//! A method makes a request and sends nothing: what is about to be sent can be put on record first. Awaiting it sends it.
//! It decides nothing. A write whose answer is lost is reported as [`TenantError::Lost`] and not repeated:
//! only the caller knows how to look whether it was applied.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use cxform_model::{CampaignStatus, Fields, Kind, ObservedAssignment, ObservedObject, RemoteId, Version, hexadecimal};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::connection::Reply;
use crate::request::Request;
use crate::v2::{self, NewAssignment, Writes};
use crate::{Connection, Representation, TenantError};

/// Writes to a tenant.
#[derive(Debug, Clone)]
pub struct Writer {
    connection: Connection,
}

/// What a tenant said to a write that it accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The id that a create gave.
    pub id: Option<RemoteId>,
    /// The object afterwards, where the answer holds one. `None` (a 204, or an answer to a create with little more
    /// than the id) means: read it back. The answer to a create may be partial.
    pub object: Option<ObservedObject>,
    /// The assignment afterwards, where the answer holds one.
    pub assignment: Option<ObservedAssignment>,
    /// The campaign's version afterwards, where the answer tells it.
    pub version: Option<Version>,
    /// The HTTP status.
    pub status: u16,
    /// The tenant's id of the request.
    pub request_id: Option<String>,
    /// Repetitions before this answer.
    pub retries: u32,
    /// How long the last attempt took.
    pub latency: Duration,
}

/// What the answer to a write is about.
#[derive(Clone, Copy)]
enum Subject {
    /// An object that is made: the answer has to name its id.
    Created(Kind),
    Object(Kind),
    Assignment,
}

/// A write whose method, path, headers and body are decided. Awaiting it sends it; until then nothing has left.
#[must_use = "a write that nobody awaits is not sent"]
pub struct Prepared {
    connection: Connection,
    /// Or why there is none, which awaiting it tells.
    request: Result<Request, TenantError>,
    subject: Subject,
}

impl Prepared {
    /// The SHA-256 of the exact bytes of its body; of no bytes, where it has none.
    #[must_use]
    pub fn payload_sha256(&self) -> String {
        let body = self.request.as_ref().ok().and_then(|request| request.body.as_ref());
        hexadecimal(&Sha256::digest(body.map_or(&[][..], |body| body.text.as_bytes())))
    }

    async fn send(self) -> Result<Answer, TenantError> {
        let Self { connection, request, subject } = self;
        let request = request?;
        let Reply { status, body, request_id, version, retries, latency, clock: _, quota_headers: _ } =
            connection.0.write(&request).await?;
        let mut answer = Answer {
            id: body.as_ref().and_then(v2::created_id),
            object: None,
            assignment: None,
            version: None,
            status,
            request_id,
            retries,
            latency,
        };
        // The write is done; an answer that is not the object only means that the caller has to look for itself.
        match (subject, body) {
            (Subject::Created(kind) | Subject::Object(kind), body) => {
                if kind == Kind::Campaign {
                    answer.version = v2::version(body.as_ref(), version);
                }
                answer.object = body.and_then(|body| v2::object(kind, &body, version).ok());
            }
            (Subject::Assignment, body) => answer.assignment = body.and_then(|body| v2::assignment(&body).ok()),
        }
        if matches!(subject, Subject::Created(_)) && answer.id.is_none() {
            let cause = "the answer to the create names no id";
            return Err(connection.0.lost(&request, Some(answer.status), answer.request_id, cause));
        }
        Ok(answer)
    }
}

impl IntoFuture for Prepared {
    type Output = Result<Answer, TenantError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.request).finish()
    }
}

/// For every method, once it is awaited: [`TenantError::Lost`] may have been applied, anything else was not.
impl Writer {
    pub(crate) const fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Creates an outcome, call code, campaign or webhook subscription. The answer always has an id.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] where the key is taken; [`TenantError::Lost`] also where the answer names no id.
    pub fn create(
        &self,
        kind: Kind,
        parent: Option<&RemoteId>,
        fields: &Fields<Value>,
        idempotency_key: &str,
    ) -> Prepared {
        self.prepared(self.writes().create(kind, parent, fields, idempotency_key), Subject::Created(kind))
    }

    /// Replaces an outcome by what was read plus `fields`; `parent` moves it, `Some(None)` to the root.
    ///
    /// # Errors
    /// [`TenantError::Shape`] where the representation cannot take a field.
    pub fn update_outcome(
        &self,
        read: Representation,
        fields: &Fields<Value>,
        parent: Option<Option<&RemoteId>>,
    ) -> Prepared {
        let Representation { id, members } = read;
        self.prepared(self.writes().put_outcome(&id, members, fields, parent), Subject::Object(Kind::Outcome))
    }

    /// Merges desktop settings of an outcome.
    ///
    /// # Errors
    /// Any.
    pub fn update_desktop(&self, outcome: &RemoteId, fields: &Fields<Value>) -> Prepared {
        self.prepared(self.writes().patch_desktop(outcome, fields), Subject::Object(Kind::Outcome))
    }

    /// Merges fields of a call code; `parent` moves it, `Some(None)` to the root.
    ///
    /// # Errors
    /// Any.
    pub fn update_call_code(
        &self,
        id: &RemoteId,
        fields: &Fields<Value>,
        parent: Option<Option<&RemoteId>>,
    ) -> Prepared {
        self.prepared(self.writes().patch_call_code(id, fields, parent), Subject::Object(Kind::CallCode))
    }

    /// Merges fields of a webhook subscription.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] where a new name is taken.
    pub fn update_webhook(&self, id: &RemoteId, fields: &Fields<Value>) -> Prepared {
        self.prepared(self.writes().patch_webhook(id, fields), Subject::Object(Kind::Webhook))
    }

    /// Merges fields of a campaign that still has this version; null clears.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] with [`crate::ConflictKind::Version`] where it has another one.
    pub fn update_campaign(&self, id: &RemoteId, version: Version, fields: &Fields<Value>) -> Prepared {
        self.prepared(self.writes().patch_campaign(id, version, fields), Subject::Object(Kind::Campaign))
    }

    /// Changes the run state of a campaign that still has this version.
    ///
    /// # Errors
    /// As for [`Writer::update_campaign`]; [`TenantError::Refused`] where the state cannot follow the present one.
    pub fn transition(&self, id: &RemoteId, version: Version, to: CampaignStatus) -> Prepared {
        self.prepared(self.writes().transition(id, version, to), Subject::Object(Kind::Campaign))
    }

    /// Puts an outcome on a desktop.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] where it is there already, or another one is the default.
    pub fn assign(
        &self,
        campaign: &RemoteId,
        outcome: &RemoteId,
        sequence: u64,
        default: bool,
        idempotency_key: &str,
    ) -> Prepared {
        self.prepared(
            self.writes().assign(&NewAssignment { campaign, outcome, sequence, default }, idempotency_key),
            Subject::Assignment,
        )
    }

    /// Changes place or selection of an outcome on a desktop; `None` leaves it.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] where another outcome is the default.
    pub fn reassign(
        &self,
        campaign: &RemoteId,
        outcome: &RemoteId,
        sequence: Option<u64>,
        default: Option<bool>,
    ) -> Prepared {
        self.prepared(self.writes().reassign(campaign, outcome, sequence, default), Subject::Assignment)
    }

    /// Takes an outcome off a desktop.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] where it is not there.
    pub fn unassign(&self, campaign: &RemoteId, outcome: &RemoteId) -> Prepared {
        self.prepared(self.writes().unassign(campaign, outcome), Subject::Assignment)
    }

    fn writes(&self) -> Writes<'_> {
        Writes(&self.connection.0.paths)
    }

    fn prepared(&self, request: Result<Request, TenantError>, subject: Subject) -> Prepared {
        Prepared { connection: self.connection.clone(), request, subject }
    }
}
