//! `kind: DispositionTree`: outcomes, what they inherit, and the desktops that show them.

use std::rc::Rc;

use cxform_model::{
    Address, Authority, AuthorityScope, DesiredField, DesiredObject, Field, Kind, Setting, Source, Sourced,
};
use serde_json::Value;

use super::cursor::get;
use super::document::Heading;
use super::fields::{DesiredFields, Scope, branches};
use super::{Keys, Reader};
use crate::catalogue::{CYCLE, WRONG_TYPE};
use crate::yaml::{Entry, Node, TEXT_WEIGHT};
use crate::{Diagnostic, Place};

/// What a node gets from the nodes above it.
#[derive(Clone, Default)]
pub(super) struct Inherited {
    pub(super) fields: DesiredFields,
    weight: usize,
}

impl Inherited {
    /// These defaults, overridden field by field.
    pub(super) fn with(&self, more: DesiredFields) -> Self {
        let mut fields = self.fields.clone();
        for (field, value) in more.iter() {
            fields.insert(field, value.clone());
        }
        let weight = fields.iter().map(|(_, field)| weight(field)).sum();
        Self { fields, weight }
    }
}

fn weight(field: &DesiredField) -> usize {
    match &field.setting {
        Setting::Between(_) => 1,
        Setting::Value(Value::String(text)) => 1 + text.len() / TEXT_WEIGHT,
        Setting::Value(Value::Array(items)) => {
            1 + items.iter().map(|item| 1 + item.as_str().map_or(0, str::len) / TEXT_WEIGHT).sum::<usize>()
        }
        Setting::Value(_) => 1,
    }
}

/// A tree while it is read.
pub(super) struct Tree<'h, 'n> {
    pub(super) heading: &'h Heading<'n>,
    pub(super) roots: Vec<Address>,
    /// The active outcomes without children, in document order.
    pub(super) leaves: Vec<Address>,
}

/// Where a node hangs.
struct Above {
    parent: Option<Sourced<Address>>,
    inherited: Rc<Inherited>,
    root: bool,
}

