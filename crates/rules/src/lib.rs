//! The domain's checks, on model values, pure. One rule is one file with one id; `docs/rules.md` tells them all.
//!
//! Rules know nothing of YAML or HTTP: a finding names an address and a field, and whoever shows it finds the place.

mod finding;
mod standing;

pub use finding::{Finding, Rule, Severity, Spot};
pub use standing::{Standing, StandingObject, spot_at};

/// The date that date-dependent rules are proven from, as days of the proleptic calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// `--as-of`, or today.
    pub as_of: jiff::civil::Date,
}

/// Every rule of the domain, by id.
#[must_use]
pub fn catalogue() -> &'static [&'static Rule] {
    &[]
}

/// Judges an inventory by every rule, in a stable order.
#[must_use]
pub fn check(_standing: &Standing<'_>, _context: &Context) -> Vec<Finding> {
    Vec::new()
}
