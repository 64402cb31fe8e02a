//! Which step may start next. Knows the graph of needs and nothing of what a step does.
//!
//! Steps become ready as in Kahn's algorithm. Among the ready ones those go first whose quota has the fewest steps under
//! way, then the order of the plan decides: a long row of calls that the tenant takes slowly never holds every slot while
//! others could go. One slot stays free for each other quota that still has steps to come.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::Endpoint;
use cxform_plan::Step;

/// The steps that are not decided yet, as indices into the plan's list.
#[derive(Debug)]
pub(crate) struct Queue {
    lanes: BTreeMap<Quota, Lane>,
    quotas: Vec<Quota>,
    /// How many needs a step still waits for.
    waits: Vec<usize>,
    dependents: Vec<Vec<usize>>,
    state: Vec<State>,
}

/// The request quota that a step's write draws on: one for all outcome operations, one for each other call.
type Quota = Option<Endpoint>;

/// The steps of one quota.
#[derive(Debug, Default)]
struct Lane {
    ready: BTreeSet<usize>,
    /// Steps that have not started and are not decided.
    to_come: usize,
    under_way: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Undecided,
    Started,
    Decided,
}

/// A list of steps that no order satisfies. A planner never writes one; a file can hold anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPlan {
    /// Two steps bear one id.
    #[error("two steps of the plan bear the id `{0}`")]
    RepeatedStep(String),
    /// A step needs one that the plan does not have.
    #[error("step `{step}` needs `{need}`, which is no step of the plan")]
    UnknownNeed {
        /// The step.
        step: String,
        /// What it asks for.
        need: String,
    },
    /// Some steps need each other.
    #[error("step `{0}` needs itself, directly or through other steps")]
    Cycle(String),
}

impl Queue {
    /// The queue with nothing started.
    ///
    /// # Errors
    /// The plan is malformed: nothing of it may be applied.
    pub(crate) fn new(steps: &[Step]) -> Result<Self, MalformedPlan> {
        let mut index = HashMap::with_capacity(steps.len());
        for (at, step) in steps.iter().enumerate() {
            if index.insert(step.id.as_str(), at).is_some() {
                return Err(MalformedPlan::RepeatedStep(step.id.clone()));
            }
        }
        let mut dependents = vec![Vec::new(); steps.len()];
        let mut waits = vec![0; steps.len()];
        for (at, step) in steps.iter().enumerate() {
            for need in step.needs.iter().collect::<BTreeSet<_>>() {
                let &needed = index
                    .get(need.as_str())
                    .ok_or_else(|| MalformedPlan::UnknownNeed { step: step.id.clone(), need: need.clone() })?;
                dependents[needed].push(at);
                waits[at] += 1;
            }
        }
        let quota = |step: &Step| Some(step.write.endpoint()).filter(|endpoint| !endpoint.is_outcome_operation());
        let quotas: Vec<Quota> = steps.iter().map(quota).collect();
        let mut lanes: BTreeMap<Quota, Lane> = BTreeMap::new();
        for (at, quota) in quotas.iter().enumerate() {
            let lane = lanes.entry(*quota).or_default();
            lane.to_come += 1;
            if waits[at] == 0 {
                lane.ready.insert(at);
            }
        }
        let queue = Self { lanes, quotas, waits, dependents, state: vec![State::Undecided; steps.len()] };
        match queue.first_in_a_cycle() {
            Some(at) => Err(MalformedPlan::Cycle(steps[at].id.clone())),
            None => Ok(queue),
        }
    }

    fn first_in_a_cycle(&self) -> Option<usize> {
        let mut waits = self.waits.clone();
        let mut ready: Vec<usize> = self.lanes.values().flat_map(|lane| lane.ready.iter().copied()).collect();
        while let Some(at) = ready.pop() {
            for &dependent in &self.dependents[at] {
                waits[dependent] -= 1;
                if waits[dependent] == 0 {
                    ready.push(dependent);
                }
            }
        }
        waits.iter().position(|&count| count > 0)
    }

