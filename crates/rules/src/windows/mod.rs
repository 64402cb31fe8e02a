//! When a campaign dials, and whether that is within the law wherever it calls: the dial-window prover.
//!
//! Allowed call times less pauses are a set of seconds of the week, wall clock of the campaign's zone. Between two changes
//! of any clock that matters everything repeats by the week, so 400 days are a handful of pieces with one week to look at
//! in each.

mod horizon;
mod proof;
mod regimes;
mod schedule;
#[cfg(test)]
mod tests;
mod week;

pub use proof::{CounterExample, Proof, Unproven, proof};
pub use regimes::{REGIMES, Regime, regime};
pub use schedule::{call_times, pauses};
pub use week::Week;

pub(crate) use horizon::{Horizon, timestamp};
pub(crate) use proof::{CALLED, REGIME};
pub(crate) use schedule::{Schedule, ZONE, window_at};
