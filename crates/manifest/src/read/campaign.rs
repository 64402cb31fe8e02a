//! `kind: Campaign`.

use cxform_model::{Address, DesiredObject, Kind};

use super::document::Heading;
use super::fields::{DesiredFields, Scope, branches};
use super::{Keys, Reader};

/// Why a key of the API's campaign is none of the manifest's.
const ELSEWHERE: &[(&str, &str)] = &[
    ("contactSelection", "write a document of `kind: SelectionRules` that names this campaign"),
    ("name", "the name of a campaign is `metadata.name`"),
    ("id", "manifests never hold the id of a managed object: campaigns are found by name"),
    ("version", "the tenant counts versions: a plan carries the one that it saw"),
];

/// The keys of a campaign's spec.
pub(crate) fn keys() -> Vec<&'static str> {
    let names = branches(Kind::Campaign).iter().map(|branch| branch.name);
    names.filter(|name| !matches!(*name, "name" | "contactSelection")).collect()
}

impl Reader<'_> {
    pub(super) fn campaign(&mut self, heading: &Heading<'_>) {
        let before = self.sink.errors();
        let address = Address::campaign(heading.name);
        let keys = Keys { what: "`spec` of a Campaign", known: &keys(), elsewhere: ELSEWHERE };
        let mut fields = DesiredFields::default();
        if let Some(spec) = self.spec(heading, &keys) {
            for entry in spec.iter().filter(|entry| keys.known.contains(&&*entry.key)) {
                self.fields(branches(Kind::Campaign), std::slice::from_ref(entry), Scope::Object, &mut fields);
            }
        }
        for (old, place) in &heading.previous {
            self.links.previous(old.value.clone(), *place, address.clone());
        }
        let object = DesiredObject {
            previous: heading.previous.iter().map(|(old, _)| old.clone()).collect(),
            parent: None,
            fields,
            declared: true,
            protected: heading.annotations.protected(),
            ignored: heading.annotations.ignored.clone(),
            source: heading.source(),
        };
        if self.sink.errors() != before {
            self.broken.insert(address.clone());
        }
        // Two documents of one name are told by their headings already.
        if !self.desired.objects.contains_key(&address) {
            self.declare(address, heading.place, object);
        }
    }
}
