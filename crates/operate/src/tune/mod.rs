//! Tuning a running campaign: from what was observed to what is to be set, or why nothing is.
//!
//! A knob is only ever turned within its bounds, by one strategy, at most once in a cool-down and by no more than its
//! share of an hour. It is never turned up while more calls are abandoned than may be, nor while that is unknown. The
//! decision is a pure function; whoever writes by it is told what it was made from.

mod consider;
mod decision;
mod document;
mod past;
mod watch;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use consider::{Considered, Verdict, consider};
pub use decision::{Calls, Decision, Held, Move, Sample, Turn, decide};
pub use document::{CampaignV1, KnobV1, TuneV1, Written, evidence};
pub use past::{Past, past};
pub use watch::{Seen, look};
