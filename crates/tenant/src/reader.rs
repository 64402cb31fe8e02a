//! The half of the client that cannot change anything.

use std::sync::atomic::{AtomicU64, Ordering};

use cxform_model::{CampaignGroup, Kind, ObservedAssignment, ObservedObject, RemoteId, Version};
use serde_json::{Map, Value};

use crate::error::absent_as_none;
use crate::paging::{Walk, read_all};
use crate::v2::{self, Malformed};
use crate::{Connection, Figures, Intervals, Span, TenantError, Told};

/// Reads a tenant. Every listing is whole or an error.
#[derive(Debug, Clone)]
pub struct Reader {
    connection: Connection,
}

/// One change of a campaign, as the tenant remembers it.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRecord {
    /// When, as the tenant tells it.
    pub time: String,
    /// Who.
    pub actor: String,
    /// What was done, in the tenant's word.
    pub action: String,
    /// The version that it left.
    pub version: Version,
    /// The fields that changed, with their values before and after.
    pub changes: Vec<(String, Value, Value)>,
}

/// An outcome exactly as the tenant told it, unknown members included: what a `PUT` is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Representation {
    pub(crate) id: RemoteId,
    pub(crate) members: Map<String, Value>,
}

impl Representation {
    /// The outcome's id.
    #[must_use]
    pub const fn id(&self) -> &RemoteId {
        &self.id
    }
}

impl Reader {
    pub(crate) const fn new(connection: Connection) -> Self {
        Self { connection }
    }

    pub(crate) fn inner(&self) -> &crate::connection::Inner {
        &self.connection.0
    }

    /// Every outcome, call code, campaign or webhook subscription.
    ///
    /// # Errors
    /// Any; [`TenantError::Incomplete`] and [`TenantError::Shape`] mean that the listing cannot be trusted.
    pub async fn list(&self, kind: Kind) -> Result<Vec<ObservedObject>, TenantError> {
        read_all(&self.connection, self.connection.0.paths.list(kind)?, listed(kind)).await
    }

    /// One object; `None` where the tenant has none of this id.
    ///
    /// # Errors
    /// Any but [`TenantError::NotFound`].
    pub async fn one(&self, kind: Kind, id: &RemoteId) -> Result<Option<ObservedObject>, TenantError> {
        if kind == Kind::Webhook {
            return Ok(self.list(kind).await?.into_iter().find(|object| object.id == *id));
        }
        let inner = &self.connection.0;
        absent_as_none(
            async {
                let request = inner.paths.one(kind, id)?;
                let reply = inner.read(&request).await?;
                v2::object(kind, &reply.body.unwrap_or_default(), reply.version)
                    .map_err(|Malformed(reason)| inner.shape(&request, &reason))
            }
            .await,
        )
    }

    /// An outcome with the representation that [`crate::Writer::update_outcome`] sends back.
    ///
    /// # Errors
    /// Any but [`TenantError::NotFound`].
    pub async fn outcome_document(
        &self,
        id: &RemoteId,
    ) -> Result<Option<(ObservedObject, Representation)>, TenantError> {
        let inner = &self.connection.0;
        absent_as_none(
            async {
                let request = inner.paths.one(Kind::Outcome, id)?;
                let reply = inner.read(&request).await?;
                let (outcome, members) = v2::representation(reply.body.unwrap_or_default())
                    .map_err(|Malformed(reason)| inner.shape(&request, &reason))?;
                Ok((outcome, Representation { id: id.clone(), members }))
            }
            .await,
        )
    }

    /// A campaign group by its id.
    ///
    /// # Errors
    /// Any but [`TenantError::NotFound`].
    pub async fn group(&self, id: &str) -> Result<Option<CampaignGroup>, TenantError> {
        let inner = &self.connection.0;
        absent_as_none(
            async {
                let request = inner.paths.group(&RemoteId(id.to_owned()))?;
                let reply = inner.read(&request).await?;
                v2::group(&reply.body.unwrap_or_default()).map_err(|Malformed(reason)| inner.shape(&request, &reason))
            }
            .await,
        )
    }

