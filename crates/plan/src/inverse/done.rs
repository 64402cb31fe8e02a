//! What a run did, in the order of its plan: of every applied step, how its object stood before and after.

use std::collections::{BTreeMap, HashMap};

use cxform_model::{Address, Kind, NewParent, RemoteId, Target, Version, Write};
use serde_json::Value;

use super::Done;
use crate::base::{DEFAULT, PARENT, SEQUENCE};
use crate::{Plan, Step};

pub(super) type Paths = BTreeMap<String, Value>;

/// One remote object: an outcome, call code, campaign or subscription, or an outcome on a desktop.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Object(Kind, RemoteId),
    Assignment { campaign: RemoteId, outcome: RemoteId },
}

/// An applied step.
pub(super) struct Event<'a> {
    pub(super) step: &'a Step,
    pub(super) key: Key,
    pub(super) before: Paths,
}

/// All of them.
pub(super) struct History<'a> {
    events: HashMap<&'a str, Event<'a>>,
    /// Every object as the run left it.
    standing: HashMap<Key, Paths>,
    /// The versions that the run left.
    versions: HashMap<Key, Version>,
    created: HashMap<&'a Address, &'a RemoteId>,
}

impl<'a> History<'a> {
    pub(super) fn of(plan: &'a Plan, done: &'a [Done]) -> Self {
        let done: HashMap<&str, &Done> = done.iter().map(|done| (done.step.as_str(), done)).collect();
        let mut history = Self {
            events: HashMap::new(),
            standing: HashMap::new(),
            versions: HashMap::new(),
            created: HashMap::new(),
        };
        for step in &plan.steps {
            let Some(done) = done.get(step.id.as_str()) else { continue };
            if let (Write::Create { .. }, Some(id)) = (&step.write, &done.created) {
                history.created.insert(&step.address, id);
            }
            let Some(key) = history.key(step) else { continue };
            let before = history.standing.get(&key).unwrap_or(&step.base).clone();
            let after = done.after.clone().unwrap_or_else(|| history.written(step, &before));
            if let Some(version) = done.version {
                history.versions.insert(key.clone(), version);
            }
            history.standing.insert(key.clone(), after);
            history.events.insert(&step.id, Event { step, key, before });
        }
        history
    }

    pub(super) fn at(&self, step: &str) -> Option<&Event<'a>> {
        self.events.get(step)
    }

    /// An object as the run left it.
    pub(super) fn left(&self, key: &Key) -> &Paths {
        static NOTHING: Paths = Paths::new();
        self.standing.get(key).unwrap_or(&NOTHING)
    }

    pub(super) fn version(&self, key: &Key) -> Option<Version> {
        self.versions.get(key).copied()
    }

    pub(super) fn id(&self, target: &Target) -> Option<RemoteId> {
        match target {
            Target::Existing(id) => Some(id.clone()),
            Target::Created(address) => self.created.get(address).map(|id| (*id).clone()),
        }
    }

    fn key(&self, step: &Step) -> Option<Key> {
        let kind = step.address.kind();
        Some(match &step.write {
            Write::Create { kind, .. } => Key::Object(*kind, (*self.created.get(&step.address)?).clone()),
            Write::Update { target, .. } | Write::Transition { target, .. } => Key::Object(kind, self.id(target)?),
            Write::Assign { campaign, outcome, .. }
            | Write::Reassign { campaign, outcome, .. }
            | Write::Unassign { campaign, outcome } => {
                Key::Assignment { campaign: self.id(campaign)?, outcome: self.id(outcome)? }
            }
        })
    }

    /// The object once the step is applied.
    fn written(&self, step: &Step, before: &Paths) -> Paths {
        let mut after = before.clone();
        let id = |target: &Target| self.id(target).map_or(Value::Null, |id| id.0.into());
        match &step.write {
            Write::Create { kind, parent, fields } => {
                after.extend(fields.to_paths());
                if *kind == Kind::Campaign {
                    after.insert("status".to_owned(), "draft".into());
                }
                if kind.is_tree() {
                    after.insert(PARENT.to_owned(), parent.as_ref().map_or(Value::Null, id));
                }
            }
            Write::Update { parent, fields, .. } => {
                after.extend(fields.to_paths());
                match parent {
                    None => {}
                    Some(NewParent::Root) => drop(after.insert(PARENT.to_owned(), Value::Null)),
                    Some(NewParent::Below(target)) => drop(after.insert(PARENT.to_owned(), id(target))),
                }
            }
            Write::Transition { to, .. } => drop(after.insert("status".to_owned(), to.word().into())),
            Write::Assign { sequence, default, .. } => {
                after.insert(SEQUENCE.to_owned(), (*sequence).into());
                after.insert(DEFAULT.to_owned(), (*default).into());
            }
            Write::Reassign { sequence, default, .. } => {
                after.extend(sequence.map(|sequence| (SEQUENCE.to_owned(), sequence.into())));
                after.extend(default.map(|default| (DEFAULT.to_owned(), default.into())));
            }
            Write::Unassign { .. } => after.clear(),
        }
        after
    }
}
