//! The plan in the making: steps refer to each other by position until their order is known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::{Address, Precondition, RemoteId, Target, Version, Write};
use serde_json::Value;

use crate::direction::Direction;
use crate::refusal::Problem;
use crate::{Action, Change, Place, Step, Warning};

/// When a step runs where nothing else decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Pausing and completing: what stops dialling goes first.
    Stop,
    Codes,
    Campaigns,
    Assign,
    Reassign,
    Unassign,
    Retire,
    /// Activating: what starts dialling goes last.
    Start,
}

#[derive(Debug)]
pub(crate) struct DraftStep {
    /// The name after the colon of the id: `create`, `rules`, ...
    pub(crate) name: &'static str,
    pub(crate) address: Address,
    pub(crate) action: Action,
    pub(crate) needs: BTreeSet<usize>,
    pub(crate) precondition: Precondition,
    pub(crate) write: Write,
    pub(crate) base: BTreeMap<String, Value>,
    pub(crate) base_version: Option<Version>,
    pub(crate) bare: bool,
    pub(crate) places: BTreeMap<String, Place>,
    pub(crate) stage: Stage,
    /// How deep in its tree the object stands: parents come first.
    pub(crate) depth: usize,
    pub(crate) direction: Direction,
}

impl DraftStep {
    pub(crate) fn new(
        address: &Address,
        name: &'static str,
        action: Action,
        stage: Stage,
        precondition: Precondition,
        write: Write,
    ) -> Self {
        Self {
            name,
            address: address.clone(),
            action,
            needs: BTreeSet::new(),
            precondition,
            write,
            base: BTreeMap::new(),
            base_version: None,
            bare: false,
            places: BTreeMap::new(),
            stage,
            depth: 0,
            direction: Direction::Neutral,
        }
    }

    pub(crate) fn id(&self) -> String {
        format!("{}:{}", self.address, self.name)
    }

    pub(crate) fn finish(self, needs: Vec<String>) -> Step {
        let id = self.id();
        let Self { name: _, address, action, needs: _, precondition, write, base, base_version, bare, places, .. } =
            self;
        Step { id, address, action, needs, precondition, write, base, base_version, bare, places }
    }
}

/// The steps of one object that others may have to wait for.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Milestones {
    pub(crate) first: Option<usize>,
    pub(crate) create: Option<usize>,
    /// The last step that is no retirement and no transition: the object is as asked for.
    pub(crate) ready: Option<usize>,
    pub(crate) retire: Option<usize>,
}

#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) changes: Vec<Change>,
    pub(crate) steps: Vec<DraftStep>,
    pub(crate) unchanged: Vec<Address>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) milestones: HashMap<Address, Milestones>,
    /// The steps that take an outcome off a desktop, by outcome id.
    pub(crate) unassigns: HashMap<RemoteId, Vec<usize>>,
    /// How many assignments are on the tenant and ours: listed, or to be taken off.
    pub(crate) seated: usize,
}

impl Draft {
    /// Adds a step and remembers it as its object's.
    pub(crate) fn push(&mut self, step: DraftStep) -> usize {
        let at = self.steps.len();
        let milestones = self.milestones.entry(step.address.clone()).or_default();
        milestones.first.get_or_insert(at);
        match (&step.write, step.stage) {
            (_, Stage::Retire) => milestones.retire = Some(at),
            (Write::Transition { .. }, _) => {}
            (Write::Create { .. }, _) => {
                milestones.create = Some(at);
                milestones.ready = Some(at);
            }
            _ => milestones.ready = Some(at),
        }
        self.steps.push(step);
        at
    }

    /// Adds the steps of one object, each waiting for the one before.
    pub(crate) fn push_chain(&mut self, steps: impl IntoIterator<Item = DraftStep>) -> Vec<usize> {
        let mut chain: Vec<usize> = Vec::new();
        for mut step in steps {
            if let Some(&before) = chain.last() {
                step.needs.insert(before);
                step.precondition = Precondition::Follows;
            }
            chain.push(self.push(step));
        }
        chain
    }

    pub(crate) fn milestones(&self, address: &Address) -> Milestones {
        self.milestones.get(address).copied().unwrap_or_default()
    }

    /// The step that creates a target, where this plan does.
    pub(crate) fn creation(&self, target: &Target) -> Option<usize> {
        match target {
            Target::Existing(_) => None,
            Target::Created(address) => self.milestones(address).create,
        }
    }

    /// Makes a step wait for others; itself does not count.
    pub(crate) fn wait(&mut self, step: usize, needs: impl IntoIterator<Item = usize>) {
        self.steps[step].needs.extend(needs.into_iter().filter(|need| *need != step));
    }

    pub(crate) fn warn(&mut self, address: Option<&Address>, message: impl Into<String>, source: Option<Place>) {
        self.warnings.push(Warning { rule: None, address: address.cloned(), message: message.into(), source });
    }
}
