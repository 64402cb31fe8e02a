//! Desired x observed -> plan. Pure and deterministic: no clock, no network, no files.

mod document;

pub use document::{Action, Change, Estimate, FieldChange, Place, Plan, Step, Warning};
