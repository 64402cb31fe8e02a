//! How many requests a plan takes, and how long at the tenant's rates.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Document, Endpoint, Kind, Precondition, RateLimits, Write};

use crate::{Estimate, Step};

/// Counts the writes, and the reads that guard objects without a version: one before every full update of an outcome,
/// which is built from it, one for each other outcome, call code and subscription whose content is compared, one
/// listing for each desktop.
pub(crate) fn estimate(steps: &[Step], rates: &RateLimits) -> Estimate {
    let mut requests: BTreeMap<Endpoint, u64> = BTreeMap::new();
    let mut desktops = BTreeSet::new();
    for step in steps {
        *requests.entry(step.write.endpoint()).or_default() += 1;
        let read = match (&step.write, &step.precondition) {
            (Write::Update { document: Document::Outcome, .. }, _)
            | (Write::Update { document: Document::Desktop, .. }, Precondition::Content(_)) => {
                Some(Endpoint::ReadOutcome)
            }
            (Write::Update { document: Document::CallCode, .. }, Precondition::Content(_)) => {
                Some(Endpoint::ReadCallCode)
            }
            // Subscriptions have no call that reads one of them.
            (Write::Update { document: Document::Webhook, .. }, Precondition::Content(_)) => {
                Some(Endpoint::ListWebhooks)
            }
            _ => None,
        };
        if let Some(read) = read {
            *requests.entry(read).or_default() += 1;
        }
        if step.address.kind() == Kind::Assignment {
            desktops.extend(step.address.segments().first());
        }
    }
    if !desktops.is_empty() {
        requests.insert(Endpoint::ListAssignments, desktops.len() as u64);
    }
    let outcomes: u64 = requests.iter().filter(|(call, _)| call.is_outcome_operation()).map(|(_, count)| count).sum();
    let seconds = requests
        .iter()
        .filter(|(call, _)| !call.is_outcome_operation())
        .map(|(call, count)| (*count, rates.of(*call)))
        .chain([(outcomes, rates.outcomes)])
        .map(|(count, rate)| to_f64(count) / rate.per_second())
        .fold(0.0, f64::max);
    Estimate {
        requests: requests.values().sum(),
        by_endpoint: requests.into_iter().map(|(call, count)| (call.name().to_owned(), count)).collect(),
        seconds: (seconds * 10.0).round() / 10.0,
    }
}

fn to_f64(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
