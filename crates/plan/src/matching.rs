//! Which observed object is which managed one: by key, or by a previous key where that is a rename.

use std::collections::{HashMap, HashSet};

use cxform_model::{Address, Desired, DesiredObject, Kind, ObservedObject, RemoteId, Sourced};

use crate::index::Index;
use crate::refusal::{Problem, code};

/// The managed objects that live on the tenant.
#[derive(Default)]
pub(crate) struct Matches<'a> {
    found: HashMap<&'a Address, Found<'a>>,
    owners: HashMap<(Kind, &'a RemoteId), &'a Address>,
}

/// A managed object as the tenant has it.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) object: &'a ObservedObject,
    /// The previous key that it was found under.
    pub(crate) renamed: Option<&'a Sourced<Address>>,
}

impl<'a> Matches<'a> {
    pub(crate) fn found(&self, address: &Address) -> Option<Found<'a>> {
        self.found.get(address).copied()
    }

    /// The address of the managed object that this one is.
    pub(crate) fn owner(&self, object: &ObservedObject) -> Option<&'a Address> {
        self.owners.get(&(object.kind, &object.id)).copied()
    }

    pub(crate) fn of(desired: &'a Desired, index: &Index<'a>, problems: &mut Vec<Problem>) -> Self {
        let mut matches = Self::default();
        let renames = renames(desired, index, problems);
        // In the order of addresses a call code comes after the one above it, whose id its own key needs.
        for (address, object) in &desired.objects {
            let renamed = renames.get(address).copied();
            let candidates = match renamed {
                Some(previous) => index.at(&previous.value),
                None => matches.under_own_key(address, desired, index),
            };
            match candidates {
                [] => problems.extend(astray(address, object, index)),
                [one] => {
                    if let Some(other) = matches.owners.insert((one.kind, &one.id), address) {
                        problems.push(claimed_twice(desired, address, other, one));
                    }
                    matches.found.insert(address, Found { object: one, renamed });
                }
                [first, .., last] => problems.push(
                    Problem::new(
                        code::AMBIGUOUS,
                        format!("two objects stand under this key: ids `{}` and `{}`", first.id, last.id),
                    )
                    .of(address)
                    .at(object.source)
                    .hint("rename or retire one of them on the tenant"),
                ),
            }
        }
        matches
    }

    fn under_own_key<'i>(
        &self,
        address: &Address,
        desired: &Desired,
        index: &'i Index<'a>,
    ) -> &'i [&'a ObservedObject] {
        match address.parent_call_code() {
            // Children follow a call code that is renamed: their place is below the object, not below its old path.
            Some(parent) if desired.objects.contains_key(&parent) => {
                self.found(&parent).map_or(&[], |parent| index.call_codes_below(Some(&parent.object.id), address.key()))
            }
            _ => index.at(address),
        }
    }
}

/// An object that is missing from its place may be one of those whose place is unknown; a twin would be worse than asking.
fn astray(address: &Address, object: &DesiredObject, index: &Index<'_>) -> Option<Problem> {
    if address.kind() != Kind::CallCode {
        return None;
    }
    let ids: Vec<_> = index.astray_call_codes(address.key()).map(|object| format!("`{}`", object.id)).collect();
    (!ids.is_empty()).then(|| {
        Problem::new(
            code::TREE,
            format!("the tenant has this code where no root leads to it, so it may be this one: id {}", ids.join(", ")),
        )
        .of(address)
        .at(object.source)
        .hint("give it an existing parent on the tenant, or retire it there")
    })
}

fn claimed_twice(desired: &Desired, address: &Address, other: &Address, object: &ObservedObject) -> Problem {
    let mut problem =
        Problem::new(code::RENAME, format!("`{other}` is the same object on the tenant, id `{}`", object.id))
            .of(address);
    for claimant in [address, other] {
        if let Some(object) = desired.objects.get(claimant) {
            problem = problem.and_at(object.source, format!("`{claimant}`"));
        }
    }
    problem
}

