//! What an earlier process of the same run left behind, as its journal tells it.

use std::collections::{BTreeMap, HashSet};

use cxform_model::{RemoteId, Version, Write};
use cxform_plan::{Plan, Step};

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
    /// The SHA-256 of the body of its last request, where the journal noted it.
    pub payload_sha256: Option<String>,
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

impl PastStep {
    /// How the step ended, where nothing is left to do for it. A create without an id is as good as in flight.
    pub(crate) fn settled(&self, step: &Step) -> Option<PastResult> {
        let is_create = matches!(step.write, Write::Create { .. });
        self.result.filter(|_| !self.in_flight && (!is_create || self.object.is_some()))
    }
}

impl Past {
    /// What is known of a step that is not settled.
    pub(crate) fn open(&self, step: &Step) -> PastStep {
        let mut past = self.steps.get(&step.id).cloned().unwrap_or_default();
        past.in_flight |= past.result.is_some();
        past
    }

    /// How a step ended for good.
    pub(crate) fn settled(&self, step: &Step) -> Option<(PastResult, &PastStep)> {
        let past = self.steps.get(&step.id)?;
        Some((past.settled(step)?, past))
    }

    /// Whether the earlier process had begun to take back what it did.
    pub(crate) fn was_rolling_back(&self, plan: &Plan) -> bool {
        let planned: HashSet<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
        let undoes = |(id, step): (&String, &PastStep)| {
            step.result == Some(PastResult::RolledBack) || !planned.contains(id.as_str())
        };
        self.steps.iter().any(undoes)
    }
}
