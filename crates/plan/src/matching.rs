//! Which observed object is which managed one: by key, or by a previous key where that is a rename.

use cxform_model::{Address, Desired, DesiredObject, Kind, ObservedObject, RemoteId, Sourced};
use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

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

    /// What a previous path of a call code means depends on where the codes above it are found, so that is asked again
    /// until nothing new is found.
    pub(crate) fn of(desired: &'a Desired, index: &Index<'a>, problems: &mut Vec<Problem>) -> Self {
        let mut matches = Self::default();
        let mut told = Vec::new();
        for _ in 0..ROUNDS {
            told.clear();
            let next = matches.round(desired, index, &mut told);
            let settled = next.owners == matches.owners;
            matches = next;
            if settled || !renames_below(desired) {
                break;
            }
        }
        problems.append(&mut told);
        matches
    }

    /// Matches everything, by what an earlier round found out about the parents.
    fn round(&self, desired: &'a Desired, index: &Index<'a>, problems: &mut Vec<Problem>) -> Self {
        let mut matches = Self::default();
        let renames = Keys::of(desired, index, self, problems).renames(problems);
        // In the order of addresses a call code comes after the one above it, whose id its own key needs.
        for (address, object) in &desired.objects {
            let (candidates, renamed) = match renames.get(address) {
                Some((found, previous)) => (*found, Some(*previous)),
                None => (matches.standing(address, desired, index), None),
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
                    .hint("rename one of them on the tenant"),
                ),
            }
        }
        matches
    }

    /// What stands under a key on the tenant, once everything above has the key that the manifests give it: the place
    /// of a call code is below the object that is its parent, not below that object's old path.
    fn standing<'i>(&self, address: &Address, desired: &Desired, index: &'i Index<'a>) -> &'i [&'a ObservedObject] {
        let Some(parent) = address.parent_call_code() else { return index.at(address) };
        let parent = if desired.objects.contains_key(&parent) {
            self.found(&parent).map(|found| found.object)
        } else {
            self.standing(&parent, desired, index).first().copied()
        };
        parent.map_or(&[], |parent| index.call_codes_below(Some(&parent.id), address.key()))
    }
}

/// Each round settles at least one more level of call codes, and the API knows three of them \[001\].
const ROUNDS: usize = 8;

/// Whether a previous path of some call code leads below another one.
fn renames_below(desired: &Desired) -> bool {
    desired.objects.iter().any(|(address, object)| address.kind() == Kind::CallCode && !object.previous.is_empty())
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
        .hint("give it an existing parent on the tenant")
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

/// Old and new keys, and what stands under them.
///
/// Only a key that nobody lists any more can start a rename. What stands under the new key must be renamed away
/// by another object in turn, and so on until a key that is free; else the two are twins, and a person must decide.
struct Keys<'a, 'i> {
    desired: &'a Desired,
    index: &'i Index<'a>,
    /// What is known of the parents.
    parents: &'i Matches<'a>,
    successors: Successors<'a>,
    swapped: HashSet<&'a Address>,
}

/// What is renamed, with all that stands under its old key.
type Renames<'a, 'i> = HashMap<&'a Address, (&'i [&'a ObservedObject], &'a Sourced<Address>)>;

impl<'a, 'i> Keys<'a, 'i> {
    fn of(desired: &'a Desired, index: &'i Index<'a>, parents: &'i Matches<'a>, problems: &mut Vec<Problem>) -> Self {
        let successors = successors(desired, problems);
        let swapped = swaps(desired, &successors, problems);
        Self { desired, index, parents, successors, swapped }
    }

    /// What stands under a key, old or new.
    fn at(&self, key: &Address) -> &'i [&'a ObservedObject] {
        self.parents.standing(&moved_along(key, &self.successors), self.desired, self.index)
    }

    /// The managed objects that are found under a previous key.
    fn renames(&self, problems: &mut Vec<Problem>) -> Renames<'a, 'i> {
        let mut renames = HashMap::new();
        for (address, object) in &self.desired.objects {
            if object.previous.is_empty() || self.swapped.contains(address) {
                continue;
            }
            let mut seen = HashSet::new();
            let old: Vec<_> = object
                .previous
                .iter()
                .filter(|previous| !self.is_listed(&previous.value))
                .map(|previous| (previous, self.at(&previous.value)))
                .filter(|(_, found)| found.first().is_some_and(|first| seen.insert(&first.id)))
                .collect();
            match old.as_slice() {
                [] => {}
                [(previous, _)] => match self.chain(address, previous) {
                    Some(chain) => renames.extend(chain),
                    None => problems.push(self.twins(address, object, previous)),
                },
                [(first, _), .., (last, _)] => problems.push(
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

    fn is_listed(&self, key: &Address) -> bool {
        self.desired.objects.contains_key(key) || self.desired.objects.contains_key(&moved_along(key, &self.successors))
    }

    /// The renames that free the key of `address` and then take it; `None` where the key stays taken.
    fn chain(&self, address: &'a Address, previous: &'a Sourced<Address>) -> Option<Renames<'a, 'i>> {
        let mut chain = HashMap::new();
        let (mut key, mut previous) = (address, previous);
        loop {
            chain.insert(key, (self.at(&previous.value), previous));
            if self.parents.standing(key, self.desired, self.index).is_empty() {
                return Some(chain);
            }
            let (next, earlier) = *self.successors.get(key)?;
            if self.swapped.contains(next) || next == key {
                return None;
            }
            (key, previous) = (next, earlier);
        }
    }

    fn twins(&self, address: &Address, object: &DesiredObject, previous: &Sourced<Address>) -> Problem {
        let id = |found: &[&ObservedObject]| found.first().map_or_else(String::new, |object| object.id.0.clone());
        Problem::new(
            code::RENAME,
            format!(
                "both the new and the previous key are on the tenant: `{address}` is id `{}`, `{}` is id `{}`",
                id(self.parents.standing(address, self.desired, self.index)),
                previous.value,
                id(self.at(&previous.value))
            ),
        )
        .of(address)
        .at(previous.source)
        .and_at(object.source, "the new key")
        .hint("drop the previous key from the manifest, and retire the object that is not needed")
    }
}

/// Who was called so before, by that name.
type Successors<'a> = HashMap<Address, (&'a Address, &'a Sourced<Address>)>;

/// A path of call codes goes along with the codes above it that have new keys.
fn moved_along(key: &Address, successors: &Successors<'_>) -> Address {
    let Some(parent) = key.parent_call_code() else { return key.clone() };
    let parent = successors.get(&parent).map_or_else(|| moved_along(&parent, successors), |(new, _)| (*new).clone());
    parent.child_call_code(key.key())
}

/// By the key as it was, and by the key as it is once everything above has its own.
fn successors<'a>(desired: &'a Desired, problems: &mut Vec<Problem>) -> Successors<'a> {
    let mut successors: Successors<'a> = HashMap::new();
    let previous = || {
        desired
            .objects
            .iter()
            .flat_map(|(address, object)| object.previous.iter().map(move |previous| (address, previous)))
    };
    for (address, previous) in previous() {
        if let Some((other, earlier)) = successors.insert(previous.value.clone(), (address, previous)) {
            problems.push(
                Problem::new(code::RENAME, format!("`{}` was `{other}` before, too", previous.value))
                    .of(address)
                    .at(previous.source)
                    .and_at(earlier.source, format!("`{other}`")),
            );
        }
    }
    for (address, previous) in previous().filter(|(address, _)| address.kind() == Kind::CallCode) {
        let along = moved_along(&previous.value, &successors);
        successors.entry(along).or_insert((address, previous));
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
