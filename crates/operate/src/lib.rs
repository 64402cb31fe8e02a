//! The running campaign: how it is doing, how its dialer should be set, and what others tell about it.
//!
//! Reads figures through the tenant's reader and makes sense of them by pure functions; takes in events by webhooks and
//! puts them on record. Knows no manifests, no plans and no terminal.

pub mod export;
pub mod history;
pub mod receive;
pub mod stats;
pub mod tune;
