//! What each kind of write takes: its precondition, its request, and the proof that it was applied.

mod campaign;
mod create;
mod desktop;
mod object;

use cxform_model::{Document, Version, Write};

use crate::execution::{Execution, Halt};

/// Carries out one step, and tells the version that it left, where the object has one.
pub(crate) async fn execute(step: &Execution<'_>) -> Result<Option<Version>, Halt> {
    match &step.planned.write {
        Write::Create { kind, parent, fields } => create::create(step, *kind, parent.as_ref(), fields).await,
        Write::Update { document: Document::Campaign, target, parent: _, fields } => {
            campaign::patch(step, target, campaign::Change::Settings(fields)).await
        }
        Write::Update { document, target, parent, fields } => {
            object::update(step, *document, target, parent.as_ref(), fields).await
        }
        Write::Transition { target, to } => campaign::patch(step, target, campaign::Change::Status(*to)).await,
        Write::Assign { campaign, outcome, sequence, default } => {
            let change = desktop::Change::Assign { sequence: *sequence, default: *default };
            desktop::place(step, campaign, outcome, change).await
        }
        Write::Reassign { campaign, outcome, sequence, default } => {
            let change = desktop::Change::Reassign { sequence: *sequence, default: *default };
            desktop::place(step, campaign, outcome, change).await
        }
        Write::Unassign { campaign, outcome } => {
            desktop::place(step, campaign, outcome, desktop::Change::Unassign).await
        }
    }
}
