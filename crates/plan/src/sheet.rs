//! What one side says, object by object and field by field, in words that mean the same on every tenant: codes and names
//! instead of ids. Two sides are compared without asking which one is right.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Address, Desired, DesktopEntry, Field, Kind, Observed, ObservedAssignment, Setting, same};
use serde_json::{Value, json};

use crate::base::{PARENT, base_of};
use crate::index::Index;

/// The path of what a desktop shows, in order.
const DESKTOP: &str = "desktop";
/// The path of what a desktop selects.
const SELECTED: &str = "desktop.default";

/// The values of each object by path. What is not in here is not managed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet(BTreeMap<String, BTreeMap<String, Value>>);

/// One difference between two sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The object's address; of a desktop that only a group names, `group/NAME`.
    pub address: String,
    /// The field; `None` where one side lacks the whole object.
    pub path: Option<String>,
    /// What the first side says; `None` where it says nothing.
    pub from: Option<Value>,
    /// What the second side says.
    pub to: Option<Value>,
}

impl Sheet {
    /// What manifests ask for.
    #[must_use]
    pub fn asked(desired: &Desired) -> Self {
        let mut sheet = Self::default();
        for (address, object) in &desired.objects {
            let values = sheet.0.entry(address.to_string()).or_default();
            for (field, wanted) in object.fields.iter().filter(|(field, _)| !object.ignored.contains(field)) {
                let value = match &wanted.setting {
                    Setting::Value(value) => value.clone(),
                    Setting::Between(envelope) => json!({ "between": [envelope.low, envelope.high] }),
                };
                values.insert(field.path().to_owned(), value);
            }
            if address.kind() == Kind::Outcome && object.declared {
                let parent = object.parent.as_ref().map(|parent| parent.value.key().to_owned());
                values.insert(PARENT.to_owned(), parent.into());
            }
        }
        for entry in &desired.desktops {
            let campaigns = entry.campaigns.iter().map(|campaign| campaign.value.to_string());
            let groups = entry.groups.iter().map(|group| format!("group/{}", group.value));
            for shown in campaigns.chain(groups) {
                show(sheet.0.entry(shown).or_default(), entry);
            }
        }
        sheet
    }

    /// What a tenant holds of everything that these sheets speak of.
    #[must_use]
    pub fn held(observed: &Observed, of: [&Self; 2]) -> Self {
        let index = Index::of(observed);
        let mut wanted: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
        for (address, values) in of.into_iter().flat_map(|sheet| &sheet.0) {
            wanted.entry(address).or_default().extend(values.keys());
        }
        let mut sheet = Self::default();
        for (text, paths) in wanted {
            let found = text.parse::<Address>().ok().and_then(|address| index.at(&address).first().copied());
            let Some(object) = found else { continue };
            let mut base = base_of(object);
            let above = object.parent.as_ref().and_then(|id| index.id(object.kind, id));
            base.insert(PARENT.to_owned(), above.map(|above| above.key.trim()).into());
            if let Some(desktop) = observed.desktops.get(&object.id) {
                let (shown, selected) = seats(desktop, &index);
                base.extend([(DESKTOP.to_owned(), shown), (SELECTED.to_owned(), selected)]);
            }
            let values = paths.into_iter().map(|path| (path.clone(), base.get(path).cloned().unwrap_or_default()));
            sheet.0.insert(text.clone(), values.collect());
        }
        sheet
    }

    /// How many objects it speaks of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it speaks of nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where another side says something else, by address and path.
    #[must_use]
    pub fn differences(&self, to: &Self) -> Vec<Difference> {
        let addresses: BTreeSet<&String> = self.0.keys().chain(to.0.keys()).collect();
        let mut differences = Vec::new();
        for address in addresses {
            match (self.0.get(address), to.0.get(address)) {
                (Some(from), Some(to)) => differences.extend(fields(address, from, to)),
                (from, to) => {
                    let whole = |values: Option<&BTreeMap<String, Value>>| values.map(|values| json!(values));
                    let (from, to) = (whole(from), whole(to));
                    differences.push(Difference { address: address.clone(), path: None, from, to });
                }
            }
        }
        differences
    }
}