impl Reader<'_> {
    pub(super) fn disposition_tree(&mut self, heading: &Heading<'_>) {
        let keys = Keys::new("`spec` of a DispositionTree", &["authority", "defaults", "outcomes", "assignments"]);
        let Some(spec) = self.spec(heading, &keys) else {
            self.incomplete = true;
            return;
        };
        let authority = get(spec, "authority")
            .and_then(|node| Some((self.word(node, "`authority`", &["listed", "subtree"])?, node)));
        let inherited = Rc::new(self.outcome_defaults(spec, &Rc::default()));
        let mut tree = Tree { heading, roots: Vec::new(), leaves: Vec::new() };
        if let Some(nodes) = get(spec, "outcomes").and_then(|node| self.list(node, "`outcomes`")) {
            for node in nodes {
                self.outcome(node, &Above { parent: None, inherited: inherited.clone(), root: true }, &mut tree);
            }
        }
        if let Some(("subtree", node)) = authority {
            self.desired.authorities.push(Authority {
                scope: AuthorityScope::Subtree(std::mem::take(&mut tree.roots)),
                owner: heading.name.to_owned(),
                source: node.place.source,
            });
        }
        if let Some(entries) = get(spec, "assignments").and_then(|node| self.list(node, "`assignments`")) {
            for entry in entries {
                self.assignment(entry, &tree);
            }
        }
    }

    fn outcome(&mut self, node: &Node, above: &Above, tree: &mut Tree<'_, '_>) {
        let before = self.sink.errors();
        let Some(entries) = self.entries(node, "an outcome") else {
            self.incomplete = true;
            return;
        };
        self.outcome_keys(entries, above.root);
        let code = self.required(entries, "code", "an outcome", node.place);
        let place = code.map_or(node.place, |node| node.place);
        let code = code.and_then(|node| self.name(node, "`code`"));
        let source = place.source;
        let mut fields = DesiredFields::default();
        if self.afford(1 + above.inherited.weight, place) {
            fields = above.inherited.fields.clone();
        }
        self.fields(branches(Kind::Outcome), entries, Scope::Object, &mut fields);
        let address = code.map(Address::outcome);
        let children = get(entries, "children").and_then(|node| self.list(node, "`children`")).unwrap_or(&[]);
        if let Some(address) = &address {
            let active = self.activate(Kind::Outcome, "status", Value::from("ACTIVE"), source, &mut fields);
            if active && children.is_empty() {
                tree.leaves.push(address.clone());
            }
            if above.root {
                tree.roots.push(address.clone());
            }
            self.outcome_object(address, entries, place, above, fields, tree);
            if self.sink.errors() != before {
                self.broken.insert(address.clone());
            }
        } else {
            self.incomplete = true;
        }
        let inherited = match get(entries, "defaults") {
            Some(_) => Rc::new(self.outcome_defaults(entries, &above.inherited)),
            None => above.inherited.clone(),
        };
        let parent = address.map(|address| Sourced::new(address, source)).or_else(|| above.parent.clone());
        let below = Above { parent, inherited, root: false };
        for child in children {
            self.outcome(child, &below, tree);
        }
    }

    fn outcome_keys(&mut self, entries: &[Entry], root: bool) {
        const OWN: [&str; 5] = ["children", "defaults", "parent", "previousCode", "annotations"];
        // `code` is a field of the table; it comes first, as in a manifest.
        let known = branches(Kind::Outcome).iter().map(|branch| branch.name).chain(OWN);
        for entry in entries {
            if !known.clone().any(|key| key == &*entry.key) {
                let known: Vec<_> = known.clone().collect();
                let elsewhere =
                    [("parentOutcomeId", "write the node under `children` of its parent, or `parent: CODE` on a root")];
                self.unknown_key(entry, &Keys { what: "an outcome", known: &known, elsewhere: &elsewhere });
            }
            if &*entry.key == "parent" && !root {
                let problem = Diagnostic::new(&WRONG_TYPE, Some(entry.key_place), "`parent` stands on a root only");
                self.report(problem.help("this outcome already hangs below the node that lists it"));
            }
        }
    }

    fn outcome_object(
        &mut self,
        address: &Address,
        entries: &[Entry],
        place: Place,
        above: &Above,
        mut fields: DesiredFields,
        tree: &Tree<'_, '_>,
    ) {
        if let Some(code) = Field::find(Kind::Outcome, "code") {
            fields.remove(code);
        }
        let mut parent = above.parent.clone();
        if above.root
            && let Some(node) = get(entries, "parent")
            && let Some(code) = self.name(node, "`parent`")
        {
            if code == address.key() {
                let message = format!("`{address}` is its own parent");
                self.report(Diagnostic::new(&CYCLE, Some(node.place), message).of(address));
            } else {
                parent = Some(Sourced::new(Address::outcome(code), node.place.source));
                self.links.parent(address.clone(), node.place);
            }
        }
        let previous = get(entries, "previousCode").and_then(|node| {
            let old = Address::outcome(self.name(node, "`previousCode`")?);
            self.links.previous(old.clone(), node.place, address.clone());
            Some(Sourced::new(old, node.place.source))
        });
        let annotations = match get(entries, "annotations") {
            Some(node) => self.annotations(Kind::Outcome, node).over(&tree.heading.annotations),
            None => tree.heading.annotations.clone(),
        };
        let object = DesiredObject {
            previous: previous.into_iter().collect(),
            parent,
            fields,
            declared: true,
            protected: annotations.protected(),
            pause: None,
            ignored: annotations.ignored,
            source: place.source,
        };
        self.declare(address.clone(), place, object);
    }

    /// What `defaults` in these entries adds to what is inherited already.
    fn outcome_defaults(&mut self, entries: &[Entry], inherited: &Rc<Inherited>) -> Inherited {
        let mut fields = DesiredFields::default();
        if let Some(node) = get(entries, "defaults") {
            let known: Vec<_> = branches(Kind::Outcome).iter().map(|branch| branch.name).collect();
            if let Some(entries) = self.mapping(node, &Keys::new("`defaults`", &known)) {
                self.fields(branches(Kind::Outcome), entries, Scope::Defaults, &mut fields);
            }
            if !self.afford(inherited.weight, node.place) {
                return Inherited::default();
            }
        }
        inherited.with(fields)
    }

    /// A listed code is active unless it says otherwise. Tells whether it is.
    pub(super) fn activate(
        &mut self,
        kind: Kind,
        path: &str,
        active: Value,
        source: Source,
        fields: &mut DesiredFields,
    ) -> bool {
        let Some(field) = Field::find(kind, path) else { return true };
        match fields.get(field) {
            Some(written) => written.setting == Setting::Value(active),
            None => {
                fields.insert(field, DesiredField { setting: Setting::Value(active), source });
                true
            }
        }
    }
}
