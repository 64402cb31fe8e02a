//! All that planning looks at, with the answers that every part of it asks for.

use std::cell::Cell;

use cxform_model::{Address, Desired, DesiredObject, Kind, Observed, ObservedObject, RemoteId, Source, Target};

use crate::Place;
use crate::activity;
use crate::index::Index;
use crate::matching::Matches;

pub(crate) struct Inputs<'a> {
    pub(crate) desired: &'a Desired,
    pub(crate) observed: &'a Observed,
    pub(crate) index: &'a Index<'a>,
    pub(crate) matches: &'a Matches<'a>,
    /// How many more hints may be looked for: the search goes through everything, and the first few tell enough.
    pub(crate) hints: Cell<u32>,
}

/// What an address leads to once the plan is carried out.
pub(crate) enum Lead<'a> {
    /// It lives on the tenant, managed or not.
    Lives(&'a ObservedObject),
    /// This plan creates it.
    Created,
    /// It is nowhere.
    Nowhere,
}

impl<'a> Inputs<'a> {
    pub(crate) fn new(
        desired: &'a Desired,
        observed: &'a Observed,
        index: &'a Index<'a>,
        matches: &'a Matches<'a>,
    ) -> Self {
        Self { desired, observed, index, matches, hints: Cell::new(100) }
    }

    pub(crate) fn place(&self, source: Source) -> Place {
        Place { file: self.desired.files.name(source.file).to_owned(), line: source.line, column: source.column }
    }

    pub(crate) fn objects(&self, kind: Kind) -> impl Iterator<Item = (&'a Address, &'a DesiredObject)> {
        self.desired.objects.iter().filter(move |(address, _)| address.kind() == kind)
    }

    /// Where an address leads; managed objects by their match, others by their key.
    pub(crate) fn lead(&self, address: &Address) -> Lead<'a> {
        match self.desired.objects.get(address) {
            Some(object) => match self.matches.found(address) {
                Some(found) => Lead::Lives(found.object),
                None if created(address, object) => Lead::Created,
                None => Lead::Nowhere,
            },
            None => match self.index.at(address) {
                // What a managed object is renamed from no longer stands under its old key.
                [object, ..] if self.matches.owner(object).is_none() => Lead::Lives(object),
                _ => Lead::Nowhere,
            },
        }
    }

    /// The same, as the target of a write.
    pub(crate) fn target(&self, address: &Address) -> Option<Target> {
        match self.lead(address) {
            Lead::Lives(object) => Some(Target::Existing(object.id.clone())),
            Lead::Created => Some(Target::Created(address.clone())),
            Lead::Nowhere => None,
        }
    }

    /// The address that an observed object will have: the manifest's where it is managed, else the tenant's.
    pub(crate) fn address_of(&self, object: &'a ObservedObject) -> Option<Address> {
        self.matches.owner(object).cloned().or_else(|| self.index.address_of(object))
    }

    /// How a plan names what an object hangs below: a code, or a path of codes.
    pub(crate) fn parent_name(&self, kind: Kind, parent: Option<&RemoteId>) -> serde_json::Value {
        parent.map_or(serde_json::Value::Null, |id| {
            let address = self.index.id(kind, id).and_then(|object| self.index.address_of(object));
            address.map_or_else(|| id.0.clone(), |address| address.segments().join("/")).into()
        })
    }
}

/// Whether an object that is not on the tenant gets created: a nameless tombstone is satisfied as it is.
pub(crate) fn created(address: &Address, object: &DesiredObject) -> bool {
    let named = object.fields.iter().any(|(field, _)| field.path() == "name");
    object.declared && (named || !activity::is_tombstone(address.kind(), object))
}
