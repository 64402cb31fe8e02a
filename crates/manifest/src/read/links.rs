//! What documents say of each other: references, parents, old names. Checked once everything is read.

use std::collections::{HashMap, HashSet};

use cxform_model::{Address, Kind};

use super::Reader;
use super::call_code_set::Categories;
use crate::catalogue::{CYCLE, PREVIOUS, REFERENCE};
use crate::{Diagnostic, Place, suggest};

/// The mentions of other objects, with their places.
#[derive(Debug, Default)]
pub(super) struct Links {
    references: Vec<(Address, Place)>,
    /// `parent` as written on a root.
    parents: HashMap<Address, Place>,
    /// Old address, place, and whose it was.
    previous: Vec<(Address, Place, Address)>,
    selections: HashMap<Address, Place>,
    tunings: HashMap<Address, Place>,
    categories: Categories,
}

impl Links {
    pub(super) fn reference(&mut self, to: Address, place: Place) {
        self.references.push((to, place));
    }

    pub(super) fn parent(&mut self, of: Address, place: Place) {
        self.parents.insert(of, place);
    }

    pub(super) fn previous(&mut self, old: Address, place: Place, of: Address) {
        self.previous.push((old, place, of));
    }

    /// Where the selection rules of a campaign were seen before.
    pub(super) fn selection(&mut self, campaign: &Address, place: Place) -> Option<Place> {
        claim(&mut self.selections, campaign.clone(), place)
    }

    /// Where the tuning of a campaign was seen before.
    pub(super) fn tuning(&mut self, campaign: &Address, place: Place) -> Option<Place> {
        claim(&mut self.tunings, campaign.clone(), place)
    }

    /// Where a category was claimed before.
    pub(super) fn category(&mut self, category: &str, place: Place) -> Option<Place> {
        claim(&mut self.categories, category.to_owned(), place)
    }
}

fn claim<K: std::hash::Hash + Eq>(claims: &mut HashMap<K, Place>, key: K, place: Place) -> Option<Place> {
    match claims.entry(key) {
        std::collections::hash_map::Entry::Occupied(first) => Some(*first.get()),
        std::collections::hash_map::Entry::Vacant(free) => {
            free.insert(place);
            None
        }
    }
}

/// How much of a circle a message shows.
const MOST_SHOWN: usize = 8;

impl Reader<'_> {
    pub(super) fn check_links(&mut self) {
        self.check_references();
        self.check_previous();
        self.check_cycles();
    }

    /// An outcome on a desktop is declared somewhere. While documents are missing nobody can tell.
    fn check_references(&mut self) {
        let references = std::mem::take(&mut self.links.references);
        if self.incomplete {
            return;
        }
        for (outcome, place) in references {
            if self.desired.objects.contains_key(&outcome) {
                continue;
            }
            let codes = self.desired.objects.keys().filter(|address| address.kind() == Kind::Outcome).map(Address::key);
            // Looking for a near miss takes time in the number of codes: not for every one of many.
            let near = (self.sink.errors() < 100).then(|| suggest::nearest(outcome.key(), codes)).flatten();
            let hint = near.map_or_else(
                || "list the outcome in a DispositionTree of this project".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("no tree of the project lists the outcome {}", suggest::shown(outcome.key()));
            self.report(Diagnostic::new(&REFERENCE, Some(place), message).hint(hint));
        }
    }

    /// An old name is given up for good, and by one object.
    fn check_previous(&mut self) {
        let mut taken: HashMap<Address, Place> = HashMap::new();
        for (old, place, owner) in std::mem::take(&mut self.links.previous) {
            if let Some(first) = claim(&mut taken, old.clone(), place) {
                let message = format!("two objects were `{old}` before");
                let problem = Diagnostic::new(&PREVIOUS, Some(place), message).related(first, "the other one");
                self.report(problem.of(&owner));
            }
            // Selection rules that still use the old name would ask for two campaigns where there is one.
            let listed = self.owners.get(&old).or_else(|| self.links.selections.get(&old));
            let Some(listed) = listed.copied() else { continue };
            let (message, hint) = if old == owner {
                (format!("`{old}` has its own name as an old one"), "remove it")
            } else {
                (format!("`{old}` is an old name, but still listed"), "remove the old entry, or the old name")
            };
            self.report(
                Diagnostic::new(&PREVIOUS, Some(place), message).related(listed, "listed here").help(hint).of(&owner),
            );
            self.broken.insert(owner);
        }
    }

    /// Nesting cannot make a circle, so every circle goes through a `parent` that is written on a root.
    fn check_cycles(&mut self) {
        let mut cleared: HashSet<&Address> = HashSet::new();
        let mut problems = Vec::new();
        let mut roots: Vec<_> = self.links.parents.iter().collect();
        roots.sort();
        for (root, place) in roots {
            let mut path: Vec<&Address> = Vec::new();
            let mut on_path: HashSet<&Address> = HashSet::new();
            let mut next = Some(root);
            while let Some(address) = next {
                if cleared.contains(address) {
                    break;
                }
                if !on_path.insert(address) {
                    let circle: Vec<_> = path.iter().skip_while(|step| **step != address).copied().collect();
                    problems.push((circle, *place));
                    break;
                }
                path.push(address);
                next = self
                    .desired
                    .objects
                    .get(address)
                    .and_then(|object| object.parent.as_ref())
                    .map(|parent| &parent.value);
            }
            cleared.extend(path);
        }
        for (circle, reached) in problems {
            // Only links that are written as `parent` can be changed; the rest of the circle is nesting.
            let mut written = circle.iter().filter_map(|address| self.links.parents.get(*address));
            let place = written.next().copied().unwrap_or(reached);
            let names =
                circle.iter().chain(circle.first()).take(MOST_SHOWN).map(|address| format!("`{}`", address.key()));
            let names = names.collect::<Vec<_>>().join(" under ");
            let problem = Diagnostic::new(&CYCLE, Some(place), format!("outcomes hang in a circle: {names}"))
                .help("an outcome cannot be below itself: change one `parent`");
            let problem =
                written.take(MOST_SHOWN).fold(problem, |problem, other| problem.related(*other, "and this `parent`"));
            self.sink.push(problem);
        }
    }
}
