//! The names that a run gives to itself and to its requests.

use std::fmt;
use std::str::FromStr;

use cxform_model::hexadecimal;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The id of one run: sorts by the time at which it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Uuid);

impl RunId {
    /// The id of a run that begins now.
    #[must_use]
    pub fn begin() -> Self {
        Self(Uuid::now_v7())
    }

    /// The key under which a tenant remembers the answer to a step's request. It depends on run and step alone,
    /// so a request that is repeated, even by a resumed run, is recognised as the same.
    #[must_use]
    pub fn idempotency_key(&self, step: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0.as_bytes());
        hash.update(step.as_bytes());
        hexadecimal(&hash.finalize())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RunId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_run_and_step_alone() {
        let run = RunId::begin();
        let again: RunId = run.to_string().parse().unwrap();
        assert_eq!(run.idempotency_key("outcome/A:create"), again.idempotency_key("outcome/A:create"));
        assert_ne!(run.idempotency_key("outcome/A:create"), run.idempotency_key("outcome/B:create"));
        assert_ne!(run.idempotency_key("outcome/A:create"), RunId::begin().idempotency_key("outcome/A:create"));
    }
}
