//! Desktops: which outcomes a campaign shows, in which order, and which one it selects.
//!
//! Outcomes are put on first, then reordered and selected, then taken off, so that a desktop is never empty on the way;
//! the old selection is cleared before the new one is set, since the tenant takes one at most.

use std::collections::{BTreeMap, HashMap, HashSet};

use cxform_model::{Address, Desktop, ObservedAssignment, Precondition, RemoteId, Source, Target, Write};
use serde_json::Value;

use crate::base::base_of_assignment;
use crate::draft::{Draft, DraftStep, Stage};
use crate::inputs::Inputs;
use crate::reach::Reached;
use crate::refusal::{Problem, code};
use crate::sequence::{Seat, number};
use crate::{Action, Change, FieldChange, Options, Place};

/// Plans one joined desktop. `retired` are the outcomes that are to be inactive.
pub(crate) fn plan(
    inputs: &Inputs<'_>,
    options: &Options,
    campaign: &Address,
    reached: &Reached<'_>,
    desktop: &Desktop,
    retired: &HashMap<&RemoteId, Source>,
    draft: &mut Draft,
) {
    let observed: &[ObservedAssignment] = match reached.id() {
        None => &[],
        Some(id) => match inputs.observed.desktops.get(id) {
            Some(assignments) => assignments,
            None => {
                draft.problems.push(
                    Problem::new(code::INTERNAL, format!("the desktop of campaign id `{id}` was not read"))
                        .of(campaign),
                );
                return;
            }
        },
    };
    let mut bench = Bench { inputs, campaign, reached, seats: Vec::new(), clears: Vec::new() };
    if bench.seat(desktop, observed, retired, draft) {
        if !options.allow_empty
            && let Some(problem) = bench.emptied(desktop)
        {
            draft.problems.push(problem);
        }
        bench.select(desktop, draft);
        bench.write(draft);
    }
}

/// One outcome on the desktop, as it is and as it will be.
struct Spot<'a> {
    address: Address,
    outcome: Target,
    before: Option<&'a ObservedAssignment>,
    /// The number afterwards; none for what is taken off or is not numbered by us.
    sequence: Option<u64>,
    default: bool,
    listed: bool,
    /// Why it is taken off.
    off: Option<(String, Option<Source>)>,
    source: Option<Source>,
    why: Vec<String>,
}

struct Bench<'i, 'a> {
    inputs: &'i Inputs<'a>,
    campaign: &'i Address,
    reached: &'i Reached<'a>,
    /// Listed outcomes in their order, then all others.
    seats: Vec<Spot<'i>>,
    clears: Vec<usize>,
}

