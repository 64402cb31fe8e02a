//! The changes of a plan in the places where the objects stand: codes below codes, outcomes on desktops.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Address, Kind};
use cxform_plan::render;
use cxform_plan::{Change, Plan};
use serde_json::Value;

use crate::views::nesting::{DEEPEST, depth};

/// The changes of one kind.
pub struct Section<'p> {
    /// A word for links.
    pub id: &'static str,
    /// How a person calls it.
    pub title: String,
    /// What stands at the root.
    pub branches: Vec<Branch<'p>>,
}

/// An object, and what hangs below it.
pub struct Branch<'p> {
    /// Its name in its place.
    pub name: String,
    /// What happens to it; `None` where only what is below it changes.
    pub change: Option<&'p Change>,
    /// What hangs below it.
    pub below: Vec<Branch<'p>>,
}

/// The sections that hold changes.
pub fn sections(plan: &Plan) -> Vec<Section<'_>> {
    let changes = render::in_order(plan);
    let of = |kind| changes.iter().copied().filter(move |change| change.address.kind() == kind);
    let sections = [
        ("outcomes", "Outcomes", codes(of(Kind::Outcome).collect())),
        ("callcodes", "Call codes", codes(of(Kind::CallCode).collect())),
        ("campaigns", "Campaigns and their desktops", campaigns(of(Kind::Campaign), of(Kind::Assignment))),
    ];
    let told = |(id, title, branches): (_, &str, Vec<_>)| Section { id, title: title.to_owned(), branches };
    sections.into_iter().filter(|(.., branches)| !branches.is_empty()).map(told).collect()
}

/// Codes below those above them. One that stays as it is gets a line of its own where something below it changes.
fn codes(changes: Vec<&Change>) -> Vec<Branch<'_>> {
    let above: BTreeMap<Address, Address> =
        changes.iter().filter_map(|change| Some((change.address.clone(), above(change)?))).collect();
    let mut below: BTreeMap<Address, Vec<&Change>> = BTreeMap::new();
    let mut roots: Vec<(Address, Option<&Change>)> = Vec::new();
    let changed: BTreeSet<&Address> = changes.iter().map(|change| &change.address).collect();
    for change in changes {
        let Some(parent) = above.get(&change.address).filter(|_| depth(&change.address, &above) <= DEEPEST) else {
            roots.push((change.address.clone(), Some(change)));
            continue;
        };
        if !changed.contains(parent) && !below.contains_key(parent) {
            roots.push((parent.clone(), None));
        }
        below.entry(parent.clone()).or_default().push(change);
    }
    roots.into_iter().map(|(address, change)| grow(whole(&address), &address, change, &below)).collect()
}

fn grow<'p>(
    name: String,
    address: &Address,
    change: Option<&'p Change>,
    below: &BTreeMap<Address, Vec<&'p Change>>,
) -> Branch<'p> {
    let children = below.get(address).map_or(&[][..], Vec::as_slice);
    let child = |child: &&'p Change| grow(child.address.key().to_owned(), &child.address, Some(child), below);
    Branch { name, change, below: children.iter().map(child).collect() }
}

/// The address without its kind, which the section tells.
fn whole(address: &Address) -> String {
    address.segments().join("/")
}

fn above(change: &Change) -> Option<Address> {
    match change.address.kind() {
        Kind::CallCode => change.address.parent_call_code(),
        _ => change.fields.iter().find(|field| field.path == "parent").and_then(|field| match &field.after {
            Value::String(code) => Some(Address::outcome(code.clone())),
            _ => None,
        }),
    }
}

/// Campaigns, each with what changes on its desktop. A campaign may change in two ways: its fields and its run state.
fn campaigns<'p>(
    campaigns: impl Iterator<Item = &'p Change>,
    assignments: impl Iterator<Item = &'p Change>,
) -> Vec<Branch<'p>> {
    let alone = |address: &Address, change| Branch { name: whole(address), change, below: Vec::new() };
    let (mut branches, mut places) = (Vec::new(), BTreeMap::new());
    for change in campaigns {
        places.entry(change.address.clone()).or_insert(branches.len());
        branches.push(alone(&change.address, Some(change)));
    }
    for change in assignments {
        let Some(campaign) = change.address.assignment_campaign() else { continue };
        let place = *places.entry(campaign).or_insert_with_key(|campaign| {
            branches.push(alone(campaign, None));
            branches.len() - 1
        });
        let name = change.address.key().to_owned();
        branches[place].below.push(Branch { name, change: Some(change), below: Vec::new() });
    }
    branches
}
