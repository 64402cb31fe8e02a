//! From format 1 to a plan that apply may trust: nothing contradicts itself, and the digest is that of the content.

use std::collections::HashSet;

use cxform_model::CampaignStatus;

use super::{
    ActionV1, AllowanceV1, ChangeV1, EstimateV1, FORMAT_VERSION, FieldV1, FiguresV1, LiveV1, PlaceV1, PlanError,
    PlanV1, StepV1, SummaryV1, WarningV1,
};
use crate::digest::digest;
use crate::{Action, Allowance, Change, Estimate, FieldChange, Figures, Live, Place, Plan, Provenance, Step, Warning};

impl TryFrom<PlanV1> for Plan {
    type Error = PlanError;

    fn try_from(plan: PlanV1) -> Result<Self, PlanError> {
        let PlanV1 {
            format_version,
            id,
            project,
            environment,
            tenant,
            digest: written,
            commit,
            content,
            fingerprint,
            summary,
            estimate,
            changes,
            steps,
            warnings,
            live,
            allowances,
        } = plan;
        if format_version != FORMAT_VERSION {
            return Err(PlanError::Version(format_version.into()));
        }
        let EstimateV1 { requests, seconds, by_endpoint } = estimate;
        let plan = Self {
            id,
            project,
            environment,
            tenant,
            changes: changes.into_iter().map(Change::from).collect(),
            steps: steps.into_iter().map(Step::try_from).collect::<Result<_, _>>()?,
            unchanged: summary.unchanged,
            warnings: warnings.into_iter().map(Warning::from).collect(),
            live: live.into_iter().map(Live::from).collect(),
            allowances: allowances.into_iter().map(Allowance::from).collect(),
            estimate: Estimate { requests, by_endpoint, seconds },
            digest: written,
            provenance: Provenance { commit, content, fingerprint },
        };
        if SummaryV1::of(&plan) != summary {
            return Err(PlanError::Contradiction("its summary does not count its changes".to_owned()));
        }
        let mut before = HashSet::new();
        for step in &plan.steps {
            if let Some(need) = step.needs.iter().find(|need| !before.contains(need.as_str())) {
                return Err(PlanError::Contradiction(format!(
                    "step `{}` needs `{need}`, which does not come before it",
                    step.id
                )));
            }
            if !before.insert(step.id.as_str()) {
                return Err(PlanError::Contradiction(format!("step `{}` comes twice", step.id)));
            }
        }
        let found = digest(&plan);
        if found == plan.digest { Ok(plan) } else { Err(PlanError::Digest { written: plan.digest, found }) }
    }
}

impl From<ChangeV1> for Change {
    fn from(change: ChangeV1) -> Self {
        let ChangeV1 { address, action, reason, source, fields } = change;
        let fields = fields.into_iter().map(FieldChange::from).collect();
        Self { address, action: action.into(), reason, source: source.map(Place::from), fields }
    }
}

impl From<FieldV1> for FieldChange {
    fn from(field: FieldV1) -> Self {
        let FieldV1 { path, before, after, class: _, source } = field;
        Self { path, before, after, source: source.map(Place::from) }
    }
}

impl TryFrom<StepV1> for Step {
    type Error = PlanError;

    fn try_from(step: StepV1) -> Result<Self, PlanError> {
        let StepV1 { id, address, action, needs, precondition, write, base, base_version, bare, places } = step;
        Ok(Self {
            id,
            address,
            action: action.into(),
            needs,
            precondition: precondition.into(),
            write: write.try_into()?,
            base,
            base_version,
            bare,
            places: places.into_iter().map(|(path, place)| (path, place.into())).collect(),
        })
    }
}

impl From<AllowanceV1> for Allowance {
    fn from(allowance: AllowanceV1) -> Self {
        let AllowanceV1 { policy, reason } = allowance;
        Self { policy, reason }
    }
}

impl From<LiveV1> for Live {
    fn from(live: LiveV1) -> Self {
        let LiveV1 { address, id, needs_pause, stands_still, figures } = live;
        let figures = figures.map(|FiguresV1 { status, calls, utilization }| Figures {
            status: status.map(CampaignStatus::from),
            calls,
            utilization,
        });
        Self { address, id, needs_pause, stands_still, figures }
    }
}

impl From<WarningV1> for Warning {
    fn from(warning: WarningV1) -> Self {
        let WarningV1 { rule, address, message, source } = warning;
        Self { rule, address, message, source: source.map(Place::from) }
    }
}

impl From<PlaceV1> for Place {
    fn from(place: PlaceV1) -> Self {
        let PlaceV1 { file, line, column } = place;
        Self { file, line, column }
    }
}

impl From<ActionV1> for Action {
    fn from(action: ActionV1) -> Self {
        match action {
            ActionV1::Create => Self::Create,
            ActionV1::Update => Self::Update,
            ActionV1::Retire => Self::Retire,
            ActionV1::Assign => Self::Assign,
            ActionV1::Unassign => Self::Unassign,
            ActionV1::Transition => Self::Transition,
        }
    }
}