impl<'i> Bench<'i, '_> {
    /// Finds out who sits where, afterwards. False where an outcome leads nowhere.
    fn seat(
        &mut self,
        desktop: &Desktop,
        observed: &'i [ObservedAssignment],
        retired: &HashMap<&RemoteId, Source>,
        draft: &mut Draft,
    ) -> bool {
        let mut standing: BTreeMap<&RemoteId, &ObservedAssignment> = BTreeMap::new();
        for assignment in observed {
            standing.entry(&assignment.outcome).or_insert(assignment);
        }
        let mut complete = true;
        for listed in &desktop.outcomes {
            let Some(outcome) = self.inputs.target(&listed.value) else {
                draft.problems.push(
                    Problem::new(
                        code::DESKTOP,
                        format!("`{}` is neither on the tenant nor created by this plan", listed.value),
                    )
                    .of(self.campaign)
                    .at(listed.source),
                );
                complete = false;
                continue;
            };
            let before = match &outcome {
                Target::Existing(id) => standing.remove(id),
                Target::Created(_) => None,
            };
            self.seats.push(Spot {
                address: Address::assignment(self.campaign.key(), listed.value.key()),
                outcome,
                before,
                sequence: None,
                default: before.is_some_and(|before| before.default),
                listed: true,
                off: None,
                source: Some(listed.source),
                why: Vec::new(),
            });
        }
        let unassigned: HashMap<RemoteId, Source> = desktop
            .unassigned
            .iter()
            .filter_map(|off| match self.inputs.target(&off.value)? {
                Target::Existing(id) => Some((id, off.source)),
                Target::Created(_) => None,
            })
            .collect();
        for (id, before) in standing {
            let off = if let Some(source) = unassigned.get(id) {
                Some(("listed under `unassigned`".to_owned(), Some(*source)))
            } else if let Some(source) = retired.get(id) {
                Some(("the outcome is retired".to_owned(), Some(*source)))
            } else {
                desktop
                    .exclusive
                    .map(|source| ("the desktop is exclusive and does not list it".to_owned(), Some(source)))
            };
            self.seats.push(Spot {
                address: Address::assignment(self.campaign.key(), self.code(id)),
                outcome: Target::Existing(id.clone()),
                before: Some(before),
                sequence: before.sequence,
                default: before.default,
                listed: false,
                source: off.as_ref().and_then(|(_, source)| *source),
                off,
                why: Vec::new(),
            });
        }
        self.number(desktop.exclusive.is_some());
        complete
    }

    /// A desktop that shows nothing leaves agents without any outcome to choose. Told of one that is taken off: without
    /// that, the desktop is not empty.
    fn emptied(&self, desktop: &Desktop) -> Option<Problem> {
        if self.seats.iter().any(|spot| spot.off.is_none()) {
            return None;
        }
        let cleared = desktop.exclusive.filter(|_| desktop.outcomes.is_empty());
        let first = self.seats.first();
        let source = cleared.or(first.and_then(|spot| spot.source))?;
        Some(
            Problem::new(code::GUARD, format!("the desktop of `{}` would show no outcome at all", self.campaign))
                .of(first.map_or(self.campaign, |spot| &spot.address))
                .at(source)
                .hint("list what it is to show under `outcomes`")
                .unless("--allow-empty"),
        )
    }

    fn code(&self, id: &RemoteId) -> String {
        let known =
            self.inputs.index.id(cxform_model::Kind::Outcome, id).and_then(|outcome| self.inputs.address_of(outcome));
        known.map_or_else(|| id.0.clone(), |address| address.key().to_owned())
    }

    fn number(&mut self, exclusive: bool) {
        let (listed, others): (Vec<_>, Vec<_>) = self.seats.iter().partition(|spot| spot.listed);
        let numbers: Vec<u64> = if exclusive {
            (1..).take(listed.len()).collect()
        } else {
            let seats: Vec<_> = listed
                .iter()
                .map(|spot| spot.before.map_or(Seat::New, |before| Seat::Standing(before.sequence)))
                .collect();
            let foreign: Vec<_> = others.iter().filter_map(|spot| spot.sequence).collect();
            number(&seats, &foreign)
        };
        for (spot, number) in self.seats.iter_mut().zip(numbers) {
            if spot.before.is_some_and(|before| before.sequence != Some(number)) {
                spot.why.push("out of the listed order".to_owned());
            }
            spot.sequence = Some(number);
        }
    }

    /// Who is selected afterwards.
    fn select(&mut self, desktop: &Desktop, draft: &mut Draft) {
        let Some(wanted) = &desktop.default else { return };
        let chosen = match &wanted.value {
            None => None,
            Some(outcome) => {
                let target = self.inputs.target(outcome);
                let at =
                    self.seats.iter().position(|spot| spot.off.is_none() && Some(&spot.outcome) == target.as_ref());
                if at.is_none() {
                    draft.problems.push(
                        Problem::new(
                            code::DESKTOP,
                            format!("`{outcome}` is to be selected, but is not on this desktop"),
                        )
                        .of(self.campaign)
                        .at(wanted.source)
                        .hint("list it under `outcomes`"),
                    );
                    return;
                }
                at
            }
        };
        let chosen_now = chosen.is_some_and(|at| self.seats[at].before.is_some_and(|before| before.default));
        for (at, spot) in self.seats.iter_mut().enumerate() {
            let selected = Some(at) == chosen;
            let was = spot.before.is_some_and(|before| before.default);
            // What is taken off anyway is only cleared first where another one is to be selected.
            if spot.off.is_some() && (chosen.is_none() || chosen_now) {
                continue;
            }
            spot.default = selected;
            if was == selected {
                continue;
            }
            spot.source = spot.source.or(Some(wanted.source));
            if spot.before.is_some() && spot.off.is_none() {
                spot.why.push(match (&wanted.value, selected) {
                    (_, true) => "selected by default".to_owned(),
                    (Some(outcome), false) => format!("makes way for the default `{outcome}`"),
                    (None, false) => "nothing is to be selected by default".to_owned(),
                });
            }
        }
    }

    fn write(&mut self, draft: &mut Draft) {
        let spots = std::mem::take(&mut self.seats);
        let ours = |spot: &&Spot<'_>| spot.before.is_some() && (spot.listed || spot.off.is_some());
        draft.seated += spots.iter().filter(ours).count();
        let mut setter = None;
        let mut entered = Vec::new();
        let mut left: Vec<usize> = Vec::new();
        let mut known: HashSet<Address> = HashSet::new();
        for spot in &spots {
            if !known.insert(spot.address.clone()) {
                draft.problems.push(
                    Problem::new(code::AMBIGUOUS, "two outcomes on this desktop share one code").of(&spot.address),
                );
                continue;
            }
            let selects = spot.default && !spot.before.is_some_and(|before| before.default);
            let step = match (spot.before, &spot.off) {
                (None, _) => {
                    let step = self.assign(spot, draft);
                    entered.push(step);
                    Some(step)
                }
                (Some(before), None) => self.reassign(spot, before, draft),
                (Some(before), Some((why, _))) => {
                    left.push(self.unassign(spot, before, why, draft));
                    None
                }
            };
            if selects {
                setter = step;
            }
            if step.is_none() && spot.listed && spot.off.is_none() {
                draft.unchanged.push(spot.address.clone());
            }
        }
        if let Some(setter) = setter {
            // A default is cleared once nothing but the tenant can keep the new one from being set.
            let needs = draft.steps[setter].needs.clone();
            for &clear in &self.clears {
                draft.wait(clear, needs.iter().copied());
            }
            draft.wait(setter, self.clears.iter().copied());
        }
        let was_bare = spots.iter().all(|spot| spot.before.is_none());
        let ends_bare = spots.iter().all(|spot| spot.off.is_some());
        for &step in &entered {
            draft.steps[step].bare = was_bare;
        }
        for step in left {
            draft.steps[step].bare = ends_bare;
            draft.wait(step, entered.iter().copied());
        }
    }

    fn step(
        &self,
        spot: &Spot<'_>,
        name: &'static str,
        stage: Stage,
        precondition: Precondition,
        write: Write,
    ) -> DraftStep {
        let action = match stage {
            Stage::Assign => Action::Assign,
            Stage::Unassign => Action::Unassign,
            _ => Action::Update,
        };
        let mut step = DraftStep::new(&spot.address, name, action, stage, precondition, write);
        if let Some(place) = self.place(spot) {
            step.places.insert(String::new(), place);
        }
        step
    }

    fn place(&self, spot: &Spot<'_>) -> Option<Place> {
        spot.source.map(|source| self.inputs.place(source))
    }

    fn change(&self, spot: &Spot<'_>, action: Action, reason: String, fields: [(&str, Value, Value); 2]) -> Change {
        let place = self.place(spot);
        let fields = fields
            .into_iter()
            .filter(|(_, before, after)| before != after)
            .map(|(path, before, after)| FieldChange { path: path.to_owned(), before, after, source: place.clone() })
            .collect();
        Change { address: spot.address.clone(), action, reason, source: place, fields }
    }

    fn assign(&self, spot: &Spot<'_>, draft: &mut Draft) -> usize {
        let sequence = spot.sequence.unwrap_or(1);
        let write = Write::Assign {
            campaign: self.reached.target.clone(),
            outcome: spot.outcome.clone(),
            sequence,
            default: spot.default,
        };
        let mut step = self.step(spot, "assign", Stage::Assign, Precondition::Absent, write);
        if let Some(place) = self.place(spot) {
            step.places.extend(["sequence", "defaultSelection"].map(|path| (path.to_owned(), place.clone())));
        }
        let step = draft.push(step);
        // Agents see an outcome once it is all that it should be.
        let outcome = spot.address.assignment_outcome().and_then(|outcome| draft.milestones(&outcome).ready);
        let campaign = draft.creation(&self.reached.target);
        draft.wait(step, outcome.into_iter().chain(campaign));
        draft.changes.push(self.change(
            spot,
            Action::Assign,
            "not on the desktop".to_owned(),
            [("sequence", Value::Null, sequence.into()), ("defaultSelection", Value::Null, spot.default.into())],
        ));
        step
    }

    fn reassign(&mut self, spot: &Spot<'_>, before: &ObservedAssignment, draft: &mut Draft) -> Option<usize> {
        let sequence = spot.sequence.filter(|sequence| before.sequence != Some(*sequence));
        let default = Some(spot.default).filter(|default| *default != before.default);
        if sequence.is_none() && default.is_none() {
            return None;
        }
        draft.changes.push(self.change(
            spot,
            Action::Update,
            spot.why.join("; "),
            [
                ("sequence", before.sequence.into(), spot.sequence.into()),
                ("defaultSelection", before.default.into(), spot.default.into()),
            ],
        ));
        Some(self.push_reassign(spot, before, Action::Update, sequence, default, draft))
    }

    fn push_reassign(
        &mut self,
        spot: &Spot<'_>,
        before: &ObservedAssignment,
        action: Action,
        sequence: Option<u64>,
        default: Option<bool>,
        draft: &mut Draft,
    ) -> usize {
        let write =
            Write::Reassign { campaign: self.reached.target.clone(), outcome: spot.outcome.clone(), sequence, default };
        let mut step =
            self.step(spot, "reassign", Stage::Reassign, Precondition::Content(before.content_hash()), write);
        step.action = action;
        step.base = base_of_assignment(before);
        if let Some(place) = step.places.get("").cloned() {
            let written = [("sequence", sequence.is_some()), ("defaultSelection", default.is_some())];
            let written = written.into_iter().filter(|(_, is_written)| *is_written);
            step.places.extend(written.map(|(path, _)| (path.to_owned(), place.clone())));
        }
        let step = draft.push(step);
        if default == Some(false) {
            self.clears.push(step);
        }
        step
    }

    fn unassign(&mut self, spot: &Spot<'_>, before: &ObservedAssignment, why: &str, draft: &mut Draft) -> usize {
        let cleared = (before.default && !spot.default)
            .then(|| self.push_reassign(spot, before, Action::Unassign, None, Some(false), draft));
        let precondition = match cleared {
            Some(_) => Precondition::Follows,
            None => Precondition::Content(before.content_hash()),
        };
        let write = Write::Unassign { campaign: self.reached.target.clone(), outcome: spot.outcome.clone() };
        let mut step = self.step(spot, "unassign", Stage::Unassign, precondition, write);
        step.base = base_of_assignment(before);
        let step = draft.push(step);
        draft.wait(step, cleared);
        if let Target::Existing(id) = &spot.outcome {
            draft.unassigns.entry(id.clone()).or_default().push(step);
        }
        draft.changes.push(self.change(
            spot,
            Action::Unassign,
            why.to_owned(),
            [
                ("sequence", before.sequence.into(), Value::Null),
                ("defaultSelection", before.default.into(), Value::Null),
            ],
        ));
        step
    }
}
