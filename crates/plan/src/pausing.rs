//! `applyPolicy: pause`: a campaign that dials stands still while fields change that need it, and dials again afterwards.
//!
//! Three steps in a row, each pinned to the version that the one before it got. So whoever pauses or stops the campaign
//! meanwhile has the last word, and where the update fails the campaign stays paused.

use cxform_model::{Address, CampaignStatus, ObservedObject, Precondition, Source, Target, Write};

use crate::activity::is_dialling;
use crate::draft::{DraftStep, Stage};
use crate::inputs::Inputs;
use crate::{Action, Change, FieldChange, OwnPause};

/// The steps around an update, with the change that tells of them; `None` where the campaign may dial on.
pub(crate) fn around(
    update: &mut DraftStep,
    policy: Option<Source>,
    observed: &ObservedObject,
    target: &Target,
    inputs: &Inputs<'_>,
) -> Option<(DraftStep, DraftStep, Change)> {
    let policy = policy.filter(|_| is_dialling(observed))?;
    let Write::Update { fields, .. } = &update.write else { return None };
    let needing: Vec<_> =
        fields.iter().filter(|(field, _)| field.policy().needs_pause).map(|(field, _)| format!("`{field}`")).collect();
    if needing.is_empty() {
        return None;
    }
    // The three go together: what is under way comes to its end before the next campaign is paused.
    let turn = |name, to, depth| DraftStep {
        direction: update.direction,
        depth,
        ..transition(&update.address, name, to, policy, target, inputs)
    };
    let pause = turn("pause", CampaignStatus::Paused, 2);
    let resume = turn("resume", CampaignStatus::Active, 0);
    let change = Change {
        address: update.address.clone(),
        action: Action::Transition,
        reason: format!("it stands still while {}, and dials again afterwards", changing(&needing)),
        source: Some(inputs.place(policy)),
        fields: vec![
            field(CampaignStatus::Active, CampaignStatus::Paused, policy, inputs),
            field(CampaignStatus::Paused, CampaignStatus::Active, policy, inputs),
        ],
    };
    update.depth = 1;
    Some((pause, resume, change))
}

/// `a` changes; `a`, `b` and `c` change.
fn changing(fields: &[String]) -> String {
    match fields {
        [] | [_] => format!("{} changes", fields.concat()),
        [first @ .., last] => format!("{} and {last} change", first.join(", ")),
    }
}

/// The return to dialling alone, which a run before this one did not come to.
pub(crate) fn owed(
    address: &Address,
    policy: Source,
    pause: &OwnPause,
    target: &Target,
    inputs: &Inputs<'_>,
) -> (DraftStep, Change) {
    let change = Change {
        address: address.clone(),
        action: Action::Transition,
        reason: format!("run {} paused it for an update, and nobody wrote to it since", pause.run),
        source: Some(inputs.place(policy)),
        fields: vec![field(CampaignStatus::Paused, CampaignStatus::Active, policy, inputs)],
    };
    (transition(address, "resume", CampaignStatus::Active, policy, target, inputs), change)
}

fn transition(
    address: &Address,
    name: &'static str,
    to: CampaignStatus,
    policy: Source,
    target: &Target,
    inputs: &Inputs<'_>,
) -> DraftStep {
    let write = Write::Transition { target: target.clone(), to };
    let mut step = DraftStep::new(address, name, Action::Transition, Stage::Campaigns, Precondition::Follows, write);
    step.places.insert(String::new(), inputs.place(policy));
    step
}

fn field(from: CampaignStatus, to: CampaignStatus, policy: Source, inputs: &Inputs<'_>) -> FieldChange {
    let (before, after) = (from.word().into(), to.word().into());
    FieldChange { path: "status".to_owned(), before, after, source: Some(inputs.place(policy)) }
}
