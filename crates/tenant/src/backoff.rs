//! How long to wait before a request is repeated, and when to stop. Pure: it owns no clock and sends nothing.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// How patient a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all.
    pub tries: u32,
    /// Time over all attempts and waits; waiting for the rate limit does not count.
    pub budget: Duration,
    /// The first wait; each later one doubles.
    pub first: Duration,
    /// The longest wait, unless the tenant names a longer one.
    pub longest: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 6,
            budget: Duration::from_secs(120),
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
        }
    }
}

/// The waits of one request: doubling, jittered, within the policy.
#[derive(Debug, Clone)]
pub struct Backoff {
    policy: RetryPolicy,
    failures: u32,
    spent: Duration,
}

impl Backoff {
    /// Nothing has failed yet.
    #[must_use]
    pub const fn new(policy: RetryPolicy) -> Self {
        Self { policy, failures: 0, spent: Duration::ZERO }
    }

    /// The wait after an attempt that took `attempt` and failed; `None` when no further attempt is due.
    /// A wait that the tenant asked for is kept in full, or not begun when the budget does not hold it.
    pub fn next(&mut self, attempt: Duration, asked: Option<Duration>) -> Option<Duration> {
        let RetryPolicy { tries, budget, first, longest } = self.policy;
        self.failures += 1;
        self.spent = self.spent.saturating_add(attempt);
        if self.failures >= tries {
            return None;
        }
        let wait = match asked {
            // A little more than asked, so that a crowd does not come back as a crowd.
            Some(asked) => asked.max(first / 10).saturating_add(first.mul_f64(jitter() / 4.0)),
            None => {
                let doubled = first.saturating_mul(1 << (self.failures - 1).min(20));
                doubled.min(longest).mul_f64(1.0 + jitter() / 2.0)
            }
        };
        self.spent = self.spent.saturating_add(wait);
        (self.spent <= budget).then_some(wait)
    }
}

/// A number from 0 to 1. Jitter needs spread, not secrecy: the random keys of the standard hasher do.
fn jitter() -> f64 {
    let bits = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(bits >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    #[test]
    fn waits_double_from_one_second_with_jitter_upwards() {
        let mut backoff = Backoff::new(RetryPolicy::default());
        for seconds in [1.0, 2.0, 4.0, 8.0, 16.0] {
            let wait = backoff.next(NOW, None).unwrap().as_secs_f64();
            assert!((seconds..=seconds * 1.5).contains(&wait), "{wait} for {seconds}");
        }
        assert_eq!(backoff.next(NOW, None), None, "six tries in all");
    }

    #[test]
    fn two_requests_do_not_come_back_together() {
        let wait = || Backoff::new(RetryPolicy::default()).next(NOW, None).unwrap();
        let first = wait();
        assert!((0..20).any(|_| wait() != first));
    }

    #[test]
    fn an_asked_wait_is_kept_in_full_or_not_begun() {
        let mut backoff = Backoff::new(RetryPolicy::default());
        let asked = Duration::from_secs(60);
        assert!(backoff.next(NOW, Some(asked)).unwrap() >= asked);
        assert_eq!(backoff.next(NOW, Some(asked)), None, "the budget is two minutes");
        assert_eq!(Backoff::new(RetryPolicy::default()).next(NOW, Some(Duration::MAX)), None);
    }

    #[test]
    fn slow_attempts_use_up_the_budget() {
        let mut backoff = Backoff::new(RetryPolicy::default());
        assert!(backoff.next(Duration::from_secs(60), None).is_some());
        assert_eq!(backoff.next(Duration::from_secs(60), None), None);
    }
}
