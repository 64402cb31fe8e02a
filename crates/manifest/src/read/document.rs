//! The heading of a document: version, kind, name, annotations.

use std::collections::HashMap;

use cxform_model::{Address, Kind, Source, Sourced};

use super::annotations::Annotations;
use super::cursor::get;
use super::{Keys, Reader};
use crate::catalogue::{DOCUMENT, DUPLICATE_NAME, WRONG_TYPE};
use crate::yaml::{Entry, Node};
use crate::{Diagnostic, Place, suggest};

/// The version of the manifest language.
pub(crate) const API_VERSION: &str = "cxform/v1";

/// The kinds of manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum DocumentKind {
    DispositionTree,
    CallCodeSet,
    Campaign,
    SelectionRules,
    WebhookSubscription,
    TuningPolicy,
}

impl DocumentKind {
    pub(crate) const ALL: [Self; 6] = [
        Self::DispositionTree,
        Self::CallCodeSet,
        Self::Campaign,
        Self::SelectionRules,
        Self::WebhookSubscription,
        Self::TuningPolicy,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::DispositionTree => "DispositionTree",
            Self::CallCodeSet => "CallCodeSet",
            Self::Campaign => "Campaign",
            Self::SelectionRules => "SelectionRules",
            Self::WebhookSubscription => "WebhookSubscription",
            Self::TuningPolicy => "TuningPolicy",
        }
    }

    /// The kind of the objects that such a document speaks of.
    pub(crate) const fn objects(self) -> Kind {
        match self {
            Self::DispositionTree => Kind::Outcome,
            Self::CallCodeSet => Kind::CallCode,
            Self::Campaign | Self::SelectionRules | Self::TuningPolicy => Kind::Campaign,
            Self::WebhookSubscription => Kind::Webhook,
        }
    }

    /// The address of the object that bears the document's name, where there is one.
    const fn named(self) -> Option<fn(String) -> Address> {
        match self {
            Self::Campaign => Some(Address::campaign),
            Self::WebhookSubscription => Some(Address::webhook),
            _ => None,
        }
    }
}

/// What a document says about itself.
#[derive(Debug)]
pub(crate) struct Heading<'n> {
    pub(crate) kind: DocumentKind,
    pub(crate) name: &'n str,
    /// The place of the name.
    pub(crate) place: Place,
    pub(crate) annotations: Annotations,
    /// Old names, of a document that is one object.
    pub(crate) previous: Vec<(Sourced<Address>, Place)>,
    pub(crate) spec: &'n Node,
}

impl Heading<'_> {
    pub(crate) const fn source(&self) -> Source {
        self.place.source
    }
}

impl Reader<'_> {
    /// Reads the heading; a document without a usable one is left out as a whole.
    pub(crate) fn heading<'n>(&mut self, root: &'n Node) -> Option<Heading<'n>> {
        let heading = self.try_heading(root);
        self.incomplete |= heading.is_none();
        heading
    }

    fn try_heading<'n>(&mut self, root: &'n Node) -> Option<Heading<'n>> {
        let entries = self.mapping(root, &Keys::new("a document", &["apiVersion", "kind", "metadata", "spec"]))?;
        let version = self.api_version(entries, root.place);
        let kind = self.kind(entries, root.place);
        let metadata = self.required(entries, "metadata", "the document", root.place);
        let spec = self.required(entries, "spec", "the document", root.place);
        let (kind, metadata) = (kind?, metadata?);
        let keys: &[&str] = match kind.named() {
            Some(_) => &["name", "annotations", "previousNames"],
            None => &["name", "annotations"],
        };
        let elsewhere = [(
            "previousNames",
            "only campaigns and webhook subscriptions have it; outcomes and call codes have `previousCode`",
        )];
        let keys = Keys { what: "`metadata`", known: keys, elsewhere: &elsewhere };
        let about = self.mapping(metadata, &keys)?;
        let name_node = self.required(about, "name", "`metadata`", metadata.place);
        let name = name_node.and_then(|node| self.name(node, "`metadata.name`"));
        let annotations =
            get(about, "annotations").map(|node| self.annotations(kind.objects(), node)).unwrap_or_default();
        let previous = match (get(about, "previousNames"), kind.named()) {
            (Some(node), Some(address)) => self.previous_names(node, address),
            _ => Vec::new(),
        };
        version?;
        Some(Heading { kind, name: name?, place: name_node?.place, annotations, previous, spec: spec? })
    }

    /// Whether the document speaks our version.
    pub(crate) fn api_version(&mut self, entries: &[Entry], place: Place) -> Option<()> {
        let node = self.required(entries, "apiVersion", "the document", place)?;
        let version = self.text(node, "`apiVersion`")?;
        if version == API_VERSION {
            return Some(());
        }
        let message = format!("unknown apiVersion {}", suggest::shown(version));
        self.report(Diagnostic::new(&DOCUMENT, Some(node.place), message).hint(format!("write `{API_VERSION}`")));
        None
    }

    fn kind(&mut self, entries: &[Entry], place: Place) -> Option<DocumentKind> {
        let node = self.required(entries, "kind", "the document", place)?;
        let word = self.text(node, "`kind`")?;
        let found = DocumentKind::ALL.into_iter().find(|kind| kind.word() == word);
        if found.is_none() {
            let hint = if word == "Project" {
                Some("the project stands in `cxform.yaml` at the top of its folder".to_owned())
            } else {
                suggest::hint(word, DocumentKind::ALL.map(DocumentKind::word), "one of")
            };
            let message = format!("unknown kind {}", suggest::shown(word));
            self.report(Diagnostic::new(&DOCUMENT, Some(node.place), message).hint(hint));
        }
        found
    }

    fn previous_names(&mut self, node: &Node, address: fn(String) -> Address) -> Vec<(Sourced<Address>, Place)> {
        let names = self.names(node, "`previousNames`").unwrap_or_default();
        names
            .into_iter()
            .map(|(name, node)| (Sourced::new(address(name.to_owned()), node.place.source), node.place))
            .collect()
    }

    /// Names are unique per kind.
    pub(crate) fn check_names(&mut self, headings: &[Heading<'_>]) {
        let mut first: HashMap<(DocumentKind, &str), Place> = HashMap::new();
        for heading in headings {
            let Some(&other) = first.get(&(heading.kind, heading.name)) else {
                first.insert((heading.kind, heading.name), heading.place);
                continue;
            };
            let message = format!("two documents are {} {}", heading.kind.word(), suggest::shown(heading.name));
            self.report(
                Diagnostic::new(&DUPLICATE_NAME, Some(heading.place), message)
                    .related(other, "the first one")
                    .help("give each document of a kind a name of its own"),
            );
        }
    }

    /// The entries of the spec.
    pub(crate) fn spec<'n>(&mut self, heading: &Heading<'n>, keys: &Keys<'_>) -> Option<&'n [Entry]> {
        if heading.spec.is_null() {
            let message = format!("`spec` of {} {} is empty", heading.kind.word(), suggest::shown(heading.name));
            self.report(Diagnostic::new(&WRONG_TYPE, Some(heading.place), message));
            return None;
        }
        self.mapping(heading.spec, keys)
    }
}

/// Kind and name of a document, read without a word: what an overlay is matched by.
pub(crate) fn identity(root: &Node) -> Option<(DocumentKind, &str)> {
    let word = root.get("kind")?.text()?;
    let kind = DocumentKind::ALL.into_iter().find(|kind| kind.word() == word)?;
    (root.get("apiVersion")?.text()? == API_VERSION).then_some(())?;
    Some((kind, root.get("metadata")?.get("name")?.text()?))
}
