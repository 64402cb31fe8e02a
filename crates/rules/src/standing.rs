//! Objects as they will stand: what the tenant holds, overlaid by what the manifests ask for.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{
    Address, Desired, DesiredObject, Desktop, DesktopEntry, Field, Kind, ObservedObject, Setting, Source, TuningPolicy,
};
use serde_json::Value;

use crate::{Launch, Spot};

/// The inventory that rules judge. Offline it holds desired objects alone; in a plan also what the tenant has.
///
/// Build it with [`Standing::offline`] and set what else is known.
#[derive(Debug, Default)]
pub struct Standing<'a> {
    /// The managed objects.
    pub objects: BTreeMap<&'a Address, StandingObject<'a>>,
    /// Who wants which outcomes on which desktops, as written.
    pub entries: &'a [DesktopEntry],
    /// The joined desktops of the campaigns that entries reach, by campaign address; judged once they are complete.
    pub desktops: BTreeMap<Address, Desktop>,
    /// Whether it is known which desktops exist: offline, groups hide some.
    pub desktops_complete: bool,
    /// What lives on the tenant and is not managed; `None` where no tenant was read.
    pub foreign: Option<BTreeSet<Address>>,
    /// The campaigns that a plan is to start.
    pub launches: BTreeMap<Address, Launch>,
    /// How campaigns may be tuned while they dial.
    pub tuning: &'a [TuningPolicy],
}

/// One managed object as it will stand.
#[derive(Debug, Clone, Copy)]
pub struct StandingObject<'a> {
    /// Its address.
    pub address: &'a Address,
    /// What manifests ask for.
    pub desired: &'a DesiredObject,
    /// What the tenant holds; `None` offline, and for an object still to be created.
    pub observed: Option<&'a ObservedObject>,
}

impl<'a> Standing<'a> {
    /// The desired objects and entries alone: what is known offline before entries are joined.
    #[must_use]
    pub fn offline(desired: &'a Desired) -> Self {
        let objects = desired
            .objects
            .iter()
            .map(|(address, desired)| (address, StandingObject { address, desired, observed: None }))
            .collect();
        Self { objects, entries: &desired.desktops, tuning: &desired.tuning, ..Self::default() }
    }

    /// The managed objects of a kind, by address.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = StandingObject<'a>> {
        self.objects.values().filter(move |object| object.address.kind() == kind).copied()
    }
}

impl<'a> StandingObject<'a> {
    /// The setting that manifests ask of a field, unless the object ignores it.
    #[must_use]
    pub fn setting(&self, field: Field) -> Option<&'a Setting> {
        if self.desired.ignored.contains(&field) {
            return None;
        }
        self.desired.fields.get(field).map(|field| &field.setting)
    }

    /// The values that a field may have once the plan is applied: one, or both bounds of an envelope; none where unknown.
    #[must_use]
    pub fn values(&self, path: &str) -> Vec<Value> {
        let Some(field) = Field::find(self.address.kind(), path) else { return Vec::new() };
        match self.setting(field) {
            Some(Setting::Between(envelope)) => {
                vec![Value::Number(envelope.low.clone()), Value::Number(envelope.high.clone())]
            }
            _ => self.value_of(field).cloned().into_iter().collect(),
        }
    }

    /// The one value of a field that has no envelope.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&'a Value> {
        self.value_of(Field::find(self.address.kind(), path)?)
    }

    /// The same, for a field that is already found.
    #[must_use]
    pub fn value_of(&self, field: Field) -> Option<&'a Value> {
        match self.setting(field) {
            Some(Setting::Value(value)) => Some(value),
            Some(Setting::Between(_)) => None,
            None => self.observed.and_then(|observed| observed.fields.get(field)),
        }
    }

    /// The elements of a field that is a list or a set; none where it is neither.
    #[must_use]
    pub fn items(&self, path: &str) -> &'a [Value] {
        self.value(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The place of a field, to report a finding at. `inside` is a JSON pointer into its value.
    #[must_use]
    pub fn spot(&self, path: &str, inside: impl Into<String>) -> Spot {
        self.spot_of(Field::find(self.address.kind(), path), inside)
    }

    /// The same, for a field that is already found.
    #[must_use]
    pub fn spot_of(&self, field: impl Into<Option<Field>>, inside: impl Into<String>) -> Spot {
        let field = field.into();
        let written = field.and_then(|field| self.desired.fields.get(field)).map(|field| field.source);
        Spot {
            address: self.address.clone(),
            field,
            inside: inside.into(),
            source: Some(written.unwrap_or(self.desired.source)),
        }
    }

    /// The place of the object as a whole.
    #[must_use]
    pub fn whole(&self) -> Spot {
        Spot { address: self.address.clone(), field: None, inside: String::new(), source: Some(self.desired.source) }
    }
}

/// A place that belongs to no field: an assignment entry, say.
#[must_use]
pub fn spot_at(address: Address, source: Source) -> Spot {
    Spot { address, field: None, inside: String::new(), source: Some(source) }
}
