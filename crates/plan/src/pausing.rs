//! `applyPolicy: pause`: a campaign that dials stands still while fields change that need it, and dials again afterwards.
//!
//! Three steps in a row, each pinned to the version that the one before it got. So whoever pauses or stops the campaign
//! meanwhile has the last word, and where the update fails the campaign stays paused.

use cxform_model::{CampaignStatus, ObservedObject, Precondition, Source, Target, Write};

use crate::activity::is_dialling;
use crate::draft::{DraftStep, Stage};
use crate::inputs::Inputs;
use crate::{Action, Change, FieldChange};

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
    let transition = |name, to, depth| {
        let write = Write::Transition { target: target.clone(), to };
        let precondition = Precondition::Follows;
        let mut step = DraftStep::new(&update.address, name, Action::Transition, Stage::Campaigns, precondition, write);
        step.places.insert(String::new(), inputs.place(policy));
        // The three go together: what is under way comes to its end before the next campaign is paused.
        step.direction = update.direction;
        step.depth = depth;
        step
    };
    let pause = transition("pause", CampaignStatus::Paused, 2);
    let resume = transition("resume", CampaignStatus::Active, 0);
    let place = Some(inputs.place(policy));
    let turn = |from: CampaignStatus, to: CampaignStatus| FieldChange {
        path: STATUS.to_owned(),
        before: from.word().into(),
        after: to.word().into(),
        source: place.clone(),
    };
    let change = Change {
        address: update.address.clone(),
        action: Action::Transition,
        reason: format!("it stands still while {} changes, and dials again afterwards", needing.join(", ")),
        source: place.clone(),
        fields: vec![
            turn(CampaignStatus::Active, CampaignStatus::Paused),
            turn(CampaignStatus::Paused, CampaignStatus::Active),
        ],
    };
    update.depth = 1;
    Some((pause, resume, change))
}

const STATUS: &str = "status";
