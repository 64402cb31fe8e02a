//! Counts of what was sent, by endpoint.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use cxform_model::Endpoint;

/// What a connection has sent so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// By call; a call that was never sent is missing.
    pub endpoints: BTreeMap<Endpoint, Counts>,
    /// Requests for tokens.
    pub tokens: Counts,
}

/// Counts of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Attempts, repetitions included.
    pub requests: u64,
    /// Repetitions.
    pub retries: u64,
    /// Answers that said too many requests.
    pub rate_limited: u64,
}

impl Statistics {
    /// Everything together.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.endpoints.values().fold(self.tokens, |sum, counts| Counts {
            requests: sum.requests + counts.requests,
            retries: sum.retries + counts.retries,
            rate_limited: sum.rate_limited + counts.rate_limited,
        })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(Mutex<Statistics>);

impl Counter {
    /// Counts for an endpoint; `None` is the token endpoint.
    pub(crate) fn count(&self, endpoint: Option<Endpoint>, count: impl FnOnce(&mut Counts)) {
        let mut statistics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count(match endpoint {
            Some(endpoint) => statistics.endpoints.entry(endpoint).or_default(),
            None => &mut statistics.tokens,
        });
    }

    pub(crate) fn snapshot(&self) -> Statistics {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
