//! What a resumed run knows from its journal: the ids that it created, and how it left what it wrote.
//!
//! The journal keeps no fields, and need not: how an object was left follows from how the plan saw it and what the
//! applied steps wrote. It was a while ago, so what has no version is looked at once more before its next write.

use cxform_model::{Kind, NewParent, ObservedAssignment, RemoteId, Target, Write};
use cxform_plan::{Plan, Step};
use serde_json::Value;

use crate::conflict::{PARENT, Paths, STATUS};
use crate::ledger::{Ledger, Picture};
use crate::{Past, PastResult, PastStep};

/// The ledger of a run that goes on.
pub(crate) fn ledger(plan: &Plan, past: &Past) -> Ledger {
    let mut ledger = Ledger::default();
    for step in &plan.steps {
        if let Some((result, past)) = past.settled(step) {
            seed(&mut ledger, step, result, past);
        }
    }
    ledger
}

/// The ledger of a run that takes back what it did: of that it knows only whose desktops it wrote.
pub(crate) fn for_rollback(plan: &Plan, past: &Past, wrote: impl IntoIterator<Item = RemoteId>) -> Ledger {
    let mut ledger = ledger(plan, past);
    for campaign in wrote {
        ledger.with_desktop(&campaign, |known| known.touched = true);
    }
    ledger
}

fn seed(ledger: &mut Ledger, step: &Step, result: PastResult, past: &PastStep) {
    match &step.write {
        Write::Create { kind, parent, fields } => {
            let Some(id) = past.object.clone() else { return };
            ledger.created(step.address.clone(), id.clone());
            let mut asked = fields.to_paths();
            if kind.is_tree() {
                asked.insert(PARENT.to_owned(), id_of(ledger, parent.as_ref()));
            }
            ledger.with_object(*kind, &id, |known| {
                known.picture = Some(Picture::created(*kind, asked));
                known.version = past.version;
                known.is_old = true;
            });
        }
        Write::Update { document, target, parent, fields } => {
            let mut asked = fields.to_paths();
            match parent {
                None => {}
                Some(NewParent::Root) => drop(asked.insert(PARENT.to_owned(), Value::Null)),
                Some(NewParent::Below(target)) => {
                    drop(asked.insert(PARENT.to_owned(), id_of(ledger, Some(target))));
                }
            }
            wrote(ledger, step, past, document.kind(), target, &asked);
        }
        Write::Transition { target, to } => {
            let asked = Paths::from([(STATUS.to_owned(), to.word().into())]);
            wrote(ledger, step, past, Kind::Campaign, target, &asked);
        }
        Write::Assign { campaign, outcome, sequence, default } => {
            placed(ledger, result, campaign, outcome, |_| Some((Some(*sequence), *default)));
        }
        Write::Reassign { campaign, outcome, sequence, default } => {
            let planned = (
                step.base.get("sequence").and_then(Value::as_u64),
                step.base.get("defaultSelection").and_then(Value::as_bool).unwrap_or_default(),
            );
            placed(ledger, result, campaign, outcome, |left| {
                let before = left.map_or(planned, |left| (left.sequence, left.default));
                Some((sequence.or(before.0), default.unwrap_or(before.1)))
            });
        }
        Write::Unassign { campaign, outcome } => placed(ledger, result, campaign, outcome, |_| None),
    }
}

fn wrote(ledger: &mut Ledger, step: &Step, past: &PastStep, kind: Kind, target: &Target, asked: &Paths) {
    let Some(id) = resolve(ledger, target) else { return };
    ledger.with_object(kind, &id, |known| {
        let before = known.picture.take().unwrap_or_else(|| Picture::whole(step.base.clone()));
        known.picture = Some(before.with(asked));
        known.version = past.version.or(known.version);
        known.is_old = true;
    });
}

fn placed(
    ledger: &mut Ledger,
    result: PastResult,
    campaign: &Target,
    outcome: &Target,
    left: impl FnOnce(Option<&ObservedAssignment>) -> Option<(Option<u64>, bool)>,
) {
    let (Some(campaign), Some(outcome)) = (resolve(ledger, campaign), resolve(ledger, outcome)) else { return };
    ledger.with_desktop(&campaign, |known| {
        known.touched |= result != PastResult::Unchanged;
        let left = left(known.left.get(&outcome).and_then(Option::as_ref));
        let left = left.map(|(sequence, default)| ObservedAssignment { outcome: outcome.clone(), sequence, default });
        known.left.insert(outcome, left);
    });
}

fn resolve(ledger: &Ledger, target: &Target) -> Option<RemoteId> {
    match target {
        Target::Existing(id) => Some(id.clone()),
        Target::Created(address) => ledger.id_of(address),
    }
}

fn id_of(ledger: &Ledger, target: Option<&Target>) -> Value {
    target.and_then(|target| resolve(ledger, target)).map_or(Value::Null, |id| id.0.into())
}
