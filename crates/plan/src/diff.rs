//! Field by field: what a manifest asks for against what the tenant has.

use cxform_model::{DesiredObject, Field, Fields, ObservedObject, Ownership, Setting, Shape, canonical_field, same};
use serde_json::Value;

use crate::FieldChange;
use crate::direction::Direction;
use crate::inputs::Inputs;

use crate::draft::DraftStep;

/// One field that has to be written.
#[derive(Debug, Clone)]
pub(crate) struct Difference<'a> {
    pub(crate) field: Field,
    pub(crate) before: Option<&'a Value>,
    pub(crate) after: Value,
    pub(crate) source: cxform_model::Source,
    /// The bounds, where the manifest leaves room.
    pub(crate) envelope: Option<String>,
}

/// The managed fields that the tenant has otherwise.
pub(crate) fn differences<'a>(desired: &DesiredObject, observed: &'a ObservedObject) -> Vec<Difference<'a>> {
    desired
        .fields
        .iter()
        .filter(|(field, _)| field.policy().ownership == Ownership::Managed && !desired.ignored.contains(field))
        .filter_map(|(field, wanted)| {
            let before = observed.fields.get(field);
            (!wanted.setting.satisfied_by(field, before)).then(|| Difference {
                field,
                before,
                after: spelt(field, wanted.setting.target(field, before)),
                source: wanted.source,
                envelope: envelope(&wanted.setting),
            })
        })
        .collect()
}

/// The fields that a new object has to be given: those that differ from what the tenant would make of nothing.
pub(crate) fn initial(desired: &DesiredObject) -> Vec<Difference<'static>> {
    desired
        .fields
        .iter()
        .filter(|(field, _)| field.policy().ownership == Ownership::Managed)
        .filter(|(field, _)| field.policy().required || !desired.ignored.contains(field))
        .filter_map(|(field, wanted)| {
            let after = match &wanted.setting {
                Setting::Value(value) => spelt(field, value.clone()),
                Setting::Between(envelope) => Value::Number(envelope.initial.clone()),
            };
            (!same(field, Some(&after), None)).then(|| Difference {
                field,
                before: None,
                after,
                source: wanted.source,
                envelope: envelope(&wanted.setting),
            })
        })
        .collect()
}

/// A word of a closed vocabulary is sent as the API spells it.
fn spelt(field: Field, value: Value) -> Value {
    match field.policy().shape {
        Shape::Choice(_) if !value.is_null() => canonical_field(field, Some(&value)),
        _ => value,
    }
}

fn envelope(setting: &Setting) -> Option<String> {
    match setting {
        Setting::Value(_) => None,
        Setting::Between(envelope) => Some(format!("{}..{}", envelope.low, envelope.high)),
    }
}

impl Difference<'_> {
    pub(crate) fn change(&self, inputs: &Inputs<'_>) -> FieldChange {
        FieldChange::of(
            self.field,
            self.before.cloned().unwrap_or_default(),
            self.after.clone(),
            Some(inputs.place(self.source)),
        )
    }

    pub(crate) fn direction(&self) -> Direction {
        Direction::of(self.field, self.before, Some(&self.after))
    }

    /// Why, where an envelope is the reason.
    pub(crate) fn why(&self) -> Option<String> {
        let bounds = self.envelope.as_ref()?;
        Some(match self.before {
            Some(_) => format!("`{}` lies outside {bounds}", self.field),
            None => format!("`{}` starts within {bounds}", self.field),
        })
    }
}

/// The values of some differences, as a write takes them.
pub(crate) fn values<'d>(differences: impl IntoIterator<Item = &'d Difference<'d>>) -> Fields<Value> {
    differences.into_iter().map(|difference| (difference.field, difference.after.clone())).collect()
}

/// Tells a step where its fields are asked for, and which way they go.
pub(crate) fn describe<'d>(
    step: &mut DraftStep,
    differences: impl IntoIterator<Item = &'d Difference<'d>>,
    on_tenant: bool,
    inputs: &Inputs<'_>,
) {
    for difference in differences {
        step.places.insert(difference.field.path().to_owned(), inputs.place(difference.source));
        if on_tenant {
            step.direction = step.direction.and(difference.direction());
        }
    }
}
