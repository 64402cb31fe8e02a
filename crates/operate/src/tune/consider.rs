//! One look at every campaign of some policies, and what follows from it. Reads only.

use std::collections::BTreeMap;

use cxform_model::{Address, CampaignStatus, Kind, Knob, ObservedObject, RemoteId, TuningPolicy, TuningRules, Version};
use cxform_tenant::{Reader, Span, TenantError, Told};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::Value;

use super::watch::{Seen, look};
use super::{Decision, Past, Turn, decide};

/// Reads under way at once. The rate limits decide how fast they go.
const AT_ONCE: usize = 8;

/// A campaign of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Considered {
    /// The campaign.
    pub address: Address,
    /// The policy's name.
    pub policy: String,
    /// The campaign as it was read; `None` where the tenant has none of this name.
    pub campaign: Option<ObservedObject>,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows from looking at a campaign.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It dials, and this is to be done.
    Decided {
        /// What was seen.
        seen: Seen,
        /// What is to be done.
        decision: Decision,
    },
    /// It does not dial, so nothing is turned.
    Idle(String),
    /// What there is to judge by may not be read.
    Unknown(String),
    /// It cannot be judged: an error.
    Failed(String),
}

/// Looks at the campaigns of the policies, and decides. `rules` tells what of a policy holds for a campaign.
///
/// # Errors
/// The campaigns cannot be listed.
pub async fn consider(
    reader: &Reader,
    policies: &[TuningPolicy],
    rules: impl Fn(&TuningPolicy, &Address) -> Option<TuningRules>,
    past: &Past,
    now: Timestamp,
) -> Result<Vec<Considered>, TenantError> {
    let mut listed: BTreeMap<String, Vec<ObservedObject>> = BTreeMap::new();
    for campaign in reader.list(Kind::Campaign).await? {
        listed.entry(campaign.key.trim().to_owned()).or_default().push(campaign);
    }
    let mut waiting = Vec::new();
    for policy in policies {
        for campaign in &policy.campaigns {
            if let Some(rules) = rules(policy, &campaign.value) {
                let found = listed.get(campaign.value.key().trim()).map_or(&[][..], Vec::as_slice);
                waiting.push((policy.name.as_str(), &campaign.value, rules, found));
            }
        }
    }
    let none = Vec::new();
    let considered = waiting.into_iter().map(|(policy, address, rules, found)| {
        let turns = past.get(address).unwrap_or(&none);
        async move {
            let (campaign, verdict) = match found {
                [] => (None, Verdict::Failed("the tenant has no such campaign".to_owned())),
                [campaign] => (Some(campaign.clone()), one(reader, campaign, &rules, turns, now).await),
                several => {
                    let ids: Vec<_> = several.iter().map(|campaign| format!("`{}`", campaign.id)).collect();
                    (None, Verdict::Failed(format!("several campaigns bear this name: {}", ids.join(", "))))
                }
            };
            Considered { address: address.clone(), policy: policy.to_owned(), campaign, verdict }
        }
    });
    Ok(stream::iter(considered).buffered(AT_ONCE).collect().await)
}

async fn one(
    reader: &Reader,
    campaign: &ObservedObject,
    rules: &TuningRules,
    turns: &[Turn],
    now: Timestamp,
) -> Verdict {
    let status = campaign.value("status").and_then(Value::as_str).and_then(CampaignStatus::from_word);
    if status != Some(CampaignStatus::Active) {
        return idle(status);
    }
    if campaign.version.is_none() {
        return Verdict::Failed("the tenant tells no version of it, so nobody could write to it safely".to_owned());
    }
    // Calls that were placed before a knob was turned say nothing of where it stands now.
    let window = now.checked_sub(rules.damping.window).unwrap_or(Timestamp::MIN);
    let from = turns.iter().map(|turn| turn.at).fold(window, Timestamp::max).min(now);
    let seen = match look(reader, &campaign.id, Span { from, until: now }).await {
        Ok(Told::Known(seen)) => seen,
        Ok(Told::NotPermitted(refusal)) => return Verdict::Unknown(refusal.to_string()),
        Ok(Told::Absent) => return Verdict::Unknown("the tenant tells no figures of it".to_owned()),
        Err(error) => return Verdict::Failed(error.to_string()),
    };
    if let Some(status) = seen.status.filter(|status| *status != CampaignStatus::Active) {
        return idle(Some(status));
    }
    let current = |knob: Knob| campaign.value(knob.path()).and_then(Value::as_f64);
    Verdict::Decided { decision: decide(rules, now, &seen.sample, turns, current), seen }
}

fn idle(status: Option<CampaignStatus>) -> Verdict {
    Verdict::Idle(match status {
        Some(status) => format!("it is {status}"),
        None => "the tenant tells no run state that is known".to_owned(),
    })
}

impl Considered {
    /// What a write needs to know of the campaign, where there is something to write.
    #[must_use]
    pub fn to_write(&self) -> Option<(&ObservedObject, &Decision, &Seen)> {
        match (&self.campaign, &self.verdict) {
            (Some(campaign), Verdict::Decided { seen, decision }) if !decision.moves.is_empty() => {
                Some((campaign, decision, seen))
            }
            _ => None,
        }
    }

    /// The tenant's id, where the campaign is there.
    #[must_use]
    pub fn id(&self) -> Option<&RemoteId> {
        self.campaign.as_ref().map(|campaign| &campaign.id)
    }

    /// The version that it was read with.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.campaign.as_ref().and_then(|campaign| campaign.version)
    }
}
