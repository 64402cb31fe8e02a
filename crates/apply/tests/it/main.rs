//! Applying plans to the stand-in tenant over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod bench;
mod conflicts;
mod diary;
mod fairness;
mod last_one;
mod lost;
mod order;
mod rebasing;
mod refusals;
mod resuming;
mod rolling_back;
mod settling;
mod stopped;
mod stopping;
mod whole;
