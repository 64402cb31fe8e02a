//! Desired x observed -> plan. Pure and deterministic: no clock, no network, no files.
//!
//! [`scope`] tells what to list, [`desktops_to_read`] which desktops to read after that, [`plan`] makes the plan.

mod activity;
mod document;
mod options;
mod refusal;
mod scope;
mod selector;

use std::collections::BTreeSet;

use cxform_model::{Desired, Observed, RemoteId};

pub use document::{Action, Change, Estimate, FieldChange, Place, Plan, Step, Warning};
pub use options::{Options, Waiver};
pub use refusal::{Problem, Refusal};
pub use scope::{Scope, scope};
pub use selector::Selector;

/// The campaigns whose desktops a plan needs, once the listings of [`scope`] are read.
///
/// # Errors
/// Campaigns and groups that cannot be resolved.
pub fn desktops_to_read(_desired: &Desired, _observed: &Observed) -> Result<BTreeSet<RemoteId>, Refusal> {
    Err(Refusal::of(vec![Problem::new(refusal::code::INTERNAL, "the planner is under construction")]))
}

/// Makes the plan that brings the tenant to what the manifests ask for.
///
/// # Errors
/// Every reason why there is none.
pub fn plan(_desired: &Desired, _observed: &Observed, _options: &Options) -> Result<Plan, Refusal> {
    Err(Refusal::of(vec![Problem::new(refusal::code::INTERNAL, "the planner is under construction")]))
}
