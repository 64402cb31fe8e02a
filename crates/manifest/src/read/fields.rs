//! Reading fields by the tables of the model.

use std::sync::LazyLock;

use cxform_model::{DesiredField, Envelope, Field, Fields, Kind, Ownership, Setting, Shape, table};
use serde_json::{Number, Value};

use super::cursor::get;
use super::{Keys, Reader};
use crate::Diagnostic;
use crate::catalogue::{ENVELOPE, WRONG_TYPE};
use crate::yaml::{Content, Entry, Node};

/// A key of a spec: a field, or a group of fields. The dots of the paths as a tree.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) name: &'static str,
    pub(crate) slot: Slot,
}

#[derive(Debug)]
pub(crate) enum Slot {
    Field(Field),
    Group(Vec<Branch>),
}

/// The fields of a kind as a tree.
pub(crate) fn branches(kind: Kind) -> &'static [Branch] {
    static OUTCOME: LazyLock<Vec<Branch>> = LazyLock::new(|| grow(Kind::Outcome));
    static CALL_CODE: LazyLock<Vec<Branch>> = LazyLock::new(|| grow(Kind::CallCode));
    static CAMPAIGN: LazyLock<Vec<Branch>> = LazyLock::new(|| grow(Kind::Campaign));
    static WEBHOOK: LazyLock<Vec<Branch>> = LazyLock::new(|| grow(Kind::Webhook));
    match kind {
        Kind::Outcome => &OUTCOME,
        Kind::CallCode => &CALL_CODE,
        Kind::Campaign => &CAMPAIGN,
        Kind::Assignment => &[],
        Kind::Webhook => &WEBHOOK,
    }
}

fn grow(kind: Kind) -> Vec<Branch> {
    let mut roots = Vec::new();
    for (policy, field) in table(kind).iter().zip(Field::all(kind)) {
        let mut level: &mut Vec<Branch> = &mut roots;
        let mut parts = policy.path.split('.').peekable();
        while let Some(name) = parts.next() {
            if parts.peek().is_none() {
                level.push(Branch { name, slot: Slot::Field(field) });
                break;
            }
            let at = level.iter().position(|branch| branch.name == name).unwrap_or_else(|| {
                level.push(Branch { name, slot: Slot::Group(Vec::new()) });
                level.len() - 1
            });
            let Slot::Group(group) = &mut level[at].slot else { break };
            level = group;
        }
    }
    roots
}

/// The group of this name.
pub(crate) fn group(kind: Kind, name: &str) -> &'static [Branch] {
    branches(kind)
        .iter()
        .find_map(|branch| match &branch.slot {
            Slot::Group(group) if branch.name == name => Some(group.as_slice()),
            _ => None,
        })
        .unwrap_or(&[])
}

pub(crate) type DesiredFields = Fields<DesiredField>;

/// Which fields may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of an object.
    Object,
    /// Those that nodes inherit.
    Defaults,
}

