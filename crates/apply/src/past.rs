//! What an earlier process of the same run left behind, as its journal tells it.

use std::collections::BTreeMap;

use cxform_model::{RemoteId, Version};

/// The steps that the journal knows anything of, by id: those of the plan, and those of a rollback that had begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// By the step's id.
    pub steps: BTreeMap<String, PastStep>,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastStep {
    /// How it ended, where the tenant is as it wants it. A step that failed, was in conflict or was skipped has none: it
    /// is tried anew.
    pub result: Option<PastResult>,
    /// The id of the object, as [`StepReport::object`](crate::StepReport::object) told it. Needed for creates.
    pub object: Option<RemoteId>,
    /// The version that it left. Needed for campaigns.
    pub version: Option<Version>,
    /// How many requests it has intended: the number of its next attempt.
    pub attempts: u32,
    /// Whether its last request has no known end: no answer, or one that was accepted and never concluded. Such a step
    /// is settled by looking at the tenant first.
    pub in_flight: bool,
}

/// How a step of an earlier process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PastResult {
    /// The run made the tenant so.
    Applied,
    /// The same, after somebody else's change of other fields.
    Rebased,
    /// It was so already.
    Unchanged,
    /// It was applied, and taken back: the run was rolling back.
    RolledBack,
}
