//! Outcomes on desktops. A desktop is read once just before the run's first write to it, and kept current with our own
//! writes; its assignments are written independently of each other.

use std::collections::{HashMap, HashSet};

use cxform_model::{Kind, ObservedAssignment, Precondition, RemoteId, Target, Version};
use cxform_tenant::{Prepared, TenantError, Writer};
use serde_json::Value;

use crate::conflict::{Paths, three_ways};
use crate::deliver::{After, Delivery, Sight, deliver};
use crate::execution::{Execution, Halt, Letter};
use crate::ledger::DesktopKnown;
use crate::verify::{accepted_but_not_applied, not_as_asked, paths_of_assignment};
use crate::{Conflict, ConflictReason, Failure, FailureCause, Written};

/// What happens to one assignment.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Assign { sequence: u64, default: bool },
    Reassign { sequence: Option<u64>, default: Option<bool> },
    Unassign,
}

struct Placing {
    campaign: RemoteId,
    outcome: RemoteId,
    change: Change,
    before: Option<ObservedAssignment>,
    asked: Paths,
    key: String,
}

type Assignments = HashMap<RemoteId, ObservedAssignment>;

pub(super) async fn place(
    step: &Execution<'_>,
    campaign: &Target,
    outcome: &Target,
    change: Change,
) -> Result<Option<Version>, Halt> {
    let (campaign, outcome) = (step.resolve(campaign)?, step.resolve(outcome)?);
    let asked = match change {
        Change::Assign { sequence, default } => paths(Some(sequence), Some(default)),
        Change::Reassign { sequence, default } => paths(sequence, default),
        Change::Unassign => Paths::new(),
    };
    let key = step.shared.run.idempotency_key(&step.planned.id);
    let mut placing = Placing { campaign, outcome, change, before: None, asked, key };
    step.flight.tell(|told| told.object = Some(placing.outcome.clone()));
    placing.before = placing.checked(step).await?;
    step.flight.tell(|told| told.before = Some(paths_of_assignment(placing.before.as_ref())));
    let after = deliver(step, &mut placing).await;
    if after.is_err() && step.flight.written() == Written::No {
        step.shared.ledger.desktop(&placing.campaign).lock().await.leaving.remove(&placing.outcome);
    }
    let after = after?;
    let found = match after.assignment {
        _ if matches!(change, Change::Unassign) => None,
        Some(told) if told.outcome == placing.outcome && placing.is_as_asked(Some(&told)) => Some(told),
        _ => placing.read(step).await?,
    };
    placing.note(step, found.clone()).await;
    step.flight.tell(|told| told.after = Some(paths_of_assignment(found.as_ref())));
    if placing.is_as_asked(found.as_ref()) {
        return Ok(None);
    }
    let found = paths_of_assignment(found.as_ref());
    let differing = not_as_asked(Kind::Assignment, &placing.asked, &found);
    Err(accepted_but_not_applied(step.planned, &placing.asked, &found, &differing).into())
}

/// The assignment that a base shows; nothing where it shows none.
fn assignment_of(outcome: &RemoteId, base: &Paths) -> Option<ObservedAssignment> {
    let default = base.get("defaultSelection")?.as_bool().unwrap_or_default();
    let sequence = base.get("sequence").and_then(Value::as_u64);
    Some(ObservedAssignment { outcome: outcome.clone(), sequence, default })
}

fn paths(sequence: Option<u64>, default: Option<bool>) -> Paths {
    let sequence = sequence.map(|sequence| ("sequence".to_owned(), sequence.into()));
    let default = default.map(|default| ("defaultSelection".to_owned(), default.into()));
    sequence.into_iter().chain(default).collect()
}

/// Reads the desktop unless this run already has.
async fn ensure_read<'a>(
    step: &Execution<'_>,
    campaign: &RemoteId,
    known: &'a mut DesktopKnown,
) -> Result<&'a mut Assignments, Halt> {
    if known.assignments.is_none() {
        known.assignments = Some(read(step, campaign).await?);
    }
    Ok(known.assignments.get_or_insert_default())
}

async fn read(step: &Execution<'_>, campaign: &RemoteId) -> Result<Assignments, Halt> {
    let assignments = step.read(step.shared.reader.desktop(campaign)).await?;
    let assignments =
        assignments.ok_or_else(|| Failure::new(FailureCause::Gone, "the campaign has gone since the plan was made"))?;
    Ok(assignments.into_iter().map(|assignment| (assignment.outcome.clone(), assignment)).collect())
}

impl Placing {
    /// The assignment as it stands, once the precondition is found to hold.
    async fn checked(&self, step: &Execution<'_>) -> Result<Option<ObservedAssignment>, Halt> {
        let known = step.shared.ledger.desktop(&self.campaign);
        let mut known = known.lock().await;
        let left = known.left.remove(&self.outcome);
        if step.flight.is_in_doubt() {
            // The look, which comes first, tells what may be sent again.
            known.touched = true;
            self.leave(&mut known);
            return Ok(left.unwrap_or_else(|| assignment_of(&self.outcome, &step.planned.base)));
        }
        let ours = known.settled.contains(&self.outcome);
        let current = ensure_read(step, &self.campaign, &mut known).await?.get(&self.outcome).cloned();
        let holds = ours
            || match (&step.planned.precondition, &current) {
                (_, current) if left.is_some() => left.as_ref() == Some(current),
                (Precondition::Absent, current) => current.is_none(),
                (Precondition::Content(planned), Some(current)) => current.content_hash() == *planned,
                (Precondition::Content(_), None) => false,
                (Precondition::Follows | Precondition::Version(_), _) => {
                    return Err(step.malformed("it follows no earlier step on this assignment"));
                }
            };
        if holds {
            if let Some(assignments) = &known.assignments
                && self.empties(step, assignments, &known.leaving)
            {
                return Err(self.conflict_for(step, ConflictReason::LastOne, current.as_ref()));
            }
            known.touched = true;
            self.leave(&mut known);
            return Ok(current);
        }
        // Everything else about the assignment must be as the reviewer saw it, not just what the step writes.
        let mut wanted = step.planned.base.clone();
        wanted.extend(self.asked.clone());
        let found = paths_of_assignment(current.as_ref());
        let present = !matches!(self.change, Change::Unassign);
        if current.is_some() == present && not_as_asked(Kind::Assignment, &wanted, &found).is_empty()
            || current.is_none() && !present
        {
            known.settled.insert(self.outcome.clone());
            return Err(Halt::Unchanged);
        }
        Err(self.conflict(step, current.as_ref()))
    }