    /// Every campaign group.
    ///
    /// # Errors
    /// As for [`Reader::list`].
    pub async fn groups(&self) -> Result<Vec<CampaignGroup>, TenantError> {
        let decode = |item: &Value| v2::group(item).map(|group| (group.id.clone(), group));
        read_all(&self.connection, self.connection.0.paths.groups(), decode).await
    }

    /// The outcomes on a campaign's desktop; `None` where there is no such campaign.
    ///
    /// # Errors
    /// As for [`Reader::list`].
    pub async fn desktop(&self, campaign: &RemoteId) -> Result<Option<Vec<ObservedAssignment>>, TenantError> {
        let decode = |item: &Value| v2::assignment(item).map(|entry| (entry.outcome.clone(), entry));
        absent_as_none(
            async {
                let first = self.connection.0.paths.desktop(campaign)?;
                read_all(&self.connection, first, decode).await
            }
            .await,
        )
    }

    /// What happened to a campaign after it had the version `since`, in the tenant's order.
    ///
    /// # Errors
    /// As for [`Reader::list`].
    pub async fn history(&self, campaign: &RemoteId, since: Version) -> Result<Vec<HistoryRecord>, TenantError> {
        // Records have no ids, so nothing tells a repeated one from two alike.
        let number = AtomicU64::new(0);
        let decode = |item: &Value| {
            let id = RemoteId(number.fetch_add(1, Ordering::Relaxed).to_string());
            v2::history_record(item).map(|record| (id, record))
        };
        let mut records = read_all(&self.connection, self.connection.0.paths.history(campaign)?, decode).await?;
        records.retain(|record| record.version > since);
        Ok(records)
    }

    /// What a campaign's calls came to so far.
    ///
    /// # Errors
    /// Any but [`TenantError::NotFound`] and [`TenantError::Forbidden`], which [`Told`] tells apart.
    pub async fn figures(&self, campaign: &RemoteId) -> Result<Told<Figures>, TenantError> {
        let inner = &self.connection.0;
        Told::from(
            async {
                let request = inner.paths.figures(campaign)?;
                let body = inner.read(&request).await?.body.unwrap_or_default();
                v2::figures(&body).map_err(|Malformed(reason)| inner.shape(&request, &reason))
            }
            .await,
        )
    }

    /// What a campaign's calls came to, interval by interval. The first page is read at once.
    ///
    /// # Errors
    /// As for [`Reader::figures`].
    pub async fn intervals(&self, campaign: &RemoteId, span: Span) -> Result<Told<Intervals>, TenantError> {
        let inner = &self.connection.0;
        Told::from(
            async {
                let (walk, first) = Walk::start(inner, inner.paths.intervals(campaign, span)?).await?;
                Ok(Intervals::new(walk, first, span))
            }
            .await,
        )
    }

    /// The objects that bear `key`: what a lost create may have left. `parent` counts for call codes, whose codes
    /// are unique under their parent only; for them `None` is the root.
    ///
    /// # Errors
    /// As for [`Reader::list`].
    pub async fn find(
        &self,
        kind: Kind,
        key: &str,
        parent: Option<&RemoteId>,
    ) -> Result<Vec<ObservedObject>, TenantError> {
        let paths = &self.connection.0.paths;
        let first = if kind == Kind::CallCode { paths.find_call_code(key, parent) } else { paths.list(kind)? };
        let mut found = read_all(&self.connection, first, listed(kind)).await?;
        // A tenant that ignores the filter answers with everything.
        found.retain(|object| {
            object.key.trim() == key.trim() && (kind != Kind::CallCode || object.parent.as_ref() == parent)
        });
        Ok(found)
    }
}

fn listed(kind: Kind) -> impl Fn(&Value) -> Result<(RemoteId, ObservedObject), Malformed> {
    move |item| v2::object(kind, item, None).map(|object| (object.id.clone(), object))
}
