//! Whether the tenant is down: failures in a row, of whatever step.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// So many failures in a row are an outage.
pub(crate) const OUTAGE: u32 = 20;

/// The failures since the last success.
#[derive(Debug, Default)]
pub(crate) struct Streak(Mutex<Option<Row>>);

#[derive(Debug)]
struct Row {
    /// When the first of them was seen.
    since: Instant,
    failures: u32,
}

impl Streak {
    /// A request that began at `started` has failed. What was under way when the first one failed, failed with it: a tenant
    /// that hiccups once drops many at a time.
    pub(crate) fn failed(&self, started: Instant) {
        let mut row = self.lock();
        match &mut *row {
            None => *row = Some(Row { since: Instant::now(), failures: 1 }),
            Some(row) if started < row.since => {}
            Some(row) => row.failures += 1,
        }
    }

    /// The tenant answers.
    pub(crate) fn succeeded(&self) {
        *self.lock() = None;
    }

    pub(crate) fn is_outage(&self) -> bool {
        self.lock().as_ref().is_some_and(|row| row.failures >= OUTAGE)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn failures_one_after_the_other_are_an_outage_and_a_herd_is_one() {
        let streak = Streak::default();
        let together = Instant::now().checked_sub(Duration::from_millis(5)).unwrap();
        (0..100).for_each(|_| streak.failed(together));
        assert!(!streak.is_outage());
        let later = Instant::now() + Duration::from_millis(5);
        (1..OUTAGE - 1).for_each(|_| streak.failed(later));
        assert!(!streak.is_outage());
        streak.failed(later);
        assert!(streak.is_outage());
        streak.succeeded();
        assert!(!streak.is_outage());
    }
}
