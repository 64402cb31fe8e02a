//! Desired x observed -> plan. Pure and deterministic: no clock, no network, no files.
//!
//! [`scope`] tells what to list, [`desktops_to_read`] which desktops to read after that, [`plan`] makes the plan.
//! [`v1`] is its frozen form on disk, [`render`] what a person reads.

mod activity;
mod base;
mod campaigns;
mod catalogue;
mod class;
mod codes;
mod desktops;
mod diff;
mod digest;
mod direction;
mod document;
mod draft;
mod drift;
mod estimate;
mod fingerprint;
mod guard;
mod hints;
mod impact;
mod index;
mod inputs;
mod inverse;
mod join;
mod judge;
mod keys;
mod launch;
mod matching;
mod options;
mod order;
mod owned;
mod pausing;
mod planner;
mod reach;
mod reason;
mod refusal;
pub mod render;
mod retire;
mod retune;
mod scope;
mod select;
mod selector;
mod sequence;
mod sheet;
mod shortcuts;
mod shown;
#[cfg(test)]
mod tests;
mod tree;
pub mod v1;

pub use base::{base_of, base_of_assignment, observed_from};
pub use catalogue::catalogue;
pub use class::{Class, Loosening};
pub use document::{Action, Allowance, Change, Estimate, FieldChange, Place, Plan, Provenance, Step, Warning};
pub use drift::{Agreed, Drift, Drifted, InSync, Side, drift};
pub use fingerprint::fingerprint;
pub use impact::{Figures, Live};
pub use inverse::{Done, Inverse, inverse, irreversible};
pub use options::{Options, OwnPause, Waiver};
pub use planner::{desktops_to_read, plan};
pub use refusal::{Problem, Refusal};
pub use retune::{Retuned, retune};
pub use scope::{Scope, scope};
pub use selector::Selector;
pub use sheet::{Difference, Sheet};
