//! One suite for both databases: every test runs against SQLite and against a real PostgreSQL server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test ends by panicking")]

mod audit;
mod child;
mod events;
mod journal;
mod locks;
mod opening;
mod outbox;
mod place;
mod runs;
mod secrets;
