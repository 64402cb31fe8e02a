//! Applying plans to the stand-in tenant over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod bench;
mod conflicts;
mod lost;
mod order;
mod refusals;
mod stopping;
mod whole;
