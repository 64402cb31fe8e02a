//! An object as a base holds it: every known field by path, with its key and its place in the tree.

use std::collections::BTreeMap;

use cxform_model::{Field, Fields, Kind, ObservedAssignment, ObservedObject, Ownership, RemoteId, Version};
use serde_json::Value;

/// The path under which a base holds the id of the object above.
pub(crate) const PARENT: &str = "parent";
pub(crate) const SEQUENCE: &str = "sequence";
pub(crate) const DEFAULT: &str = "defaultSelection";

/// An object's fields by path, its key and its place in the tree included.
#[must_use]
pub fn base_of(object: &ObservedObject) -> BTreeMap<String, Value> {
    let ObservedObject { kind, id: _, key, parent, version: _, fields } = object;
    let mut paths = fields.to_paths();
    if let Some(identity) = Field::identity(*kind) {
        paths.insert(identity.path().to_owned(), Value::String(key.clone()));
    }
    if kind.is_tree() {
        let parent = parent.as_ref().map_or(Value::Null, |id| Value::String(id.0.clone()));
        paths.insert(PARENT.to_owned(), parent);
    }
    paths
}

/// An assignment's fields by path.
#[must_use]
pub fn base_of_assignment(assignment: &ObservedAssignment) -> BTreeMap<String, Value> {
    let ObservedAssignment { outcome: _, sequence, default } = assignment;
    BTreeMap::from([
        (SEQUENCE.to_owned(), sequence.map_or(Value::Null, Value::from)),
        (DEFAULT.to_owned(), Value::Bool(*default)),
    ])
}

/// The object that a base shows. Paths that no table knows are left out.
#[must_use]
pub fn observed_from(
    kind: Kind,
    id: RemoteId,
    version: Option<Version>,
    base: &BTreeMap<String, Value>,
) -> ObservedObject {
    let text = |path: &str| base.get(path).and_then(Value::as_str);
    let key = Field::identity(kind).and_then(|field| text(field.path())).unwrap_or_default().to_owned();
    let parent = text(PARENT).map(|id| RemoteId(id.to_owned()));
    let fields: Fields<Value> = base
        .iter()
        .filter_map(|(path, value)| Some((Field::find(kind, path)?, value.clone())))
        .filter(|(field, value)| field.policy().ownership != Ownership::Identity && !value.is_null())
        .collect();
    ObservedObject { kind, id, key, parent, version, fields }
}

/// The assignment that a base shows.
pub(crate) fn assignment_from(outcome: RemoteId, base: &BTreeMap<String, Value>) -> ObservedAssignment {
    ObservedAssignment {
        outcome,
        sequence: base.get(SEQUENCE).and_then(Value::as_u64),
        default: base.get(DEFAULT).and_then(Value::as_bool).unwrap_or_default(),
    }
}
