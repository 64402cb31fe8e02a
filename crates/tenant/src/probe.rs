//! One look at a call: whether it works, and what the tenant shows of itself while it answers. For diagnosis only.

use std::time::Duration;

use cxform_model::{Endpoint, Kind, RemoteId};
use jiff::Timestamp;
use serde_json::Value;

use crate::v2::{self, Next};
use crate::{Reader, TenantError};

/// What the first page of a listing showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// How long it took, repetitions left out.
    pub latency: Duration,
    /// The tenant's clock when it answered.
    pub clock: Option<Timestamp>,
    /// Whether the answer bears an id of the request.
    pub has_request_id: bool,
    /// Headers that speak of quotas, by name.
    pub quota_headers: Vec<String>,
    /// The member that holds the items.
    pub style: &'static str,
    /// How the next page is named; `None` where there is none.
    pub next: Option<&'static str>,
    /// How many items the tenant says there are.
    pub total: Option<u64>,
    /// How many items the page holds.
    pub items: usize,
    /// Whether every item bears a version.
    pub has_versions: bool,
    /// The id of the first item.
    pub first: Option<RemoteId>,
}

impl Reader {
    /// Sends one reading call and tells what the answer shows. `campaign` is whose, where the call has one.
    ///
    /// # Errors
    /// Any; [`TenantError::NoObject`] for calls that list nothing or lack their campaign.
    pub async fn probe(&self, endpoint: Endpoint, campaign: Option<&RemoteId>) -> Result<Probe, TenantError> {
        let inner = self.inner();
        let paths = &inner.paths;
        let request = match (endpoint, campaign) {
            (Endpoint::ListOutcomes, _) => paths.list(Kind::Outcome)?,
            (Endpoint::ListCallCodes, _) => paths.list(Kind::CallCode)?,
            (Endpoint::ListCampaigns, _) => paths.list(Kind::Campaign)?,
            (Endpoint::ListGroups, _) => paths.groups(),
            (Endpoint::ListAssignments, Some(campaign)) => paths.desktop(campaign)?,
            (Endpoint::ReadHistory, Some(campaign)) => paths.history(campaign)?,
            _ => return Err(TenantError::NoObject),
        };
        let reply = inner.read(&request).await?;
        let page = v2::page(reply.body.unwrap_or_default()).map_err(|reason| inner.shape(&request, &reason))?;
        let next = match page.next {
            Next::End => None,
            Next::Following | Next::Number(_) => Some("by number"),
            Next::Url(_) => Some("by URL"),
            Next::Cursor(_) => Some("by cursor"),
        };
        let has_versions = page.items.iter().all(|item| item.get("version").is_some_and(Value::is_u64));
        let first = page.items.first().and_then(|item| item.get("id")).and_then(Value::as_str);
        Ok(Probe {
            latency: reply.latency,
            clock: reply.clock,
            has_request_id: reply.request_id.is_some(),
            quota_headers: reply.quota_headers,
            style: page.style,
            next,
            total: page.total,
            items: page.items.len(),
            has_versions,
            first: first.map(|id| RemoteId(id.to_owned())),
        })
    }
}
