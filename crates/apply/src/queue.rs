//! Which step may start next. Knows the graph of needs and nothing of what a step does.
//!
//! Steps become ready as in Kahn's algorithm; among the ready ones the order of the plan decides.

use std::collections::{BTreeSet, HashMap};

use cxform_plan::Step;

/// The steps that are not decided yet, as indices into the plan's list.
#[derive(Debug)]
pub(crate) struct Queue {
    ready: BTreeSet<usize>,
    /// How many needs a step still waits for.
    waits: Vec<usize>,
    dependents: Vec<Vec<usize>>,
    state: Vec<State>,
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
        let ready = (0..steps.len()).filter(|&at| waits[at] == 0).collect();
        let queue = Self { ready, waits, dependents, state: vec![State::Undecided; steps.len()] };
        match queue.first_in_a_cycle() {
            Some(at) => Err(MalformedPlan::Cycle(steps[at].id.clone())),
            None => Ok(queue),
        }
    }

    fn first_in_a_cycle(&self) -> Option<usize> {
        let mut waits = self.waits.clone();
        let mut ready: Vec<usize> = self.ready.iter().copied().collect();
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

    /// Takes the next step to start.
    pub(crate) fn next(&mut self) -> Option<usize> {
        let at = self.ready.pop_first()?;
        self.state[at] = State::Started;
        Some(at)
    }

    /// A started step is as the plan wants it: what waited for nothing else becomes ready.
    pub(crate) fn satisfied(&mut self, at: usize) {
        self.state[at] = State::Decided;
        for &dependent in &self.dependents[at] {
            self.waits[dependent] -= 1;
            if self.waits[dependent] == 0 && self.state[dependent] == State::Undecided {
                self.ready.insert(dependent);
            }
        }
    }

    /// A started step is not as the plan wants it. Everything that needs it, directly or not, is
    /// decided with it and returned in the order of the plan.
    pub(crate) fn unsatisfied(&mut self, at: usize) -> Vec<usize> {
        self.state[at] = State::Decided;
        let mut skipped = BTreeSet::new();
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            for &dependent in &self.dependents[at] {
                if self.state[dependent] == State::Undecided {
                    self.state[dependent] = State::Decided;
                    skipped.insert(dependent);
                    open.push(dependent);
                }
            }
        }
        skipped.into_iter().collect()
    }

    /// Decides everything that has not started, and returns it in the order of the plan.
    pub(crate) fn abandon(&mut self) -> Vec<usize> {
        self.ready.clear();
        let left = (0..self.state.len()).filter(|&at| self.state[at] == State::Undecided).collect();
        for state in self.state.iter_mut().filter(|state| **state == State::Undecided) {
            *state = State::Decided;
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
            places: BTreeMap::new(),
        }
    }

    #[test]
    fn steps_start_in_plan_order_as_soon_as_their_needs_are_satisfied() {
        let mut queue =
            Queue::new(&[step("a", &[]), step("b", &["a", "a"]), step("c", &[]), step("d", &["b", "c"])]).unwrap();
        assert_eq!((queue.next(), queue.next(), queue.next()), (Some(0), Some(2), None));
        queue.satisfied(2);
        assert_eq!(queue.next(), None);
        queue.satisfied(0);
        assert_eq!((queue.next(), queue.next()), (Some(1), None));
        queue.satisfied(1);
        assert_eq!(queue.next(), Some(3));
        queue.satisfied(3);
        assert_eq!(queue.abandon(), Vec::<usize>::new());
    }

    #[test]
    fn a_failure_takes_its_dependents_along_and_nothing_else() {
        let steps = [step("a", &[]), step("b", &["a"]), step("c", &["b"]), step("d", &[]), step("e", &["d", "c"])];
        let mut queue = Queue::new(&steps).unwrap();
        assert_eq!((queue.next(), queue.next()), (Some(0), Some(3)));
        assert_eq!(queue.unsatisfied(0), [1, 2, 4]);
        queue.satisfied(3);
        assert_eq!(queue.next(), None, "what was skipped never becomes ready");
    }

    #[test]
    fn a_second_culprit_skips_nothing_twice() {
        let mut queue = Queue::new(&[step("a", &[]), step("b", &[]), step("c", &["a", "b"])]).unwrap();
        assert_eq!((queue.next(), queue.next()), (Some(0), Some(1)));
        assert_eq!(queue.unsatisfied(0), [2]);
        assert_eq!(queue.unsatisfied(1), Vec::<usize>::new());
    }

    #[test]
    fn abandoning_leaves_started_steps_alone() {
        let mut queue = Queue::new(&[step("a", &[]), step("b", &["a"]), step("c", &[])]).unwrap();
        assert_eq!(queue.next(), Some(0));
        assert_eq!(queue.abandon(), [1, 2]);
        queue.satisfied(0);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn a_plan_without_a_valid_order_is_refused() {
        let refused = |steps: &[Step]| Queue::new(steps).unwrap_err();
        assert_eq!(refused(&[step("a", &[]), step("a", &[])]), MalformedPlan::RepeatedStep("a".into()));
        assert_eq!(refused(&[step("a", &["x"])]), MalformedPlan::UnknownNeed { step: "a".into(), need: "x".into() });
        assert_eq!(refused(&[step("z", &[]), step("a", &["b"]), step("b", &["a"])]), MalformedPlan::Cycle("a".into()));
    }
}
