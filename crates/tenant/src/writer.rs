//! The half of the client that writes: one method per write of the model, with every id resolved.
//!
//! It decides nothing. A write whose answer is lost is reported as [`TenantError::Lost`] and not repeated:
//! only the caller knows how to look whether it was applied.

use std::time::Duration;

use cxform_model::{CampaignStatus, Fields, Kind, ObservedAssignment, ObservedObject, RemoteId, Version};
use serde_json::Value;

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
    Object(Kind),
    Assignment,
}

/// For every method: [`TenantError::Lost`] may have been applied, anything else was not.
impl Writer {
    pub(crate) const fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Creates an outcome, call code or campaign. The answer always has an id.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] where the key is taken; [`TenantError::Lost`] also where the answer names no id.
    pub async fn create(
        &self,
        kind: Kind,
        parent: Option<&RemoteId>,
        fields: &Fields<Value>,
        idempotency_key: &str,
    ) -> Result<Answer, TenantError> {
        let request = self.writes().create(kind, parent, fields, idempotency_key)?;
        let answer = self.send(&request, Subject::Object(kind)).await?;
        if answer.id.is_none() {
            let cause = "the answer to the create names no id";
            return Err(self.connection.0.lost(&request, Some(answer.status), answer.request_id, cause));
        }
        Ok(answer)
    }

    /// Replaces an outcome by what was read plus `fields`; `parent` moves it, `Some(None)` to the root.
    ///
    /// # Errors
    /// [`TenantError::Shape`] where the representation cannot take a field.
    pub async fn update_outcome(
        &self,
        read: Representation,
        fields: &Fields<Value>,
        parent: Option<Option<&RemoteId>>,
    ) -> Result<Answer, TenantError> {
        let Representation { id, members } = read;
        let request = self.writes().put_outcome(&id, members, fields, parent)?;
        self.send(&request, Subject::Object(Kind::Outcome)).await
    }

    /// Merges desktop settings of an outcome.
    ///
    /// # Errors
    /// Any.
    pub async fn update_desktop(&self, outcome: &RemoteId, fields: &Fields<Value>) -> Result<Answer, TenantError> {
        let request = self.writes().patch_desktop(outcome, fields)?;
        self.send(&request, Subject::Object(Kind::Outcome)).await
    }

    /// Merges fields of a call code; `parent` moves it, `Some(None)` to the root.
    ///
    /// # Errors
    /// Any.
    pub async fn update_call_code(
        &self,
        id: &RemoteId,
        fields: &Fields<Value>,
        parent: Option<Option<&RemoteId>>,
    ) -> Result<Answer, TenantError> {
        let request = self.writes().patch_call_code(id, fields, parent)?;
        self.send(&request, Subject::Object(Kind::CallCode)).await
    }

    /// Merges fields of a campaign that still has this version; null clears.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] with [`crate::ConflictKind::Version`] where it has another one.
    pub async fn update_campaign(
        &self,
        id: &RemoteId,
        version: Version,
        fields: &Fields<Value>,
    ) -> Result<Answer, TenantError> {
        let request = self.writes().patch_campaign(id, version, fields)?;
        self.send(&request, Subject::Object(Kind::Campaign)).await
    }

    /// Changes the run state of a campaign that still has this version.
    ///
    /// # Errors
    /// As for [`Writer::update_campaign`]; [`TenantError::Refused`] where the state cannot follow the present one.
    pub async fn transition(&self, id: &RemoteId, version: Version, to: CampaignStatus) -> Result<Answer, TenantError> {
        let request = self.writes().transition(id, version, to)?;
        self.send(&request, Subject::Object(Kind::Campaign)).await
    }

    /// Puts an outcome on a desktop.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] where it is there already, or another one is the default.
    pub async fn assign(
        &self,
        campaign: &RemoteId,
        outcome: &RemoteId,
        sequence: u64,
        default: bool,
        idempotency_key: &str,
    ) -> Result<Answer, TenantError> {
        let request = self.writes().assign(&NewAssignment { campaign, outcome, sequence, default }, idempotency_key)?;
        self.send(&request, Subject::Assignment).await
    }

    /// Changes place or selection of an outcome on a desktop; `None` leaves it.
    ///
    /// # Errors
    /// [`TenantError::Conflict`] where another outcome is the default.
    pub async fn reassign(
        &self,
        campaign: &RemoteId,
        outcome: &RemoteId,
        sequence: Option<u64>,
        default: Option<bool>,
    ) -> Result<Answer, TenantError> {
        let request = self.writes().reassign(campaign, outcome, sequence, default)?;
        self.send(&request, Subject::Assignment).await
    }

    /// Takes an outcome off a desktop.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] where it is not there.
    pub async fn unassign(&self, campaign: &RemoteId, outcome: &RemoteId) -> Result<Answer, TenantError> {
        let request = self.writes().unassign(campaign, outcome)?;
        self.send(&request, Subject::Assignment).await
    }

    fn writes(&self) -> Writes<'_> {
        Writes(&self.connection.0.paths)
    }

    async fn send(&self, request: &Request, subject: Subject) -> Result<Answer, TenantError> {
        let Reply { status, body, request_id, version, retries, latency, clock: _, quota_headers: _ } =
            self.connection.0.write(request).await?;
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
            (Subject::Object(kind), body) => {
                if kind == Kind::Campaign {
                    answer.version = v2::version(body.as_ref(), version);
                }
                answer.object = body.and_then(|body| v2::object(kind, &body, version).ok());
            }
            (Subject::Assignment, body) => answer.assignment = body.and_then(|body| v2::assignment(&body).ok()),
        }
        Ok(answer)
    }
}
