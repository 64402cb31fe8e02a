//! The vocabulary of cxform: kinds, addresses, fields, desired and observed inventories, and writes as data.
//!
//! Everything here is plain data and pure functions. This crate knows no YAML, no HTTP, no clock and no runtime.

mod address;
mod canonical;
mod desired;
mod desktop;
mod endpoint;
mod field;
mod fields;
mod fingerprint;
mod guard;
mod kind;
mod observed;
mod source;
mod status;
mod tuning;
mod write;

pub use address::{Address, AddressError, is_unprintable};
pub use canonical::{canonical, canonical_field, instant, same, wall_clock};
pub use desired::{Authority, AuthorityScope, Desired, DesiredField, DesiredObject, DesktopEntry, Envelope, Setting};
pub use desktop::{Desktop, DesktopClash};
pub use endpoint::{Endpoint, Rate, RateError, RateLimits};
pub use field::{Document, Field, FieldPolicy, Member, Ownership, Severity, Shape, Tighter, table};
pub use fields::Fields;
pub use fingerprint::Fingerprint;
pub use guard::Guard;
pub use kind::Kind;
pub use observed::{CampaignGroup, Observed, ObservedAssignment, ObservedObject, RemoteId, Version, hexadecimal};
pub use source::{FileId, Files, Source, Sourced};
pub use status::CampaignStatus;
pub use tuning::{
    Bounds, CallRateRule, ConcurrencyRule, Damping, Knob, OverBudget, Strategy, TuningPolicy, TuningRules,
};
pub use write::{NewParent, Precondition, Target, Write};
