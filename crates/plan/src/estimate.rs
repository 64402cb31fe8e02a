//! How many requests a plan takes, and how long at the tenant's rates.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Document, Endpoint, Kind, Precondition, RateLimits, Target, Write};

use crate::{Estimate, Step};

/// Counts the writes, and the reads that guard objects without a version: one for each outcome and call code that
/// stands, one for each created outcome that a full update follows (what a create answers may be partial), one listing
/// for each desktop.
pub(crate) fn estimate(steps: &[Step], rates: &RateLimits) -> Estimate {
    let mut requests: BTreeMap<Endpoint, u64> = BTreeMap::new();
    let mut desktops = BTreeSet::new();
    for step in steps {
        *requests.entry(step.write.endpoint()).or_default() += 1;
        match (step.address.kind(), &step.precondition) {
            (Kind::Outcome, Precondition::Content(_)) => *requests.entry(Endpoint::ReadOutcome).or_default() += 1,
            (Kind::CallCode, Precondition::Content(_)) => *requests.entry(Endpoint::ReadCallCode).or_default() += 1,
            (Kind::Assignment, _) => {
                desktops.extend(step.address.segments().first());
            }
            _ => {}
        }
        if let Write::Update { document: Document::Outcome, target: Target::Created(_), .. } = &step.write {
            *requests.entry(Endpoint::ReadOutcome).or_default() += 1;
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
