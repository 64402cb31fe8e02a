//! The calls of the remote API by meaning, and the request rates that they share.

use std::fmt;
use std::str::FromStr;

/// A call of the remote API. Paths and methods are the client's business; who counts requests needs only this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Endpoint {
    ListOutcomes,
    ReadOutcome,
    CreateOutcome,
    UpdateOutcome,
    UpdateDesktop,
    ListCallCodes,
    ReadCallCode,
    CreateCallCode,
    UpdateCallCode,
    ListCampaigns,
    ReadCampaign,
    ReadHistory,
    ReadFigures,
    ReadIntervals,
    CreateCampaign,
    UpdateCampaign,
    ListGroups,
    ReadGroup,
    ListAssignments,
    Assign,
    Reassign,
    Unassign,
    ListWebhooks,
    CreateWebhook,
    UpdateWebhook,
}

impl Endpoint {
    /// The name in plans and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ListOutcomes => "list-outcomes",
            Self::ReadOutcome => "read-outcome",
            Self::CreateOutcome => "create-outcome",
            Self::UpdateOutcome => "update-outcome",
            Self::UpdateDesktop => "update-desktop",
            Self::ListCallCodes => "list-call-codes",
            Self::ReadCallCode => "read-call-code",
            Self::CreateCallCode => "create-call-code",
            Self::UpdateCallCode => "update-call-code",
            Self::ListCampaigns => "list-campaigns",
            Self::ReadCampaign => "read-campaign",
            Self::ReadHistory => "read-history",
            Self::ReadFigures => "read-figures",
            Self::ReadIntervals => "read-intervals",
            Self::CreateCampaign => "create-campaign",
            Self::UpdateCampaign => "update-campaign",
            Self::ListGroups => "list-groups",
            Self::ReadGroup => "read-group",
            Self::ListAssignments => "list-assignments",
            Self::Assign => "assign",
            Self::Reassign => "reassign",
            Self::Unassign => "unassign",
            Self::ListWebhooks => "list-webhooks",
            Self::CreateWebhook => "create-webhook",
            Self::UpdateWebhook => "update-webhook",
        }
    }

    /// Whether the call draws on the quota that all outcome operations share \[000\]; every other call has one of its own \[002\].
    #[must_use]
    pub const fn is_outcome_operation(self) -> bool {
        matches!(
            self,
            Self::ListOutcomes | Self::ReadOutcome | Self::CreateOutcome | Self::UpdateOutcome | Self::UpdateDesktop
        )
    }
}

/// Requests per time, with a burst of the whole quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// How many requests.
    pub requests: u32,
    /// Within how many seconds.
    pub seconds: u32,
}

impl Rate {
    /// Sustained requests per second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        f64::from(self.requests) / f64::from(self.seconds)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.seconds {
            1 => "s",
            60 => "min",
            3600 => "h",
            seconds => return write!(f, "{}/{seconds}s", self.requests),
        };
        write!(f, "{}/{unit}", self.requests)
    }
}

/// A text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no rate: expected requests per `s`, `min` or `h`, such as `100/s` or `100/min`")]
pub struct RateError(String);

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (requests, unit) = text.trim().split_once('/')?;
            let seconds = match unit.trim() {
                "s" => 1,
                "min" => 60,
                "h" => 3600,
                _ => return None,
            };
            let requests = requests.trim().parse().ok().filter(|requests| *requests > 0)?;
            Some(Self { requests, seconds })
        };
        parse().ok_or_else(|| RateError(text.to_owned()))
    }
}

/// The request rates of a tenant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimits {
    /// All outcome operations together; 100 per second where the environment says nothing \[000\].
    pub outcomes: Rate,
    /// Every other endpoint by itself; 100 per minute where the environment says nothing \[002\].
    pub default: Rate,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { outcomes: Rate { requests: 100, seconds: 1 }, default: Rate { requests: 100, seconds: 60 } }
    }
}

impl RateLimits {
    /// The rate that a call is held to.
    #[must_use]
    pub const fn of(&self, endpoint: Endpoint) -> Rate {
        if endpoint.is_outcome_operation() { self.outcomes } else { self.default }
    }
}
