//! `kind: Campaign`.

use cxform_model::{Address, Kind};

use super::cursor::get;
use super::document::Heading;
use super::fields::branches;
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
        let fields = keys();
        let known: Vec<_> = fields.iter().copied().chain([APPLY_POLICY]).collect();
        let keys = Keys { what: "`spec` of a Campaign", known: &known, elsewhere: ELSEWHERE };
        self.named(heading, Address::campaign(heading.name), &keys, &fields, |reader, spec, object| {
            if let Some(node) = get(spec, APPLY_POLICY)
                && reader.word(node, "`applyPolicy`", APPLY_POLICIES) == Some(PAUSE)
            {
                object.pause = Some(node.place.source);
            }
        });
    }
}