    /// Takes the next step to start, where at most `slots` may be under way.
    pub(crate) fn next(&mut self, slots: usize) -> Option<usize> {
        if self.lanes.values().map(|lane| lane.under_way).sum::<usize>() >= slots {
            return None;
        }
        let waiting = self.lanes.values().filter(|lane| lane.to_come > 0).count();
        // Every quota may have one step under way, however few slots there are for many quotas.
        let most = |lane: &Lane| lane.under_way == 0 || lane.under_way < slots.saturating_sub(waiting - 1);
        let free = self.lanes.values_mut().filter(|lane| !lane.ready.is_empty() && most(lane));
        let lane = free.min_by_key(|lane| (lane.under_way, lane.ready.first().copied()))?;
        let at = lane.ready.pop_first()?;
        lane.to_come -= 1;
        lane.under_way += 1;
        self.state[at] = State::Started;
        Some(at)
    }

    /// A step was applied by an earlier process of the run: it never starts, and holds nothing up.
    pub(crate) fn settled(&mut self, at: usize) {
        if self.state[at] == State::Undecided {
            self.decide(at);
            self.release(at);
        }
    }

    /// A started step is as the plan wants it: what waited for nothing else becomes ready.
    pub(crate) fn satisfied(&mut self, at: usize) {
        self.land(at);
        self.release(at);
    }

    fn release(&mut self, at: usize) {
        for dependent in self.dependents[at].clone() {
            self.waits[dependent] -= 1;
            if self.waits[dependent] == 0 && self.state[dependent] == State::Undecided {
                self.lane(dependent).ready.insert(dependent);
            }
        }
    }

    fn land(&mut self, at: usize) {
        self.state[at] = State::Decided;
        self.lane(at).under_way -= 1;
    }

    /// Decides a step that has not started.
    fn decide(&mut self, at: usize) {
        self.state[at] = State::Decided;
        let lane = self.lane(at);
        lane.to_come -= 1;
        lane.ready.remove(&at);
    }

    fn lane(&mut self, at: usize) -> &mut Lane {
        self.lanes.entry(self.quotas[at]).or_default()
    }