fn fields(address: &str, from: &BTreeMap<String, Value>, to: &BTreeMap<String, Value>) -> Vec<Difference> {
    let kind = address.parse::<Address>().ok().map(|address| address.kind());
    let paths: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let differs = |path: &String| match (from.get(path), to.get(path)) {
        (Some(from), Some(to)) => match kind.and_then(|kind| Field::find(kind, path)) {
            Some(field) => !same(field, Some(from), Some(to)),
            None => from != to,
        },
        _ => true,
    };
    let paths = paths.into_iter().filter(|path| differs(path));
    let told = paths.map(|path| Difference {
        address: address.to_owned(),
        path: Some(path.clone()),
        from: from.get(path).cloned(),
        to: to.get(path).cloned(),
    });
    told.collect()
}

/// Adds what an entry shows to a desktop.
fn show(values: &mut BTreeMap<String, Value>, entry: &DesktopEntry) {
    let shown = values.entry(DESKTOP.to_owned()).or_insert_with(|| json!([]));
    if let Value::Array(shown) = shown {
        for outcome in &entry.outcomes {
            let code = Value::from(outcome.value.key());
            if !shown.contains(&code) {
                shown.push(code);
            }
        }
    }
    if let Some(default) = &entry.default {
        values.insert(SELECTED.to_owned(), default.value.as_ref().map(Address::key).into());
    }
}

fn seats(desktop: &[ObservedAssignment], index: &Index<'_>) -> (Value, Value) {
    let mut seats: Vec<_> = desktop.iter().collect();
    seats.sort_by_key(|seat| seat.sequence.unwrap_or(u64::MAX));
    let code = |seat: &ObservedAssignment| {
        index
            .id(Kind::Outcome, &seat.outcome)
            .map_or_else(|| seat.outcome.0.clone(), |outcome| outcome.key.trim().to_owned())
    };
    let selected = seats.iter().find(|seat| seat.default).map(|seat| code(seat));
    (seats.iter().map(|seat| code(seat)).collect(), selected.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tests::fixture;

    fn staging() -> Desired {
        fixture::desired(&json!({
            "outcomes": [{"code": "A"}, {"code": "B", "parent": "A", "name": "Bee"}, {"code": "OLD"}],
            "campaigns": [{"name": "q1", "type": "preview"}],
            "desktops": [{"campaigns": ["q1"], "outcomes": ["B", "A"], "default": "B"}],
        }))
    }

    #[test]
    fn a_side_does_not_differ_from_itself() {
        let sheet = Sheet::asked(&staging());
        assert!(!sheet.is_empty() && sheet.differences(&sheet).is_empty());
    }

    #[test]
    fn the_other_way_round_the_same_is_told() {
        let (from, to) = (Sheet::asked(&staging()), Sheet::asked(&Desired::default()));
        let turned = |one: Difference| Difference { from: one.to, to: one.from, ..one };
        let back: Vec<_> = to.differences(&from).into_iter().map(turned).collect();
        assert_eq!(from.differences(&to), back);
        assert_eq!(from.differences(&to).len(), from.len());
    }

    #[test]
    fn fields_places_and_desktops_are_compared() {
        let prod = fixture::desired(&json!({
            "outcomes": [{"code": "A"}, {"code": "B", "name": "Be"}, {"code": "NEW"}],
            "campaigns": [{"name": "q1", "type": "PREVIEW"}],
            "desktops": [{"campaigns": ["q1"], "outcomes": ["A", "B"], "default": "B"}],
        }));
        let found = Sheet::asked(&staging()).differences(&Sheet::asked(&prod));
        let said = found.iter().map(|one| format!("{} {}", one.address, one.path.as_deref().unwrap_or("-")));
        assert_eq!(
            said.collect::<Vec<_>>(),
            ["campaign/q1 desktop", "outcome/B name", "outcome/B parent", "outcome/NEW -", "outcome/OLD -"]
        );
    }

    #[test]
    fn tenants_are_compared_by_codes_and_names_and_only_where_somebody_manages() {
        let tenant = |prefix: &str, name: &str| {
            fixture::observed(&json!({
                "outcomes": [{"id": format!("{prefix}1"), "code": "A"},
                             {"id": format!("{prefix}2"), "code": "B", "parent": format!("{prefix}1"), "name": name},
                             {"id": format!("{prefix}3"), "code": "FOREIGN", "name": prefix}],
            }))
        };
        let asked = Sheet::asked(&staging());
        let held = |tenant| Sheet::held(&tenant, [&asked, &asked]);
        assert_eq!(held(tenant("x", "Bee")).differences(&held(tenant("y", "Bee"))), []);
        let found = held(tenant("x", "Bee")).differences(&held(tenant("y", "Bay")));
        assert_eq!(found.iter().map(|one| one.path.as_deref()).collect::<Vec<_>>(), [Some("name")]);
    }
}
