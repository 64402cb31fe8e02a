//! From a plan to format 1.

use super::{
    ActionV1, AllowanceV1, ChangeV1, ClassV1, EstimateV1, FORMAT_VERSION, FieldV1, FiguresV1, LiveV1, PlaceV1, PlanV1,
    StatusV1, StepV1, SummaryV1, WarningV1,
};
use crate::{
    Action, Allowance, Change, Class, Estimate, FieldChange, Figures, Live, Place, Plan, Provenance, Step, Warning,
};

impl From<&Plan> for PlanV1 {
    fn from(plan: &Plan) -> Self {
        let Plan {
            id,
            project,
            environment,
            tenant,
            changes,
            steps,
            live,
            allowances,
            unchanged: _,
            warnings,
            estimate,
            digest,
            provenance,
        } = plan;
        let Provenance { commit, content, fingerprint } = provenance;
        let Estimate { requests, by_endpoint, seconds } = estimate;
        Self {
            format_version: FORMAT_VERSION,
            id: id.clone(),
            project: project.clone(),
            environment: environment.clone(),
            tenant: tenant.clone(),
            digest: digest.clone(),
            commit: commit.clone(),
            content: content.clone(),
            fingerprint: fingerprint.clone(),
            summary: SummaryV1::of(plan),
            estimate: EstimateV1 { requests: *requests, seconds: *seconds, by_endpoint: by_endpoint.clone() },
            changes: changes.iter().map(ChangeV1::from).collect(),
            steps: steps.iter().map(StepV1::from).collect(),
            warnings: warnings.iter().map(WarningV1::from).collect(),
            live: live.iter().map(LiveV1::from).collect(),
            allowances: allowances.iter().map(AllowanceV1::from).collect(),
        }
    }
}

impl SummaryV1 {
    /// Counts the changes of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let count = |action| plan.changes.iter().filter(|change| change.action == action).count();
        Self {
            create: count(Action::Create),
            update: count(Action::Update),
            retire: count(Action::Retire),
            assign: count(Action::Assign),
            unassign: count(Action::Unassign),
            transition: count(Action::Transition),
            unchanged: plan.unchanged,
        }
    }
}

impl From<&Change> for ChangeV1 {
    fn from(change: &Change) -> Self {
        let Change { address, action, reason, source, fields } = change;
        Self {
            address: address.clone(),
            action: (*action).into(),
            reason: reason.clone(),
            source: source.as_ref().map(PlaceV1::from),
            fields: fields.iter().map(|field| FieldV1::of(change, field)).collect(),
        }
    }
}

impl FieldV1 {
    fn of(change: &Change, field: &FieldChange) -> Self {
        let FieldChange { path, before, after, source } = field;
        Self {
            path: path.clone(),
            before: before.clone(),
            after: after.clone(),
            class: change.class(field).map(ClassV1::from),
            source: source.as_ref().map(PlaceV1::from),
        }
    }
}

impl From<Class> for ClassV1 {
    fn from(class: Class) -> Self {
        match class {
            Class::Tightening => Self::Tightening,
            Class::Neutral => Self::Neutral,
            Class::Loosening => Self::Loosening,
        }
    }
}

impl From<&Step> for StepV1 {
    fn from(step: &Step) -> Self {
        let Step { id, address, action, needs, precondition, write, base, base_version, bare, places } = step;
        Self {
            id: id.clone(),
            address: address.clone(),
            action: (*action).into(),
            needs: needs.clone(),
            precondition: precondition.into(),
            write: write.into(),
            base: base.clone(),
            base_version: *base_version,
            bare: *bare,
            places: places.iter().map(|(path, place)| (path.clone(), place.into())).collect(),
        }
    }
}

impl From<&Allowance> for AllowanceV1 {
    fn from(allowance: &Allowance) -> Self {
        let Allowance { policy, reason } = allowance.clone();
        Self { policy, reason }
    }
}

impl From<&Live> for LiveV1 {
    fn from(live: &Live) -> Self {
        let Live { address, id, needs_pause, stands_still, figures } = live;
        Self {
            address: address.clone(),
            id: id.clone(),
            needs_pause: needs_pause.clone(),
            stands_still: *stands_still,
            figures: figures.as_ref().map(|Figures { status, calls, utilization }| FiguresV1 {
                status: status.map(StatusV1::from),
                calls: *calls,
                utilization: *utilization,
            }),
        }
    }
}

impl From<&Warning> for WarningV1 {
    fn from(warning: &Warning) -> Self {
        let Warning { rule, address, message, source } = warning;
        Self {
            rule: rule.clone(),
            address: address.clone(),
            message: message.clone(),
            source: source.as_ref().map(PlaceV1::from),
        }
    }
}

impl From<&Place> for PlaceV1 {
    fn from(place: &Place) -> Self {
        let Place { file, line, column } = place;
        Self { file: file.clone(), line: *line, column: *column }
    }
}

impl From<Action> for ActionV1 {
    fn from(action: Action) -> Self {
        match action {
            Action::Create => Self::Create,
            Action::Update => Self::Update,
            Action::Retire => Self::Retire,
            Action::Assign => Self::Assign,
            Action::Unassign => Self::Unassign,
            Action::Transition => Self::Transition,
        }
    }
}
