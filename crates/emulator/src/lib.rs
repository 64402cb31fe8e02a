//! A stand-in CXone tenant: the remote API of dialect v2 over a pure in-memory store, with faults, quirks and a simulated dialer.
//!
//! Owns its own reading of the remote contract: JSON values, checked against `schemas/remote-v2/*.json`. It refuses to know
//! any type of the client, because a misreading that both sides share would pass every test.

mod auth;
mod clock;
mod dialer;
mod error;
mod faults;
mod generate;
mod hash;
mod http;
mod journal;
mod limits;
mod options;
mod paging;
mod quirks;
mod requests;
mod routes;
mod schema;
mod scopes;
mod server;
mod store;
mod tenant;
mod wire;

#[cfg(test)]
mod tests;

pub use error::EmulatorError;
pub use faults::Script as FaultScript;
pub use generate::generate;
pub use limits::{Rate, RateLimits};
pub use options::{Options, PutMode, Seed};
pub use quirks::Quirks;
pub use server::{Emulator, Running};
