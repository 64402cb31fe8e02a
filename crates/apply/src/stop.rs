//! How somebody outside ends a run early: politely, or at once.

use std::sync::Arc;

use tokio::sync::watch;

/// How urgently a run is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopLevel {
    /// It goes on.
    Run,
    /// No step starts any more; requests in flight finish.
    Finish,
    /// Requests in flight are dropped too.
    Now,
}

/// The handle that a signal handler holds. Clones speak of one run; a level is only ever raised.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<StopLevel>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(StopLevel::Run)))
    }
}

impl Stop {
    /// A handle that nobody has used yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts no further step; what is in flight finishes.
    pub fn finish(&self) {
        self.raise(StopLevel::Finish);
    }

    /// Ends the run at once. A write in flight may or may not reach the tenant; the report says which.
    pub fn now(&self) {
        self.raise(StopLevel::Now);
    }

    /// What was asked for so far.
    #[must_use]
    pub fn level(&self) -> StopLevel {
        *self.0.borrow()
    }

    /// Waits until somebody asks for an end.
    pub async fn raised(&self) {
        self.raised_above(StopLevel::Run).await;
    }

    fn raise(&self, to: StopLevel) {
        self.0.send_if_modified(|level| {
            let higher = to > *level;
            *level = to.max(*level);
            higher
        });
    }

    /// Waits until the level is above `above`.
    pub(crate) async fn raised_above(&self, above: StopLevel) -> StopLevel {
        let mut levels = self.0.subscribe();
        let raised = levels.wait_for(|level| *level > above).await.map(|level| *level);
        match raised {
            Ok(level) => level,
            // The sender lives in `self`, so the channel cannot close; waiting forever is what "never asked" means.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_level_is_only_ever_raised() {
        let stop = Stop::new();
        let other = stop.clone();
        other.now();
        stop.finish();
        assert_eq!(stop.level(), StopLevel::Now);
        assert_eq!(stop.raised_above(StopLevel::Finish).await, StopLevel::Now);
    }
}
