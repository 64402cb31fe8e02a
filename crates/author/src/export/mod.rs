//! A whole tenant as a project: trees rebuilt, names as references, one file per tree, set and campaign.
//!
//! What manifests have no form for is left out and told, never guessed. Whoever calls holds the result against the tenant:
//! verdicts of an earlier try (what did not read back, which rules the tenant breaks) go into the next one.

mod campaigns;
mod codes;
mod desktops;
mod fields;
mod names;
mod outcomes;
mod project;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::{Address, Field, Kind, Observed, ObservedObject, RemoteId};
use jiff::civil::Date;

use crate::yaml::{self, Document, Node, Stream, Trivia};
use names::{Names, Variables};
pub use project::Remote;

/// What is exported, and how.
pub struct Settings<'a> {
    /// The name of the project.
    pub project: &'a str,
    /// The name of its environment.
    pub environment: &'a str,
    /// The tenant, where a project can name it.
    pub remote: Option<Remote>,
    /// Keep fields that stand at their documented defaults.
    pub full: bool,
    /// Lift ids of lists and skills into variables of the environment.
    pub variables: bool,
    /// Which addresses are wanted.
    pub picks: &'a dyn Fn(&Address) -> bool,
    /// The day of the export.
    pub today: Date,
}

/// What earlier tries taught.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Objects and assignments that cannot be in there, and why.
    pub left_out: BTreeMap<Address, String>,
    /// Fields that cannot, and why.
    pub unmanaged: BTreeMap<(Address, Field), String>,
    /// Rules that the tenant breaks as it is.
    pub waived: BTreeSet<(String, Address)>,
}

/// Something that is not in the manifests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Its kind.
    pub kind: Kind,
    /// Its address, where it has one of its own.
    pub address: Option<Address>,
    /// The tenant's id, where it is one object.
    pub id: Option<String>,
    /// The field, where the rest of the object is in there.
    pub path: Option<String>,
    /// Why.
    pub why: String,
}

/// A project that describes a tenant.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Texts by file name: `cxform.yaml` and manifests.
    pub files: BTreeMap<String, String>,
    /// What is not in there.
    pub left_out: BTreeSet<LeftOut>,
    /// How many objects of each kind are.
    pub objects: BTreeMap<Kind, usize>,
}

/// The project that describes what was observed.
#[must_use]
pub fn export(observed: &Observed, settings: &Settings<'_>, verdicts: &Verdicts) -> Exported {
    let mut writer = Writer {
        observed,
        settings,
        verdicts,
        variables: Variables::default(),
        names: Names::default(),
        files: BTreeMap::new(),
        left_out: BTreeSet::new(),
        objects: BTreeMap::new(),
    };
    if settings.variables {
        writer.variables = Variables::of(observed);
    }
    writer.outcomes();
    writer.call_codes();
    writer.campaigns();
    writer.webhooks();
    let project = writer.project();
    writer.files.insert(cxform_manifest::PROJECT_FILE.to_owned(), project);
    Exported { files: writer.files, left_out: writer.left_out, objects: writer.objects }
}

struct Writer<'a> {
    observed: &'a Observed,
    settings: &'a Settings<'a>,
    verdicts: &'a Verdicts,
    variables: Variables,
    names: Names,
    files: BTreeMap<String, String>,
    left_out: BTreeSet<LeftOut>,
    objects: BTreeMap<Kind, usize>,
}

impl<'a> Writer<'a> {
    /// The objects of a kind that bear a name of their own, by it; `key` tells whose names may clash.
    fn named(&mut self, kind: Kind) -> BTreeMap<&'a str, &'a ObservedObject> {
        let mut by_key: BTreeMap<&str, Vec<&ObservedObject>> = BTreeMap::new();
        for object in self.observed.of(kind) {
            by_key.entry(object.key.trim()).or_default().push(object);
        }
        let mut named = BTreeMap::new();
        for (key, objects) in by_key {
            match objects.as_slice() {
                [one] if !key.is_empty() => drop(named.insert(key, *one)),
                all => {
                    let why =
                        if key.is_empty() { "it has no name" } else { "several objects of the tenant bear this name" };
                    for object in all {
                        self.omit_object(
                            object,
                            Some(key).filter(|key| !key.is_empty()).map(|key| address(kind, key)),
                            why,
                        );
                    }
                }
            }
        }
        named
    }

    /// Whether an object goes in, as far as wishes and earlier tries tell.
    fn wanted(&mut self, address: &Address, object: &ObservedObject) -> bool {
        if !(self.settings.picks)(address) {
            return false;
        }
        match self.verdicts.left_out.get(address) {
            Some(why) => {
                self.omit_object(object, Some(address.clone()), why);
                false
            }
            None => true,
        }
    }

    fn omit_object(&mut self, object: &ObservedObject, address: Option<Address>, why: &str) {
        if address.as_ref().is_some_and(|address| !(self.settings.picks)(address)) {
            return;
        }
        let ObservedObject { kind, id, .. } = object;
        let RemoteId(id) = id;
        let id = Some(id.clone());
        self.left_out.insert(LeftOut { kind: *kind, address, id, path: None, why: why.to_owned() });
    }

    fn omit_field(&mut self, address: &Address, path: &str, why: String) {
        let path = Some(path.to_owned());
        self.left_out.insert(LeftOut { kind: address.kind(), address: Some(address.clone()), id: None, path, why });
    }

    fn count(&mut self, kind: Kind) {
        *self.objects.entry(kind).or_default() += 1;
    }

    fn file(&mut self, name: String, documents: Vec<Node>) {
        let mut documents: Vec<Document> =
            documents.into_iter().map(|root| Document { before: Vec::new(), root }).collect();
        if let Some(first) = documents.first_mut() {
            let line = "# yaml-language-server: $schema=../../schemas/cxform.schema.json";
            first.before.push(Trivia::Comment(line.to_owned()));
        }
        self.files.insert(name, yaml::print(&Stream { documents, tail: Vec::new() }));
    }
}

fn address(kind: Kind, key: &str) -> Address {
    match kind {
        Kind::CallCode => Address::call_code([key]),
        Kind::Campaign => Address::campaign(key),
        Kind::Webhook => Address::webhook(key),
        Kind::Outcome | Kind::Assignment => Address::outcome(key),
    }
}

/// The objects of a kind by the tenant's ids.
fn by_id(observed: &Observed, kind: Kind) -> HashMap<&RemoteId, &ObservedObject> {
    observed.of(kind).iter().map(|object| (&object.id, object)).collect()
}

/// A document of the manifest language.
fn document(kind: &str, name: Node, spec: Vec<(String, Node)>) -> Node {
    Node::mapping(
        false,
        [
            ("apiVersion".to_owned(), crate::express::text("cxform/v1")),
            ("kind".to_owned(), crate::express::text(kind)),
            ("metadata".to_owned(), Node::mapping(true, [("name".to_owned(), name)])),
            ("spec".to_owned(), Node::mapping(false, spec)),
        ],
    )
}
