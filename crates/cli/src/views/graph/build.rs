//! The trees, from what manifests ask for and what a plan would change.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Address, Desired, DesiredObject, DesktopEntry, Kind, Setting};
use cxform_plan::{Action, Change, Plan, render};
use serde_json::Value;

use super::{Graph, Node, Part};
use crate::views::nesting::{DEEPEST, depth};

/// Said of what a plan or a reference knows and no manifest lists.
const UNLISTED: &str = "not in the manifests";

/// The graph of what manifests ask for; `plan` marks what changes, and adds what is on the tenant alone.
pub fn build(desired: &Desired, plan: Option<&Plan>) -> Graph {
    let in_order = plan.map_or_else(Vec::new, render::in_order);
    let mut changes = Changes::new();
    for change in &in_order {
        changes.entry(change.address.clone()).or_default().push(change.action);
    }
    let parts = [
        Part { title: "Outcomes", nodes: codes(Kind::Outcome, desired, &changes) },
        Part { title: "Call codes", nodes: codes(Kind::CallCode, desired, &changes) },
        Part { title: "Campaigns and their desktops", nodes: campaigns(desired, &in_order, &changes) },
        Part { title: "Campaign groups", nodes: groups(desired) },
    ];
    Graph(parts.into_iter().filter(|part| !part.nodes.is_empty()).collect())
}

type Changes = BTreeMap<Address, Vec<Action>>;

fn codes(kind: Kind, desired: &Desired, changes: &Changes) -> Vec<Node> {
    let mut notes: BTreeMap<Address, Vec<String>> = BTreeMap::new();
    let mut above: BTreeMap<Address, Address> = BTreeMap::new();
    for (address, object) in desired.objects.iter().filter(|(address, _)| address.kind() == kind) {
        notes.insert(address.clone(), notes_of_code(object));
        let parent = address.parent_call_code().or_else(|| object.parent.as_ref().map(|parent| parent.value.clone()));
        above.extend(parent.map(|parent| (address.clone(), parent)));
    }
    for address in changes.keys().filter(|address| address.kind() == kind) {
        if !notes.contains_key(address) {
            above.extend(address.parent_call_code().map(|parent| (address.clone(), parent)));
            notes.insert(address.clone(), vec![UNLISTED.to_owned()]);
        }
    }
    let mut below: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (address, parent) in above.iter().filter(|(address, _)| depth(address, &above) <= DEEPEST) {
        below.entry(parent).or_default().push(address);
    }
    let hanging: BTreeSet<&Address> = below.values().flatten().copied().collect();
    let known: BTreeSet<&Address> = notes.keys().chain(below.keys().copied()).collect();
    let roots = known.difference(&hanging);
    let forest = Forest { notes: &notes, below: &below, changes };
    roots.map(|root| forest.grow(root)).collect()
}

struct Forest<'g> {
    notes: &'g BTreeMap<Address, Vec<String>>,
    below: &'g BTreeMap<&'g Address, Vec<&'g Address>>,
    changes: &'g Changes,
}

impl Forest<'_> {
    fn grow(&self, address: &Address) -> Node {
        let Self { notes, below, changes } = self;
        let below = below.get(address).map_or(&[][..], Vec::as_slice);
        let notes = notes.get(address).cloned().unwrap_or_else(|| vec![UNLISTED.to_owned()]);
        Node { below: below.iter().map(|child| self.grow(child)).collect(), ..node(address, notes, changes) }
    }
}

fn node(address: &Address, notes: Vec<String>, changes: &Changes) -> Node {
    let done = changes.get(address).cloned().unwrap_or_default();
    Node { address: Some(address.clone()), key: address.key().to_owned(), notes, changes: done, below: Vec::new() }
}

fn notes_of_code(object: &DesiredObject) -> Vec<String> {
    let retired = text_of(object, "status").filter(|status| *status != "ACTIVE").map(str::to_lowercase);
    text_of(object, "name").map(str::to_owned).into_iter().chain(retired).collect()
}

fn notes_of_campaign(object: &DesiredObject) -> Vec<String> {
    let mut notes: Vec<String> =
        ["type", "status"].iter().filter_map(|path| text_of(object, path)).map(str::to_owned).collect();
    if !object.declared {
        notes.push(UNLISTED.to_owned());
    }
    notes
}

fn text_of<'d>(object: &'d DesiredObject, path: &str) -> Option<&'d str> {
    object.fields.iter().find(|(field, _)| field.path() == path).and_then(|(_, field)| match &field.setting {
        Setting::Value(Value::String(text)) => Some(text.as_str()),
        _ => None,
    })
}

fn campaigns(desired: &Desired, in_order: &[&Change], changes: &Changes) -> Vec<Node> {
    let mut nodes: BTreeMap<Address, Node> = BTreeMap::new();
    for (address, object) in desired.objects.iter().filter(|(address, _)| address.kind() == Kind::Campaign) {
        nodes.insert(address.clone(), node(address, notes_of_campaign(object), changes));
    }
    let unlisted = |address: &Address| node(address, vec![UNLISTED.to_owned()], changes);
    for entry in &desired.desktops {
        for campaign in &entry.campaigns {
            let campaign = &campaign.value;
            let below = &mut nodes.entry(campaign.clone()).or_insert_with(|| unlisted(campaign)).below;
            for (outcome, notes) in outcomes(entry) {
                let address = Address::assignment(campaign.key(), outcome.key());
                if !below.iter().any(|there| there.address.as_ref() == Some(&address)) {
                    below.push(node(&address, notes, changes));
                }
            }
        }
    }
    for Change { address, .. } in in_order {
        let campaign = match address.kind() {
            Kind::Campaign => address.clone(),
            _ => match address.assignment_campaign() {
                Some(campaign) => campaign,
                None => continue,
            },
        };
        let above = nodes.entry(campaign.clone()).or_insert_with(|| unlisted(&campaign));
        if *address != campaign && !above.below.iter().any(|there| there.address.as_ref() == Some(address)) {
            above.below.push(node(address, Vec::new(), changes));
        }
    }
    nodes.into_values().collect()
}

fn groups(desired: &Desired) -> Vec<Node> {
    let mut nodes: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
    for entry in &desired.desktops {
        for group in &entry.groups {
            let below = nodes.entry(&group.value).or_default();
            for (outcome, notes) in outcomes(entry) {
                if !below.iter().any(|there| there.key == outcome.key()) {
                    let key = outcome.key().to_owned();
                    below.push(Node { address: None, key, notes, changes: Vec::new(), below: Vec::new() });
                }
            }
        }
    }
    let group = |(key, below): (&str, Vec<Node>)| Node {
        address: None,
        key: key.to_owned(),
        notes: Vec::new(),
        changes: Vec::new(),
        below,
    };
    nodes.into_iter().map(group).collect()
}

/// The outcomes of an entry in desktop order.
fn outcomes(entry: &DesktopEntry) -> impl Iterator<Item = (&Address, Vec<String>)> {
    let default = entry.default.as_ref().and_then(|default| default.value.as_ref());
    entry.outcomes.iter().map(move |outcome| {
        let is_default = default == Some(&outcome.value);
        (&outcome.value, if is_default { vec!["selected by default".to_owned()] } else { Vec::new() })
    })
}
