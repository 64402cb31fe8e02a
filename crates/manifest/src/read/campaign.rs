//! `kind: Campaign`.

use cxform_model::{Address, DesiredObject, Kind};

use super::cursor::get;
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

/// How an update of a campaign that dials is carried out. No field of the API.
const APPLY_POLICY: &str = "applyPolicy";
/// It stands still meanwhile.
const PAUSE: &str = "pause";
/// `live`, the default, changes it as it dials.
pub(crate) const APPLY_POLICIES: &[&str] = &["live", PAUSE];

/// The keys of a campaign's spec that are fields of the API.
pub(crate) fn keys() -> Vec<&'static str> {
    let names = branches(Kind::Campaign).iter().map(|branch| branch.name);
    names.filter(|name| !matches!(*name, "name" | "contactSelection")).collect()
}

impl Reader<'_> {
    pub(super) fn campaign(&mut self, heading: &Heading<'_>) {
        let before = self.sink.errors();
        let address = Address::campaign(heading.name);
        let fields_of_the_api = keys();
        let known: Vec<_> = fields_of_the_api.iter().copied().chain([APPLY_POLICY]).collect();
        let keys = Keys { what: "`spec` of a Campaign", known: &known, elsewhere: ELSEWHERE };
        let mut fields = DesiredFields::default();
        let mut pause = None;
        if let Some(spec) = self.spec(heading, &keys) {
            if let Some(node) = get(spec, APPLY_POLICY)
                && self.word(node, "`applyPolicy`", APPLY_POLICIES) == Some(PAUSE)
            {
                pause = Some(node.place.source);
            }
            for entry in spec.iter().filter(|entry| fields_of_the_api.contains(&&*entry.key)) {
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
            pause,
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
