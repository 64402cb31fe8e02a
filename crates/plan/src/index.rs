//! The observed inventory by natural key: who stands under which address, and what hangs below whom.

use std::collections::BTreeMap;

use cxform_model::{Address, Kind, Observed, ObservedObject, RemoteId};
use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

/// The API knows three levels of call codes \[001\]; a path far beyond that is no address that anybody wrote.
const DEEPEST: usize = 64;

/// Several objects can stand under one key only by mistake, so every look-up answers with all of them.
pub(crate) struct Index<'a> {
    shelves: BTreeMap<Kind, Shelf<'a>>,
    /// Call codes by place in the tree: at the root, and below an id.
    root_codes: ByKey<'a>,
    codes_below: HashMap<&'a RemoteId, ByKey<'a>>,
    /// Call codes that no root leads to, because an ancestor is missing or is their descendant.
    astray: HashSet<&'a RemoteId>,
}

type ByKey<'a> = HashMap<&'a str, Vec<&'a ObservedObject>>;

/// The objects of one kind.
#[derive(Default)]
struct Shelf<'a> {
    by_key: ByKey<'a>,
    by_id: HashMap<&'a RemoteId, &'a ObservedObject>,
    roots: Vec<&'a ObservedObject>,
    below: HashMap<&'a RemoteId, Vec<&'a ObservedObject>>,
}

impl<'a> Index<'a> {
    pub(crate) fn of(observed: &'a Observed) -> Self {
        Self::of_kinds(observed, &Kind::ALL)
    }

    /// An index that knows nothing of other kinds.
    pub(crate) fn of_kinds(observed: &'a Observed, kinds: &[Kind]) -> Self {
        let mut index = Self {
            shelves: BTreeMap::new(),
            root_codes: HashMap::new(),
            codes_below: HashMap::new(),
            astray: HashSet::new(),
        };
        for (kind, listing) in observed.listings.iter().filter(|(kind, _)| kinds.contains(kind)) {
            // What depended on the tenant's order would not be the same plan twice.
            let mut listing: Vec<_> = listing.iter().collect();
            listing.sort_by(|left, right| left.id.cmp(&right.id));
            let shelf = index.shelves.entry(*kind).or_default();
            for object in listing {
                let key = object.key.trim();
                shelf.by_key.entry(key).or_default().push(object);
                shelf.by_id.insert(&object.id, object);
                let (siblings, codes) = match &object.parent {
                    None => (&mut shelf.roots, &mut index.root_codes),
                    Some(id) => (shelf.below.entry(id).or_default(), index.codes_below.entry(id).or_default()),
                };
                siblings.push(object);
                if *kind == Kind::CallCode {
                    codes.entry(key).or_default().push(object);
                }
            }
        }
        let rooted: HashSet<_> =
            index.descendants(Kind::CallCode, index.roots(Kind::CallCode)).map(|object| &object.id).collect();
        if let Some(shelf) = index.shelves.get(&Kind::CallCode) {
            index.astray = shelf.by_id.keys().copied().filter(|id| !rooted.contains(id)).collect();
        }
        index
    }

    /// What stands under an address on the tenant.
    pub(crate) fn at(&self, address: &Address) -> &[&'a ObservedObject] {
        match (address.kind(), address.segments()) {
            (Kind::CallCode, segments) => {
                let mut above = None;
                let mut found: &[_] = &[];
                for code in segments {
                    found = self.call_codes_below(above, code);
                    let Some(first) = found.first() else { return &[] };
                    above = Some(&first.id);
                }
                found
            }
            (kind, [key]) => self.with_key(kind, key),
            _ => &[],
        }
    }

    /// The call codes of this code directly below an id, or at the root.
    pub(crate) fn call_codes_below(&self, above: Option<&RemoteId>, code: &str) -> &[&'a ObservedObject] {
        let codes = match above {
            None => Some(&self.root_codes),
            Some(id) => self.codes_below.get(id),
        };
        codes.and_then(|codes| codes.get(code.trim())).map_or(&[], Vec::as_slice)
    }

    /// The objects that bear this code or name, wherever they hang.
    pub(crate) fn with_key(&self, kind: Kind, key: &str) -> &[&'a ObservedObject] {
        self.shelves.get(&kind).and_then(|shelf| shelf.by_key.get(key.trim())).map_or(&[], Vec::as_slice)
    }

    /// The object with this id.
    pub(crate) fn id(&self, kind: Kind, id: &RemoteId) -> Option<&'a ObservedObject> {
        self.shelves.get(&kind)?.by_id.get(id).copied()
    }

    fn roots(&self, kind: Kind) -> &[&'a ObservedObject] {
        self.shelves.get(&kind).map_or(&[], |shelf| shelf.roots.as_slice())
    }

    /// What hangs directly below an id.
    pub(crate) fn children(&self, kind: Kind, above: &RemoteId) -> &[&'a ObservedObject] {
        self.shelves.get(&kind).and_then(|shelf| shelf.below.get(above)).map_or(&[], Vec::as_slice)
    }

    /// Some objects and all below them, each once, even where old data runs in a circle.
    pub(crate) fn descendants(
        &self,
        kind: Kind,
        roots: &[&'a ObservedObject],
    ) -> impl Iterator<Item = &'a ObservedObject> {
        let mut seen: HashSet<&RemoteId> = HashSet::new();
        let mut open: Vec<&'a ObservedObject> = roots.iter().rev().copied().collect();
        std::iter::from_fn(move || {
            while let Some(object) = open.pop() {
                if seen.insert(&object.id) {
                    open.extend(self.children(kind, &object.id).iter().rev());
                    return Some(object);
                }
            }
            None
        })
    }

    /// The call codes of a category, in the order of their ids.
    pub(crate) fn of_category(&self, category: &str) -> Vec<&'a ObservedObject> {
        let mut found: Vec<_> = self
            .shelves
            .get(&Kind::CallCode)
            .into_iter()
            .flat_map(|shelf| shelf.by_id.values())
            .filter(|object| {
                object.value("category").and_then(|value| value.as_str()).map(str::trim) == Some(category.trim())
            })
            .copied()
            .collect();
        found.sort_by(|left, right| left.id.cmp(&right.id));
        found
    }

    /// Call codes of this code whose path nobody can tell.
    pub(crate) fn astray_call_codes(&self, code: &str) -> impl Iterator<Item = &'a ObservedObject> {
        self.with_key(Kind::CallCode, code).iter().copied().filter(|object| self.astray.contains(&object.id))
    }

    /// The address of an observed object as the tenant has it; `None` for a call code that no root leads to in reasonable steps.
    pub(crate) fn address_of(&self, object: &ObservedObject) -> Option<Address> {
        match object.kind {
            Kind::Outcome => Some(Address::outcome(object.key.trim())),
            Kind::Campaign => Some(Address::campaign(object.key.trim())),
            Kind::Webhook => Some(Address::webhook(object.key.trim())),
            Kind::CallCode if self.astray.contains(&object.id) => None,
            Kind::CallCode => {
                let mut path = vec![object.key.trim()];
                let mut above = object.parent.as_ref();
                while let Some(parent) = above.and_then(|id| self.id(Kind::CallCode, id)) {
                    if path.len() > DEEPEST {
                        return None;
                    }
                    path.push(parent.key.trim());
                    above = parent.parent.as_ref();
                }
                Some(Address::call_code(path.into_iter().rev()))
            }
            Kind::Assignment => None,
        }
    }
}
