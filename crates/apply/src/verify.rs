//! Whether the tenant did what it accepted. A difference in form alone is none.

use cxform_model::{Field, Kind, ObservedAssignment, ObservedObject, Ownership};
use cxform_plan::Step;
use serde_json::Value;

use crate::conflict::{PARENT, Paths, same_at};
use crate::places::place_of;
use crate::{Failure, FailureCause, FieldFailure};

/// The paths among `asked` at which `found` means something else.
pub(crate) fn not_as_asked(kind: Kind, asked: &Paths, found: &Paths) -> Vec<String> {
    let differs = |(path, value): &(&String, &Value)| !same_at(kind, path, Some(value), found.get(*path));
    asked.iter().filter(differs).map(|(path, _)| path.clone()).collect()
}

/// The failure of a step that the tenant accepted without applying it.
pub(crate) fn accepted_but_not_applied(step: &Step, asked: &Paths, found: &Paths, paths: &[String]) -> Failure {
    let value = |side: &Paths, path: &str| side.get(path).unwrap_or(&Value::Null).to_string();
    let names: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
    let mut failure = Failure::new(
        FailureCause::NotApplied,
        format!("the tenant accepted the write but did not apply {}", names.join(", ")),
    );
    failure.fields = paths
        .iter()
        .map(|path| FieldFailure {
            field: path.clone(),
            message: format!("asked for {}, the tenant has {}", value(asked, path), value(found, path)),
            source: place_of(&step.places, path).map(|(_, place)| place.clone()),
        })
        .collect();
    failure
}

/// An object's fields by path, its key and its place in the tree included.
pub(crate) fn paths_of(object: &ObservedObject) -> Paths {
    let ObservedObject { kind, id: _, key, parent, version: _, fields } = object;
    let mut paths = fields.to_paths();
    if let Some(identity) = Field::all(*kind).find(|field| field.policy().ownership == Ownership::Identity) {
        paths.insert(identity.path().to_owned(), Value::String(key.clone()));
    }
    if matches!(kind, Kind::Outcome | Kind::CallCode) {
        let parent = parent.as_ref().map_or(Value::Null, |id| Value::String(id.0.clone()));
        paths.insert(PARENT.to_owned(), parent);
    }
    paths
}

/// An assignment's fields by path; nothing where there is none.
pub(crate) fn paths_of_assignment(assignment: Option<&ObservedAssignment>) -> Paths {
    let Some(ObservedAssignment { outcome: _, sequence, default }) = assignment else { return Paths::new() };
    Paths::from([
        ("sequence".to_owned(), sequence.map_or(Value::Null, Value::from)),
        ("defaultSelection".to_owned(), Value::Bool(*default)),
    ])
}
