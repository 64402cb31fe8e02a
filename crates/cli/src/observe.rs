//! Reading the tenant: what the planner says it needs, with the fewest requests, concurrently.

use std::collections::BTreeSet;

use cxform_model::{CampaignGroup, Desired, Kind, Observed, RemoteId};
use cxform_plan::Refusal;
use cxform_tenant::{Reader, TenantError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

/// Desktops under way at once. The rate limits decide how fast they go.
const DESKTOPS_AT_ONCE: usize = 16;

/// Why a tenant could not be observed.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A read failed, so nothing at all is known.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// What was read already tells that there can be no plan.
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

/// Reads everything that a plan for `desired` needs, completely or not at all.
pub async fn observe(reader: &Reader, desired: &Desired) -> Result<Observed, ObserveError> {
    let scope = cxform_plan::scope(desired);
    let wants = |kind| scope.listings.contains(&kind);
    let (outcomes, call_codes, campaigns, webhooks, groups) = tokio::try_join!(
        list(reader, Kind::Outcome, wants(Kind::Outcome)),
        list(reader, Kind::CallCode, wants(Kind::CallCode)),
        list(reader, Kind::Campaign, wants(Kind::Campaign)),
        list(reader, Kind::Webhook, wants(Kind::Webhook)),
        groups(reader, &scope.groups),
    )?;
    let listings = [outcomes, call_codes, campaigns, webhooks].into_iter().flatten().collect();
    let mut observed = Observed { listings, groups, ..Observed::default() };

    let campaigns = cxform_plan::desktops_to_read(desired, &observed)?;
    observed.desktops = stream::iter(campaigns)
        .map(|campaign| desktop(reader, campaign))
        .buffer_unordered(DESKTOPS_AT_ONCE)
        .try_filter_map(|desktop| async { Ok(desktop) })
        .try_collect()
        .await?;
    Ok(observed)
}

async fn list(
    reader: &Reader,
    kind: Kind,
    wanted: bool,
) -> Result<Option<(Kind, Vec<cxform_model::ObservedObject>)>, TenantError> {
    if wanted { Ok(Some((kind, reader.list(kind).await?))) } else { Ok(None) }
}

/// A group is named by its id or by its name. Ids cost one request each; only a name needs the listing.
async fn groups(reader: &Reader, wanted: &BTreeSet<String>) -> Result<Vec<CampaignGroup>, TenantError> {
    let by_id: Vec<Option<CampaignGroup>> =
        stream::iter(wanted).map(|group| reader.group(group)).buffered(DESKTOPS_AT_ONCE).try_collect().await?;
    if by_id.iter().all(Option::is_some) {
        return Ok(by_id.into_iter().flatten().collect());
    }
    reader.groups().await
}

async fn desktop(
    reader: &Reader,
    campaign: RemoteId,
) -> Result<Option<(RemoteId, Vec<cxform_model::ObservedAssignment>)>, TenantError> {
    Ok(reader.desktop(&campaign).await?.map(|desktop| (campaign, desktop)))
}
