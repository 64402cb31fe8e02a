//! What the manifests ask for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Number, Value};

use crate::{Address, Field, Fields, Files, Source, Sourced, TuningPolicy, canonical_field, same};

/// Everything that one environment's manifests ask for. Nothing in here is a remote id of a managed object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Desired {
    /// The files that the places below speak of.
    pub files: Files,
    /// The outcomes, call codes, campaigns and webhook subscriptions that manifests name.
    pub objects: BTreeMap<Address, DesiredObject>,
    /// The sets of objects that are wholly ours: what hangs there and is not listed gets retired.
    pub authorities: Vec<Authority>,
    /// Who wants which outcomes on which desktops, in the order of file and document.
    pub desktops: Vec<DesktopEntry>,
    /// How campaigns may be tuned while they dial. No plan follows from it.
    pub tuning: Vec<TuningPolicy>,
}

/// One object and the fields of it that manifests name. A field that is absent here is not managed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredObject {
    /// What it was called before: an object found only under this key is renamed or moved in place.
    pub previous: Vec<Sourced<Address>>,
    /// The outcome above it; `None` is a root. Call codes carry theirs in the address.
    pub parent: Option<Sourced<Address>>,
    /// The managed fields.
    pub fields: Fields<DesiredField>,
    /// Whether a manifest declares the object itself. Selection rules may name a campaign that only lives on the tenant.
    pub declared: bool,
    /// `cxform/protect`: never retire or complete it.
    pub protected: bool,
    /// `applyPolicy: pause`, and where it is written: a campaign that dials stands still while fields that need it change.
    pub pause: Option<Source>,
    /// `cxform/ignore`: fields left alone even when a manifest or a default names them.
    pub ignored: BTreeSet<Field>,
    /// Where the object is written.
    pub source: Source,
}

/// A desired setting with the place that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredField {
    /// What is asked for.
    pub setting: Setting,
    /// Where.
    pub source: Source,
}

/// What a manifest asks of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Exactly this; null clears the field.
    Value(Value),
    /// Any number within an envelope.
    Between(Envelope),
}

/// Bounds, both included, within which a live value is in sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The lower bound.
    pub low: Number,
    /// The upper bound.
    pub high: Number,
    /// What a new object starts with.
    pub initial: Number,
}

impl Setting {
    /// Whether an observed value satisfies the setting.
    #[must_use]
    pub fn satisfied_by(&self, field: Field, observed: Option<&Value>) -> bool {
        match self {
            Self::Value(wanted) => same(field, Some(wanted), observed),
            Self::Between(envelope) => canonical_field(field, observed)
                .as_f64()
                .is_some_and(|value| number(&envelope.low) <= value && value <= number(&envelope.high)),
        }
    }

    /// The value to write where `observed` does not satisfy the setting: an envelope takes the nearer bound,
    /// or its initial value where there is no number yet.
    #[must_use]
    pub fn target(&self, field: Field, observed: Option<&Value>) -> Value {
        match self {
            Self::Value(wanted) => wanted.clone(),
            Self::Between(envelope) => {
                let bound = match canonical_field(field, observed).as_f64() {
                    Some(value) if value < number(&envelope.low) => &envelope.low,
                    Some(value) if value > number(&envelope.high) => &envelope.high,
                    Some(_) => return observed.cloned().unwrap_or_default(),
                    None => &envelope.initial,
                };
                Value::Number(bound.clone())
            }
        }
    }
}

fn number(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

/// A set of objects that is wholly ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// What is ours.
    pub scope: AuthorityScope,
    /// The name of the document that claims it.
    pub owner: String,
    /// Where it is claimed.
    pub source: Source,
}

/// What an authority covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorityScope {
    /// Every outcome below these roots.
    Subtree(Vec<Address>),
    /// Every call code of this category.
    Category(String),
}

/// One entry under `assignments`: some outcomes on some desktops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesktopEntry {
    /// Campaigns named one by one.
    pub campaigns: Vec<Sourced<Address>>,
    /// Campaign groups by id or name; their members are known to the tenant alone.
    pub groups: Vec<Sourced<String>>,
    /// The outcomes in desktop order, the active leaves of the tree where the entry lists none.
    pub outcomes: Vec<Sourced<Address>>,
    /// The outcome that the desktop selects; the inner `None` clears it, the outer leaves it alone.
    pub default: Option<Sourced<Option<Address>>>,
    /// Whether every other outcome is taken off these desktops.
    pub exclusive: bool,
    /// Outcomes to take off.
    pub unassigned: Vec<Sourced<Address>>,
    /// Where the entry is written.
    pub source: Source,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_silent_tenant_stands_at_the_documented_default_of_an_envelope() {
        let field = Field::find(Kind::Outcome, "validationRules.retentionPeriodDays").unwrap();
        let between = |low: u64, high: u64| {
            Setting::Between(Envelope { low: low.into(), high: high.into(), initial: low.into() })
        };
        assert!(between(300, 400).satisfied_by(field, None), "365 is the default");
        assert!(!between(10, 20).satisfied_by(field, None));
        assert_eq!(between(10, 20).target(field, None), Value::from(20));
    }
}
