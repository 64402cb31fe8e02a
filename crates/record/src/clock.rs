//! The time, which is an input like any other.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// Where the time comes from. Clones tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// Any other clock, such as one that a test sets.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    pub(crate) fn stamp(&self) -> String {
        stamp(self.now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// RFC 3339, UTC, always microseconds: texts of one width, which sort as the moments do.
pub(crate) fn stamp(time: Timestamp) -> String {
    format!("{time:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_sort_as_moments_do() {
        let moments = ["2026-11-21T02:52:09Z", "2026-11-21T02:52:09.0000004Z", "2026-11-21T02:52:09.5Z"];
        let stamps = moments.map(|moment| stamp(moment.parse().unwrap()));
        assert_eq!(stamps[0], "2026-11-21T02:52:09.000000Z");
        assert!(stamps.is_sorted(), "{stamps:?}");
        assert!(stamps.iter().all(|stamp| stamp.len() == stamps[0].len()));
    }
}
