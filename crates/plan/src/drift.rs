//! Drift: where a tenant is not what git says, and which side moved since both agreed. Knows no store and no clock.
//!
//! Everything that a plan would change is a drift, whether a plan might change it or not.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{
    Address, Desired, Field, Kind, Observed, Ownership, RemoteId, Setting, Severity, Version, hexadecimal, same,
};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::base::{PARENT, base_of, base_of_assignment};
use crate::draft::Draft;
use crate::inputs::{Inputs, Lead};
use crate::planner::survey;
use crate::{Action, Change, FieldChange, Place, Refusal};

/// What git and the tenant agreed on last, as a store keeps it.
pub struct Agreed<'a> {
    /// The fields of every object that is known, by path.
    pub objects: BTreeMap<Address, BTreeMap<String, Value>>,
    /// How the store keeps the value of a field: of some it keeps a hash.
    pub kept: &'a dyn Fn(&str, &Value) -> Value,
}

/// Which side is no longer what both agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The manifests; the tenant is as it was.
    Git,
    /// The tenant; the manifests are as they were.
    Tenant,
    /// Both, and not to the same.
    Both,
}

impl Side {
    /// Every side.
    pub const ALL: [Self; 3] = [Self::Git, Self::Tenant, Self::Both];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Tenant => "tenant",
            Self::Both => "both",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The object.
    pub address: Address,
    /// The field; `None` where one side lacks the whole object.
    pub path: Option<String>,
    /// Which side moved; `None` where nobody knows what they agreed on.
    pub side: Option<Side>,
    /// What they agreed on: null where that was nothing, `None` where nobody knows.
    pub base: Option<Value>,
    /// What git says; of an object its fields, and null where git does not want it.
    pub git: Value,
    /// What the tenant says; of an object its fields, and null where the tenant lacks it.
    pub tenant: Value,
    /// How bad it is.
    pub severity: Severity,
    /// Where git says it.
    pub source: Option<Place>,
    /// The object's id on the tenant.
    pub id: Option<RemoteId>,
    /// The same for the same difference, whenever it is looked at.
    pub fingerprint: String,
}

/// An object on which both sides agree.
#[derive(Debug, Clone, PartialEq)]
pub struct InSync {
    /// The object.
    pub address: Address,
    /// Its fields by path.
    pub fields: BTreeMap<String, Value>,
    /// Its version, where it has one.
    pub version: Option<Version>,
}

/// How git and a tenant stand to each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Drifted {
    /// The differences, by address.
    pub drifts: Vec<Drift>,
    /// The managed objects without any.
    pub in_sync: Vec<InSync>,
}

/// Compares. Without `agreed`, nobody can say which side moved.
///
/// # Errors
/// What cannot be compared at all, such as two objects under one key.
pub fn drift(desired: &Desired, observed: &Observed, agreed: Option<&Agreed<'_>>) -> Result<Drifted, Refusal> {
    survey(desired, observed, |inputs, draft| Comparison { inputs, agreed }.of(draft))
}

struct Comparison<'i, 'a> {
    inputs: &'i Inputs<'a>,
    agreed: Option<&'i Agreed<'i>>,
}

impl Comparison<'_, '_> {
    fn of(&self, draft: Draft) -> Drifted {
        let mut drifts: Vec<Drift> = Vec::new();
        for change in draft.changes {
            match change.action {
                // A run state is looked at below; a pause on the way to an update is no difference.
                Action::Transition => {}
                Action::Create | Action::Assign | Action::Unassign => drifts.push(self.whole(&change)),
                Action::Retire if !self.inputs.desired.objects.contains_key(&change.address) => {
                    drifts.push(self.whole(&change));
                }
                Action::Retire | Action::Update => {
                    drifts.extend(change.fields.iter().map(|field| self.field(&change.address, field)));
                }
            }
        }
        drifts.extend(self.run_states());
        drifts.sort_by(|left, right| left.address.cmp(&right.address));
        let drifted: BTreeSet<&Address> = drifts.iter().map(|drift| &drift.address).collect();
        let in_sync = draft.unchanged.iter().filter(|address| !drifted.contains(address));
        let in_sync = in_sync.filter_map(|address| self.in_sync(address)).collect();
        Drifted { drifts, in_sync }
    }

    /// An object that only one side has.
    fn whole(&self, change: &Change) -> Drift {
        let Change { address, action, reason: _, source, fields } = change;
        let wanted = matches!(action, Action::Create | Action::Assign);
        let values = |of: fn(&FieldChange) -> &Value| -> Value {
            fields.iter().map(|field| (field.path.clone(), of(field).clone())).collect::<Map<_, _>>().into()
        };
        let (git, tenant) = match wanted {
            true => (values(|field| &field.after), Value::Null),
            false => (Value::Null, values(|field| &field.before)),
        };
        let base = self.agreed.map(|agreed| agreed.objects.get(address));
        // Who has it although they agreed that there is none, or lacks it although they agreed on it, has moved.
        let side = base.map(|base| if base.is_some() == wanted { Side::Tenant } else { Side::Git });
        let base = base.map(|base| base.map_or(Value::Null, |base| of_these(base, fields)));
        self.told(Drift {
            address: address.clone(),
            path: None,
            side,
            base,
            git,
            tenant,
            severity: Severity::Major,
            source: source.clone(),
            id: None,
            fingerprint: String::new(),
        })
    }

