//! What filter rules mean, as far as it is certain: which values pass, which rule follows from another.
//!
//! The remote evaluates filters, not we. So everything here answers only what holds under any sensible reading;
//! operators and comparisons that depend on a dialect are left alone.

mod condition;
mod operand;

pub(crate) use condition::{Condition, by_field, conditions};

pub(crate) const PATH: &str = "contactSelection.filterRules";
