//! Reading how campaigns are doing. One campaign that cannot be read does not hide the others.

use cxform_model::{CampaignStatus, Kind, ObservedObject, RemoteId};
use cxform_tenant::{Figures, Reader, TenantError, Told};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use super::Standing;

/// Reads under way at once. The rate limits decide how fast they go.
const AT_ONCE: usize = 8;

/// What became of the read of one campaign.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The tenant told.
    Known(Figures),
    /// The client may not read it.
    NotPermitted(String),
    /// The campaign went away meanwhile.
    Absent,
    /// The read failed.
    Failed(String),
}

/// How a campaign is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignStats {
    /// The tenant's id.
    pub id: RemoteId,
    /// Its name.
    pub name: String,
    /// Its run state, as far as it is known.
    pub status: Option<CampaignStatus>,
    /// Its totals.
    pub reading: Reading,
}

impl CampaignStats {
    /// The totals, where the tenant told them.
    #[must_use]
    pub const fn figures(&self) -> Option<&Figures> {
        match &self.reading {
            Reading::Known(figures) => Some(figures),
            _ => None,
        }
    }

    /// What the totals amount to.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.figures().map(Standing::of).unwrap_or_default()
    }
}

/// The campaigns that `picks` picks, by name.
///
/// # Errors
/// The campaigns cannot be listed.
pub async fn gather(
    reader: &Reader,
    picks: impl Fn(&ObservedObject) -> bool,
) -> Result<Vec<CampaignStats>, TenantError> {
    let mut campaigns = reader.list(Kind::Campaign).await?;
    campaigns.retain(|campaign| picks(campaign));
    campaigns.sort_by(|one, other| (&one.key, &one.id).cmp(&(&other.key, &other.id)));
    Ok(stream::iter(campaigns).map(|campaign| read(reader, campaign)).buffered(AT_ONCE).collect().await)
}

async fn read(reader: &Reader, campaign: ObservedObject) -> CampaignStats {
    let listed = campaign.value("status").and_then(Value::as_str).and_then(CampaignStatus::from_word);
    let reading = match reader.figures(&campaign.id).await {
        Ok(Told::Known(figures)) => Reading::Known(figures),
        Ok(Told::NotPermitted(refusal)) => Reading::NotPermitted(refusal.to_string()),
        Ok(Told::Absent) => Reading::Absent,
        Err(error) => Reading::Failed(error.to_string()),
    };
    let status = match &reading {
        Reading::Known(figures) => figures.status.or(listed),
        _ => listed,
    };
    CampaignStats { id: campaign.id, name: campaign.key, status, reading }
}
