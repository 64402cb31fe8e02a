//! The running campaign: how it is doing, and how its dialer should be set.
//!
//! Reads figures through the tenant's reader and makes sense of them by pure functions. Knows no manifests, no plans and
//! no terminal.

pub mod export;
pub mod history;
pub mod stats;
pub mod tune;
