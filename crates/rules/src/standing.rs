//! Objects as they will stand: what the tenant holds, overlaid by what the manifests ask for.

use std::collections::BTreeMap;

use cxform_model::{Address, Desired, DesiredObject, Desktop, Field, ObservedObject, Setting, Source};
use serde_json::Value;

use crate::Spot;

/// The inventory that rules judge. Offline it holds desired objects alone; in a plan also what the tenant has.
#[derive(Debug, Default)]
pub struct Standing<'a> {
    /// The managed objects.
    pub objects: BTreeMap<&'a Address, StandingObject<'a>>,
    /// The joined desktops of the campaigns that entries reach, by campaign address.
    pub desktops: BTreeMap<Address, Desktop>,
    /// Whether it is known which desktops exist: offline, groups hide some.
    pub desktops_complete: bool,
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
    /// The desired objects alone, with no desktops: what is known offline before entries are joined.
    #[must_use]
    pub fn offline(desired: &'a Desired) -> Self {
        let objects = desired
            .objects
            .iter()
            .map(|(address, desired)| (address, StandingObject { address, desired, observed: None }))
            .collect();
        Self { objects, desktops: BTreeMap::new(), desktops_complete: false }
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
            Some(Setting::Value(value)) => vec![value.clone()],
            Some(Setting::Between(envelope)) => {
                vec![Value::Number(envelope.low.clone()), Value::Number(envelope.high.clone())]
            }
            None => self.observed.and_then(|observed| observed.fields.get(field)).cloned().into_iter().collect(),
        }
    }

    /// The one value of a field that has no envelope.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&'a Value> {
        let field = Field::find(self.address.kind(), path)?;
        match self.setting(field) {
            Some(Setting::Value(value)) => Some(value),
            Some(Setting::Between(_)) => None,
            None => self.observed.and_then(|observed| observed.fields.get(field)),
        }
    }

    /// The place of a field, to report a finding at. `inside` is a JSON pointer into its value.
    #[must_use]
    pub fn spot(&self, path: &str, inside: impl Into<String>) -> Spot {
        let field = Field::find(self.address.kind(), path);
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
