//! What intervals come to: calls, and how many of them reached an agent \[003\].

use cxform_tenant::Interval;

/// The sum of some intervals. Only those count that tell both calls and connections: a share of the others is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Intervals in all.
    pub intervals: u64,
    /// Those that do not tell both, or more connections than calls.
    pub unknown: u64,
    /// Calls that were placed.
    pub attempted: u64,
    /// Calls that reached an agent.
    pub connected: u64,
}

impl Sums {
    pub(super) fn add(&mut self, interval: &Interval) {
        self.intervals += 1;
        match counts(interval) {
            Some((connected, attempted)) => {
                self.attempted = self.attempted.saturating_add(attempted);
                self.connected = self.connected.saturating_add(connected);
            }
            None => self.unknown += 1,
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let Self { intervals, unknown, attempted, connected } = *other;
        self.intervals += intervals;
        self.unknown += unknown;
        self.attempted = self.attempted.saturating_add(attempted);
        self.connected = self.connected.saturating_add(connected);
    }

    /// Connected calls as a share of those that were placed, to four decimals; without calls there is none.
    #[must_use]
    pub fn efficiency(&self) -> Option<f64> {
        share(self.connected, self.attempted)
    }
}

/// The efficiency of one interval.
pub(super) fn efficiency(interval: &Interval) -> Option<f64> {
    counts(interval).and_then(|(connected, attempted)| share(connected, attempted))
}

fn counts(interval: &Interval) -> Option<(u64, u64)> {
    interval.connected.zip(interval.attempted).filter(|(connected, attempted)| connected <= attempted)
}

fn share(connected: u64, attempted: u64) -> Option<f64> {
    (attempted > 0).then(|| (connected as f64 / attempted as f64 * 10_000.0).round() / 10_000.0)
}
