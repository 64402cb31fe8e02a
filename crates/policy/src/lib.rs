//! Policy as code: rules that a team writes itself, in CEL, over the JSON of a plan.
//!
//! Knows the plan as JSON alone, never the planner, files or the terminal. What cannot be evaluated is an error and never
//! a pass: a slip in a rule must not open a door.

mod document;
mod error;
mod expression;
mod hours;
mod judge;
mod message;
mod subject;
mod tests_of_policies;
mod value;

pub use document::{Policies, Policy, Severity, read};
pub use error::PolicyError;
pub use judge::{Denial, Place, judge};
pub use tests_of_policies::{Tried, try_out};
