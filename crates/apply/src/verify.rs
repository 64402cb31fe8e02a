//! Whether the tenant did what it accepted. A difference in form alone is none.

use cxform_model::{Kind, ObservedAssignment};
pub(crate) use cxform_plan::base_of as paths_of;
use cxform_plan::{Step, base_of_assignment};
use serde_json::Value;

use crate::conflict::{Paths, same_at};
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

/// An assignment's fields by path; nothing where there is none.
pub(crate) fn paths_of_assignment(assignment: Option<&ObservedAssignment>) -> Paths {
    assignment.map(base_of_assignment).unwrap_or_default()
}
