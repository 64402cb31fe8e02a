//! End-to-end tests: the real binary, or the real crates together, against the emulator. One binary, so the product is linked once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that panics has failed"
)]

mod audit;
mod authoring;
mod chaos;
mod comfort;
mod commands;
mod diffing;
mod documents;
mod drift;
mod exit_codes;
mod foreign_tenant;
mod guards;
mod history;
mod hostile_input;
mod intervals;
mod json_output;
mod laws;
mod live;
mod locking;
mod notifications;
mod pauses;
mod policies;
mod private_values;
mod project;
mod provenance;
mod pull_requests;
mod recorded;
mod resume;
mod runs;
mod scenarios;
mod secrets;
#[path = "../postgres/server.rs"]
mod server;
mod serving;
mod signals;
mod soak;
mod stats;
mod supply;
mod tenant;
mod tune;
mod undo;
mod windows;