    /// A started step is not as the plan wants it. Everything that needs it, directly or not, is
    /// decided with it and returned in the order of the plan.
    pub(crate) fn unsatisfied(&mut self, at: usize) -> Vec<usize> {
        self.land(at);
        let mut skipped = BTreeSet::new();
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            for dependent in self.dependents[at].clone() {
                if self.state[dependent] == State::Undecided {
                    self.decide(dependent);
                    skipped.insert(dependent);
                    open.push(dependent);
                }
            }
        }
        skipped.into_iter().collect()
    }

    /// Decides everything that has not started, and returns it in the order of the plan.
    pub(crate) fn abandon(&mut self) -> Vec<usize> {
        let left: Vec<usize> = (0..self.state.len()).filter(|&at| self.state[at] == State::Undecided).collect();
        for &at in &left {
            self.decide(at);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cxform_model::{Address, Fields, Kind, Precondition, Write};
    use cxform_plan::Action;

    use super::*;

    fn step(id: &str, needs: &[&str]) -> Step {
        Step {
            id: id.to_owned(),
            address: Address::outcome(id),
            action: Action::Create,
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            precondition: Precondition::Absent,
            write: Write::Create { kind: Kind::Outcome, parent: None, fields: Fields::new() },
            base: BTreeMap::new(),
            base_version: None,
            bare: false,
            places: BTreeMap::new(),
        }
    }

    #[test]
    fn steps_start_in_plan_order_as_soon_as_their_needs_are_satisfied() {
        let mut queue =
            Queue::new(&[step("a", &[]), step("b", &["a", "a"]), step("c", &[]), step("d", &["b", "c"])]).unwrap();
        assert_eq!((queue.next(12), queue.next(12), queue.next(12)), (Some(0), Some(2), None));
        queue.satisfied(2);
        assert_eq!(queue.next(12), None);
        queue.satisfied(0);
        assert_eq!((queue.next(12), queue.next(12)), (Some(1), None));
        queue.satisfied(1);
        assert_eq!(queue.next(12), Some(3));
        queue.satisfied(3);
        assert_eq!(queue.abandon(), Vec::<usize>::new());
    }

    #[test]
    fn a_failure_takes_its_dependents_along_and_nothing_else() {
        let steps = [step("a", &[]), step("b", &["a"]), step("c", &["b"]), step("d", &[]), step("e", &["d", "c"])];
        let mut queue = Queue::new(&steps).unwrap();
        assert_eq!((queue.next(12), queue.next(12)), (Some(0), Some(3)));
        assert_eq!(queue.unsatisfied(0), [1, 2, 4]);
        queue.satisfied(3);
        assert_eq!(queue.next(12), None, "what was skipped never becomes ready");
    }

    #[test]
    fn a_second_culprit_skips_nothing_twice() {
        let mut queue = Queue::new(&[step("a", &[]), step("b", &[]), step("c", &["a", "b"])]).unwrap();
        assert_eq!((queue.next(12), queue.next(12)), (Some(0), Some(1)));
        assert_eq!(queue.unsatisfied(0), [2]);
        assert_eq!(queue.unsatisfied(1), Vec::<usize>::new());
    }

    #[test]
    fn abandoning_leaves_started_steps_alone() {
        let mut queue = Queue::new(&[step("a", &[]), step("b", &["a"]), step("c", &[])]).unwrap();
        assert_eq!(queue.next(12), Some(0));
        assert_eq!(queue.abandon(), [1, 2]);
        queue.satisfied(0);
        assert_eq!(queue.next(12), None);
    }

    #[test]
    fn a_plan_without_a_valid_order_is_refused() {
        let refused = |steps: &[Step]| Queue::new(steps).unwrap_err();
        assert_eq!(refused(&[step("a", &[]), step("a", &[])]), MalformedPlan::RepeatedStep("a".into()));
        assert_eq!(refused(&[step("a", &["x"])]), MalformedPlan::UnknownNeed { step: "a".into(), need: "x".into() });
        assert_eq!(refused(&[step("z", &[]), step("a", &["b"]), step("b", &["a"])]), MalformedPlan::Cycle("a".into()));
    }

    fn code(id: &str) -> Step {
        let write = Write::Create { kind: Kind::CallCode, parent: None, fields: Fields::new() };
        Step { write, ..step(id, &[]) }
    }

    #[test]
    fn no_quota_holds_more_slots_than_its_share() {
        let steps = [code("a"), code("b"), code("c"), code("d"), step("e", &[]), step("f", &[])];
        let mut queue = Queue::new(&steps).unwrap();
        let first: Vec<_> = std::iter::from_fn(|| queue.next(4)).collect();
        assert_eq!(first, [0, 4, 1, 5], "by turns");
        queue.satisfied(4);
        assert_eq!(queue.next(4), Some(2), "nothing of the other quota is left");
    }

    #[test]
    fn one_slot_stays_free_for_a_quota_whose_steps_are_not_ready_yet() {
        let steps = [code("a"), code("b"), code("c"), Step { needs: vec!["a".to_owned()], ..step("e", &[]) }];
        let mut queue = Queue::new(&steps).unwrap();
        assert_eq!((queue.next(2), queue.next(2)), (Some(0), None));
        queue.satisfied(0);
        assert_eq!((queue.next(2), queue.next(2)), (Some(1), Some(3)), "outcomes share a quota of their own");
        assert_eq!(queue.next(1), None);
    }

    #[test]
    fn what_an_earlier_process_did_holds_nothing_up() {
        let mut queue = Queue::new(&[step("a", &[]), step("b", &["a"]), step("c", &["b"])]).unwrap();
        queue.settled(0);
        queue.settled(1);
        assert_eq!((queue.next(12), queue.next(12)), (Some(2), None));
    }
}