    /// Notes that the outcome is about to go, for whoever wants to take another one off meanwhile.
    fn leave(&self, known: &mut DesktopKnown) {
        if matches!(self.change, Change::Unassign) {
            known.leaving.insert(self.outcome.clone());
        }
    }

    /// Whether the write takes the last outcome off a desktop that the plan does not mean to be empty: agents would have
    /// nothing to choose. What other steps are taking off right now counts as gone.
    fn empties(&self, step: &Execution<'_>, assignments: &Assignments, leaving: &HashSet<RemoteId>) -> bool {
        let stays = |outcome: &RemoteId| *outcome != self.outcome && !leaving.contains(outcome);
        matches!(self.change, Change::Unassign)
            && !step.planned.bare
            && assignments.contains_key(&self.outcome)
            && !assignments.keys().any(stays)
    }

    fn conflict(&self, step: &Execution<'_>, current: Option<&ObservedAssignment>) -> Halt {
        let reason = match (&step.planned.precondition, current) {
            (Precondition::Absent, Some(_)) => ConflictReason::Appeared,
            (Precondition::Content(_), None) => ConflictReason::Gone,
            _ => ConflictReason::Changed,
        };
        self.conflict_for(step, reason, current)
    }

    fn conflict_for(&self, step: &Execution<'_>, reason: ConflictReason, current: Option<&ObservedAssignment>) -> Halt {
        let theirs = paths_of_assignment(current);
        Halt::from(Conflict {
            address: step.planned.address.clone(),
            reason,
            fields: three_ways(Kind::Assignment, &step.planned.base, &self.asked, &theirs),
            version: None,
            findings: Vec::new(),
        })
    }

    fn is_as_asked(&self, found: Option<&ObservedAssignment>) -> bool {
        match self.change {
            Change::Unassign => found.is_none(),
            Change::Assign { .. } | Change::Reassign { .. } => {
                found.is_some() && not_as_asked(Kind::Assignment, &self.asked, &paths_of_assignment(found)).is_empty()
            }
        }
    }

    /// The assignment as it reads now.
    async fn read(&self, step: &Execution<'_>) -> Result<Option<ObservedAssignment>, Halt> {
        Ok(read(step, &self.campaign).await?.remove(&self.outcome))
    }

    /// Keeps what is known about the desktop current.
    async fn note(&self, step: &Execution<'_>, found: Option<ObservedAssignment>) {
        let known = step.shared.ledger.desktop(&self.campaign);
        let mut known = known.lock().await;
        known.settled.insert(self.outcome.clone());
        known.leaving.remove(&self.outcome);
        let Some(assignments) = &mut known.assignments else { return };
        match found {
            Some(found) => assignments.insert(self.outcome.clone(), found),
            None => assignments.remove(&self.outcome),
        };
    }
}

impl Delivery for Placing {
    fn letter(&self) -> Letter {
        Letter {
            id: Some(self.outcome.clone()),
            before: paths_of_assignment(self.before.as_ref()),
            after: self.asked.clone(),
            idempotency_key: matches!(self.change, Change::Assign { .. }).then(|| self.key.clone()),
            ..Letter::default()
        }
    }

    fn request(&self, writer: &Writer) -> Prepared {
        let Self { campaign, outcome, .. } = self;
        match self.change {
            Change::Assign { sequence, default } => writer.assign(campaign, outcome, sequence, default, &self.key),
            Change::Reassign { sequence, default } => writer.reassign(campaign, outcome, sequence, default),
            Change::Unassign => writer.unassign(campaign, outcome),
        }
    }

    async fn look(&mut self, step: &Execution<'_>, error: &TenantError, lost: bool) -> Result<Sight, Halt> {
        let desktop = match read(step, &self.campaign).await {
            Ok(desktop) => desktop,
            // The campaign itself may be what is gone; then the refusal says it best.
            Err(_) if !lost => return Ok(Sight::Refused),
            Err(halt) => return Err(halt),
        };
        let found = desktop.get(&self.outcome).cloned();
        if self.is_as_asked(found.as_ref()) {
            if lost {
                return Ok(Sight::applied(After { assignment: found, ..After::default() }));
            }
            self.note(step, found).await;
            return Err(Halt::Unchanged);
        }
        if found != self.before {
            return Err(self.conflict(step, found.as_ref()));
        }
        let known = step.shared.ledger.desktop(&self.campaign);
        if lost && self.empties(step, &desktop, &known.lock().await.leaving) {
            return Err(self.conflict_for(step, ConflictReason::LastOne, found.as_ref()));
        }
        Ok(if error.may_have_been_applied() { Sight::Before } else { Sight::Refused })
    }
}
