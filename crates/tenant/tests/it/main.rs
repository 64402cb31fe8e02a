//! The client against a scripted server on loopback, through its public interface alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod figures;
mod paging;
mod reads;
mod secrets;
mod server;
mod tokens;
mod writes;
