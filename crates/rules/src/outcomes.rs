//! What agents see of an outcome once the plan is applied.

use cxform_model::{DesktopEntry, Field, Kind, Source, canonical_field};
use serde_json::Value;

use crate::{Standing, StandingObject};

/// The fields that decide it, found once for many outcomes.
pub(crate) struct Sight {
    status: Field,
    visible: Field,
}

impl Sight {
    pub(crate) fn new() -> Option<Self> {
        let field = |path| Field::find(Kind::Outcome, path);
        Some(Self { status: field("status")?, visible: field("uiConfig.visible")? })
    }

    /// A listed outcome is active unless something says otherwise.
    pub(crate) fn is_active(&self, outcome: StandingObject<'_>) -> bool {
        !matches!(outcome.value_of(self.status), Some(Value::String(status)) if status.trim().eq_ignore_ascii_case("INACTIVE"))
    }

    /// An outcome is visible unless something says otherwise.
    pub(crate) fn is_visible(&self, outcome: StandingObject<'_>) -> bool {
        match outcome.value_of(self.visible) {
            None => true,
            value => canonical_field(self.visible, value) != Value::Bool(false),
        }
    }
}

/// Every managed outcome that an entry wants on a desktop or selects there, once for each place that says so.
pub(crate) fn wanted<'s>(standing: &'s Standing<'_>) -> impl Iterator<Item = (Source, StandingObject<'s>)> {
    let named = |entry: &'s DesktopEntry| {
        let default = entry.default.iter().filter_map(|default| Some((default.source, default.value.as_ref()?)));
        let unlisted = default.filter(|(_, outcome)| entry.outcomes.iter().all(|listed| listed.value != **outcome));
        entry.outcomes.iter().map(|outcome| (outcome.source, &outcome.value)).chain(unlisted)
    };
    standing
        .entries
        .iter()
        .flat_map(named)
        .filter_map(|(place, outcome)| Some((place, *standing.objects.get(outcome)?)))
}
