//! What authorities own beyond what manifests list.

use std::collections::{HashMap, HashSet};

use cxform_model::{Address, Authority, AuthorityScope, Desired, Kind, ObservedObject, RemoteId};

use crate::index::Index;
use crate::matching::Matches;

/// An observed object that an authority owns and no manifest lists.
pub(crate) struct Unlisted<'a> {
    pub(crate) object: &'a ObservedObject,
    pub(crate) authority: &'a Authority,
}

/// Everything that authorities own beyond what is listed, retired or not, each once.
pub(crate) fn unlisted<'a>(desired: &'a Desired, index: &Index<'a>, matches: &Matches<'a>) -> Vec<Unlisted<'a>> {
    let mut seen: HashSet<(Kind, &RemoteId)> = HashSet::new();
    let mut unlisted = Vec::new();
    let mut tree = None;
    for authority in &desired.authorities {
        let owned = match &authority.scope {
            AuthorityScope::Subtree(roots) => {
                tree.get_or_insert_with(|| FinalTree::of(desired, index, matches)).unlisted_below(roots)
            }
            AuthorityScope::Category(category) => index.of_category(category),
        };
        for object in owned {
            if matches.owner(object).is_none() && seen.insert((object.kind, &object.id)) {
                unlisted.push(Unlisted { object, authority });
            }
        }
    }
    unlisted
}

/// The outcomes as they will hang. An outcome that no manifest lists goes along with the one above it, so what a plan
/// moves below a root is owned by the same plan, and what it moves away is not.
struct FinalTree<'a, 'i> {
    index: &'i Index<'a>,
    matches: &'i Matches<'a>,
    listed: HashMap<&'a Address, Vec<&'a Address>>,
}

#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum Node<'a> {
    Listed(&'a Address),
    Unlisted(&'a RemoteId),
}

impl<'a, 'i> FinalTree<'a, 'i> {
    fn of(desired: &'a Desired, index: &'i Index<'a>, matches: &'i Matches<'a>) -> Self {
        let mut listed: HashMap<_, Vec<_>> = HashMap::new();
        for (address, object) in &desired.objects {
            if let Some(parent) = &object.parent {
                listed.entry(&parent.value).or_default().push(address);
            }
        }
        Self { index, matches, listed }
    }

    fn unlisted_below(&self, roots: &'a [Address]) -> Vec<&'a ObservedObject> {
        let mut below = Vec::new();
        let mut seen: HashSet<Node<'a>> = HashSet::new();
        let mut open: Vec<Node<'a>> = roots.iter().map(Node::Listed).collect();
        while let Some(node) = open.pop() {
            if !seen.insert(node) {
                continue;
            }
            let (address, object) = match node {
                Node::Listed(address) => (address.clone(), self.standing(address)),
                Node::Unlisted(id) => {
                    let Some(object) = self.index.id(Kind::Outcome, id) else { continue };
                    below.push(object);
                    (Address::outcome(object.key.trim()), Some(object))
                }
            };
            open.extend(self.listed.get(&address).into_iter().flatten().map(|child| Node::Listed(child)));
            let children = object.map_or(&[][..], |object| self.index.children(Kind::Outcome, &object.id));
            let unlisted = children.iter().filter(|child| self.matches.owner(child).is_none());
            open.extend(unlisted.map(|child| Node::Unlisted(&child.id)));
        }
        below
    }

    fn standing(&self, address: &Address) -> Option<&'a ObservedObject> {
        match self.matches.found(address) {
            Some(found) => Some(found.object),
            None => self.index.at(address).first().copied().filter(|object| self.matches.owner(object).is_none()),
        }
    }
}