/// The managed objects that are found under a previous key.
///
/// Only a key that nobody lists any more can start a rename. What stands under the new key must be renamed away
/// by another object in turn, and so on until a key that is free; else the two are twins, and a person must decide.
fn renames<'a>(
    desired: &'a Desired,
    index: &Index<'a>,
    problems: &mut Vec<Problem>,
) -> HashMap<&'a Address, &'a Sourced<Address>> {
    let successors = successors(desired, problems);
    let swapped = swaps(desired, &successors, problems);
    let mut renames = HashMap::new();
    for (address, object) in &desired.objects {
        if object.previous.is_empty() || swapped.contains(address) {
            continue;
        }
        let old: Vec<_> = object
            .previous
            .iter()
            .filter(|previous| !desired.objects.contains_key(&previous.value) && !index.at(&previous.value).is_empty())
            .collect();
        match old.as_slice() {
            [] => {}
            [previous] => match chain(address, previous, &successors, &swapped, index) {
                Some(chain) => renames.extend(chain),
                None => problems.push(twins(address, object, previous, index)),
            },
            [first, .., last] => problems.push(
                Problem::new(
                    code::RENAME,
                    format!(
                        "both `{}` and `{}` are on the tenant, and only one can become this",
                        first.value, last.value
                    ),
                )
                .of(address)
                .at(first.source)
                .and_at(last.source, "the other one"),
            ),
        }
    }
    renames
}

type Successors<'a> = HashMap<&'a Address, (&'a Address, &'a Sourced<Address>)>;

/// Who was called so before, by that name.
fn successors<'a>(desired: &'a Desired, problems: &mut Vec<Problem>) -> Successors<'a> {
    let mut successors: Successors<'a> = HashMap::new();
    for (address, object) in &desired.objects {
        for previous in &object.previous {
            if let Some((other, earlier)) = successors.insert(&previous.value, (address, previous)) {
                problems.push(
                    Problem::new(code::RENAME, format!("`{}` was `{other}` before, too", previous.value))
                        .of(address)
                        .at(previous.source)
                        .and_at(earlier.source, format!("`{other}`")),
                );
            }
        }
    }
    successors
}

/// Objects that take each other's keys: before and after look the same, so nobody could tell whether it is done.
fn swaps<'a>(desired: &Desired, successors: &Successors<'a>, problems: &mut Vec<Problem>) -> HashSet<&'a Address> {
    let mut swapped = HashSet::new();
    let mut seen = HashSet::new();
    let mut starts: Vec<&'a Address> = successors.values().map(|(address, _)| *address).collect();
    starts.sort_unstable();
    for start in starts {
        let mut path = Vec::new();
        let mut at = start;
        while seen.insert(at) {
            path.push(at);
            match successors.get(at) {
                Some((next, _)) => at = next,
                None => break,
            }
        }
        let back = path.iter().position(|address| *address == at && successors.contains_key(at));
        let circle = back.map_or(&[][..], |first| &path[first..]);
        if circle.len() < 2 {
            continue;
        }
        let names: Vec<_> = circle.iter().map(|address| format!("`{address}`")).collect();
        let mut problem = Problem::new(code::RENAME, format!("{} take each other's keys", names.join(", ")))
            .hint("rename in two runs, over a key that is free");
        for address in circle {
            swapped.insert(*address);
            if let Some(object) = desired.objects.get(address) {
                problem.address.get_or_insert_with(|| (*address).clone());
                problem = problem.and_at(object.source, format!("`{address}`"));
            }
        }
        problems.push(problem);
    }
    swapped
}

/// The renames that free the key of `address` and then take it; `None` where the key stays taken.
fn chain<'a>(
    address: &'a Address,
    previous: &'a Sourced<Address>,
    successors: &Successors<'a>,
    swapped: &HashSet<&'a Address>,
    index: &Index<'a>,
) -> Option<Vec<(&'a Address, &'a Sourced<Address>)>> {
    let mut chain = vec![(address, previous)];
    let mut key = address;
    while !index.at(key).is_empty() {
        let (next, previous) = *successors.get(key)?;
        if swapped.contains(next) || next == key {
            return None;
        }
        chain.push((next, previous));
        key = next;
    }
    Some(chain)
}

fn twins(address: &Address, object: &DesiredObject, previous: &Sourced<Address>, index: &Index<'_>) -> Problem {
    let id = |address| index.at(address).first().map_or_else(String::new, |object| object.id.0.clone());
    Problem::new(
        code::RENAME,
        format!(
            "both the new and the previous key are on the tenant: `{address}` is id `{}`, `{}` is id `{}`",
            id(address),
            previous.value,
            id(&previous.value)
        ),
    )
    .of(address)
    .at(previous.source)
    .and_at(object.source, "the new key")
    .hint("drop the previous key from the manifest, and retire the object that is not needed")
}