    fn field(&self, address: &Address, change: &FieldChange) -> Drift {
        let FieldChange { path, before: tenant, after: git, source } = change;
        let field = Field::find(address.kind(), path);
        let severity = field.map_or(Severity::Major, |field| field.policy().severity);
        let base = self.base(address, path);
        let side = base.as_ref().map(|base| {
            let kept = |value: &Value| self.agreed.map_or_else(|| value.clone(), |agreed| (agreed.kept)(path, value));
            let equal = |value: &Value| match field {
                Some(field) => same(field, Some(base), Some(&kept(value))),
                None => base == value,
            };
            let object = self.inputs.desired.objects.get(address);
            let setting = field.and_then(|field| Some((field, &object?.fields.get(field)?.setting)));
            let git_stayed = match setting {
                Some((field, envelope @ Setting::Between(_))) => envelope.satisfied_by(field, Some(base)),
                _ => equal(git),
            };
            match (git_stayed, equal(tenant)) {
                (_, true) => Side::Git,
                (true, false) => Side::Tenant,
                (false, false) => Side::Both,
            }
        });
        self.told(Drift {
            address: address.clone(),
            path: Some(path.clone()),
            side,
            base,
            git: git.clone(),
            tenant: tenant.clone(),
            severity,
            source: source.clone(),
            id: None,
            fingerprint: String::new(),
        })
    }

    /// What both sides agreed on for one field. An object that git renames is known by its former name.
    fn base(&self, address: &Address, path: &str) -> Option<Value> {
        let objects = &self.agreed?.objects;
        let previous = self.inputs.desired.objects.get(address).into_iter().flat_map(|object| &object.previous);
        let base = std::iter::once(address)
            .chain(previous.map(|previous| &previous.value))
            .find_map(|address| objects.get(address))?;
        let value = base.get(path).cloned().unwrap_or_default();
        Some(match (path, &value) {
            // People read codes, a base holds the id.
            (PARENT, Value::String(id)) => self.inputs.parent_name(address.kind(), Some(&RemoteId(id.clone()))),
            _ => value,
        })
    }

    /// The campaigns that are in another run state than git asks for, whether one leads to the other or not.
    fn run_states(&self) -> Vec<Drift> {
        let field = Field::all(Kind::Campaign).find(|field| field.policy().ownership == Ownership::RunState);
        let Some(field) = field else { return Vec::new() };
        let managed = self.inputs.objects(Kind::Campaign).filter(|(_, object)| !object.ignored.contains(&field));
        managed
            .filter_map(|(address, object)| {
                let wanted = object.fields.get(field)?;
                let found = self.inputs.matches.found(address)?.object.fields.get(field);
                if wanted.setting.satisfied_by(field, found) {
                    return None;
                }
                let after = wanted.setting.target(field, found);
                let place = self.inputs.place(wanted.source);
                Some(
                    self.field(
                        address,
                        &FieldChange::of(field, found.cloned().unwrap_or_default(), after, Some(place)),
                    ),
                )
            })
            .collect()
    }

    /// With the id and the fingerprint that follow from the rest.
    fn told(&self, drift: Drift) -> Drift {
        let Drift { address, path, git, tenant, .. } = &drift;
        let id = match self.inputs.lead(address) {
            Lead::Lives(object) => Some(object.id.clone()),
            Lead::Created | Lead::Nowhere => None,
        };
        let mut hash = Sha256::new();
        for part in [&address.to_string(), path.as_deref().unwrap_or_default(), &git.to_string(), &tenant.to_string()] {
            // Preceded by its length, so that no two sequences of parts are one text.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let fingerprint = hexadecimal(&hash.finalize()[..16]);
        Drift { id, fingerprint, ..drift }
    }

    fn in_sync(&self, address: &Address) -> Option<InSync> {
        let address = address.clone();
        let lives = |address: &Address| match self.inputs.lead(address) {
            Lead::Lives(object) => Some(object),
            Lead::Created | Lead::Nowhere => None,
        };
        let (fields, version) = match (address.assignment_campaign(), address.assignment_outcome()) {
            (Some(campaign), Some(outcome)) => {
                let (campaign, outcome) = (lives(&campaign)?, lives(&outcome)?);
                let desktop = self.inputs.observed.desktops.get(&campaign.id)?;
                let assignment = desktop.iter().find(|assignment| assignment.outcome == outcome.id)?;
                (base_of_assignment(assignment), None)
            }
            _ => {
                let object = lives(&address)?;
                (base_of(object), object.version)
            }
        };
        Some(InSync { address, fields, version })
    }
}

/// Of an object the fields that a change shows.
fn of_these(base: &BTreeMap<String, Value>, fields: &[FieldChange]) -> Value {
    let shown = fields.iter().filter_map(|field| Some((field.path.clone(), base.get(&field.path)?.clone())));
    shown.collect::<Map<_, _>>().into()
}
