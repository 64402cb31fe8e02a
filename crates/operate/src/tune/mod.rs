//! Tuning a running campaign: from what was observed to what is to be set, or why nothing is. Pure: no clock, no tenant.
//!
//! A knob is only ever turned within its bounds, by one strategy, at most once in a cool-down and by no more than its
//! share of an hour. It is never turned up while more calls are abandoned than may be, nor while that is unknown.

mod decision;
mod knob;

#[cfg(test)]
mod tests;

pub use decision::{Decision, Held, Move, Sample, decide};
pub use knob::{Bounds, CallRate, Concurrency, Damping, Knob, OverBudget, Past, Policy, Strategy};