impl Reader<'_> {
    /// Reads each entry that is a field or a group; the caller has told the others.
    pub(crate) fn fields(
        &mut self,
        branches: &'static [Branch],
        entries: &[Entry],
        scope: Scope,
        into: &mut DesiredFields,
    ) {
        for entry in entries {
            let Some(branch) = branches.iter().find(|branch| branch.name == &*entry.key) else { continue };
            match &branch.slot {
                Slot::Field(field) => self.field(*field, entry, scope, into),
                Slot::Group(group) => self.group(group, entry, scope, into),
            }
        }
    }

    fn group(&mut self, group: &'static [Branch], entry: &Entry, scope: Scope, into: &mut DesiredFields) {
        if entry.value.is_null() {
            self.clear(group, &entry.value, into);
            return;
        }
        let known: Vec<_> = group.iter().map(|branch| branch.name).collect();
        let what = format!("`{}`", entry.key);
        if let Some(entries) = self.mapping(&entry.value, &Keys::new(&what, &known)) {
            self.fields(group, entries, scope, into);
        }
    }

    /// `null` on a group clears each field of it.
    fn clear(&mut self, group: &'static [Branch], node: &Node, into: &mut DesiredFields) {
        for branch in group {
            match &branch.slot {
                Slot::Field(field) => {
                    into.insert(
                        *field,
                        DesiredField { setting: Setting::Value(Value::Null), source: node.place.source },
                    );
                }
                Slot::Group(group) => self.clear(group, node, into),
            }
        }
    }

    fn field(&mut self, field: Field, entry: &Entry, scope: Scope, into: &mut DesiredFields) {
        let policy = field.policy();
        let what = format!("`{}`", policy.path.rsplit('.').next().unwrap_or(policy.path));
        let node = &entry.value;
        if scope == Scope::Defaults && !policy.inherited {
            let message = format!("{what} is not inherited: each node has its own");
            self.report(Diagnostic::new(&WRONG_TYPE, Some(entry.key_place), message).help("write it on the nodes"));
            return;
        }
        if node.is_unknown() {
            return;
        }
        let setting = if node.is_null() {
            if policy.shape == Shape::Colour && node.place.start == node.place.end {
                let problem = Diagnostic::new(&WRONG_TYPE, Some(entry.key_place), format!("{what} has no value"));
                self.report(problem.help("quote the colour: a plain `#` starts a comment. Write `null` to clear it"));
                return;
            }
            if !is_clearable(field) {
                self.not_clearable(node, &what);
                return;
            }
            Some(Setting::Value(Value::Null))
        } else if matches!(node.content, Content::Mapping(_)) && !matches!(policy.shape, Shape::Record(_)) {
            self.envelope(field, node, &what).map(Setting::Between)
        } else {
            self.value(&policy.shape, node, &what).map(Setting::Value)
        };
        if let Some(setting) = setting {
            into.insert(field, DesiredField { setting, source: node.place.source });
        }
    }

    /// `between: [lo, hi]`, with `initial` for a new object.
    fn envelope(&mut self, field: Field, node: &Node, what: &str) -> Option<Envelope> {
        let shape = &field.policy().shape;
        if node.get("between").is_none() {
            return self.value(shape, node, what).and(None);
        }
        if !matches!(shape, Shape::Integer { .. } | Shape::Number { .. }) {
            let message = format!("{what} is no number, so it cannot have an envelope");
            self.report(Diagnostic::new(&ENVELOPE, Some(node.place), message));
            return None;
        }
        let entries = self.mapping(node, &Keys::new("an envelope", &["between", "initial"]))?;
        let between = get(entries, "between")?;
        let bounds = self.list(between, "`between`")?;
        let [low, high] = bounds else {
            let message = format!("`between` takes two numbers, but this has {}", bounds.len());
            self.report(Diagnostic::new(&ENVELOPE, Some(between.place), message).help("write `between: [low, high]`"));
            return None;
        };
        let mut bound = |node: &Node, name: &str| match self.value(shape, node, name) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        };
        let (low, high) = (bound(low, "the lower bound"), bound(high, "the upper bound"));
        let initial = get(entries, "initial").map(|node| (bound(node, "`initial`"), node.place));
        let (low, high) = (low?, high?);
        if as_float(&low) > as_float(&high) {
            let message = format!("the lower bound `{low}` is above the upper bound `{high}`");
            self.report(Diagnostic::new(&ENVELOPE, Some(between.place), message).help("write `between: [low, high]`"));
            return None;
        }
        let initial = match initial {
            None => low.clone(),
            Some((initial, place)) => {
                let initial = initial?;
                if as_float(&initial) < as_float(&low) || as_float(&initial) > as_float(&high) {
                    let message = format!("`initial` is `{initial}`, which is not between `{low}` and `{high}`");
                    self.report(Diagnostic::new(&ENVELOPE, Some(place), message));
                    return None;
                }
                initial
            }
        };
        Some(Envelope { low, high, initial })
    }
}

fn as_float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

/// What may be null: not what an object cannot be without, and not what says whether it lives.
pub(crate) fn is_clearable(field: Field) -> bool {
    let policy = field.policy();
    policy.ownership == Ownership::Managed && !policy.required && !matches!(policy.path, "status" | "isActive")
}
