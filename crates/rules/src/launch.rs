//! What a campaign that is about to dial is judged by, beside its settings. A plan knows; offline nobody starts.

use cxform_model::CampaignStatus;

use crate::{Spot, Standing, StandingObject};

/// A campaign that the plan is to set to `active`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Launch {
    /// The run state that it comes from.
    pub from: CampaignStatus,
    /// How many outcomes its desktop shows then.
    pub shown: usize,
    /// Whether the desktop selects one of them.
    pub selected: bool,
}

/// The campaigns that are to start, as they will stand.
pub(crate) fn starting<'s, 'a>(
    standing: &'s Standing<'a>,
) -> impl Iterator<Item = (StandingObject<'a>, Launch)> + use<'s, 'a> {
    let launches = standing.launches.iter();
    launches.filter_map(|(address, launch)| Some((*standing.objects.get(address)?, *launch)))
}

/// The line that asks for the start.
pub(crate) fn asked(campaign: StandingObject<'_>) -> Spot {
    campaign.spot("status", "")
}
