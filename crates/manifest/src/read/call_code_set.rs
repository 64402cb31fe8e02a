//! `kind: CallCodeSet`: call codes of one category, as a tree.

use std::collections::HashMap;

use cxform_model::{Address, Authority, AuthorityScope, DesiredField, DesiredObject, Field, Kind, Setting, Sourced};
use serde_json::Value;

use super::cursor::get;
use super::document::Heading;
use super::fields::{DesiredFields, Scope, branches};
use super::{Keys, Reader};
use crate::catalogue::{DUPLICATE_OBJECT, MISSING_KEY, PREVIOUS, REFERENCE, WRONG_TYPE};
use crate::yaml::{Entry, Node};
use crate::{Diagnostic, Place, suggest};

/// What every code of a set has.
struct Set<'h, 'n> {
    heading: &'h Heading<'n>,
    category: Option<Sourced<String>>,
    defaults: DesiredFields,
}

impl Reader<'_> {
    pub(super) fn call_code_set(&mut self, heading: &Heading<'_>) {
        let keys = Keys::new("`spec` of a CallCodeSet", &["authority", "category", "defaults", "codes"]);
        let Some(spec) = self.spec(heading, &keys) else {
            self.incomplete = true;
            return;
        };
        let authority = get(spec, "authority")
            .and_then(|node| Some((self.word(node, "`authority`", &["listed", "category"])?, node)));
        let category = get(spec, "category")
            .and_then(|node| Some(Sourced::new(self.name(node, "`category`")?.to_owned(), node.place.source)));
        let mut defaults = DesiredFields::default();
        if let Some(node) = get(spec, "defaults") {
            let known: Vec<_> = branches(Kind::CallCode).iter().map(|branch| branch.name).collect();
            if let Some(entries) = self.mapping(node, &Keys::new("`defaults`", &known)) {
                self.fields(branches(Kind::CallCode), entries, Scope::Defaults, &mut defaults);
            }
        }
        if let Some(("category", node)) = authority {
            self.category_authority(heading, get(spec, "category").is_some(), category.as_ref(), node.place);
        }
        let set = Set { heading, category, defaults };
        if let Some(nodes) = get(spec, "codes").and_then(|node| self.list(node, "`codes`")) {
            for node in nodes {
                self.call_code(node, None, &set);
            }
        }
    }

    fn category_authority(
        &mut self,
        heading: &Heading<'_>,
        written: bool,
        category: Option<&Sourced<String>>,
        place: Place,
    ) {
        let Some(category) = category else {
            if !written {
                let problem = Diagnostic::new(&MISSING_KEY, Some(place), "`authority: category` needs a `category`");
                self.report(problem.help("say which category is wholly ours"));
            }
            return;
        };
        if let Some(first) = self.links.category(&category.value, place) {
            let message = format!("two sets claim the category {}", suggest::shown(&category.value));
            self.report(
                Diagnostic::new(&DUPLICATE_OBJECT, Some(place), message)
                    .related(first, "first claimed here")
                    .help("each would retire what only the other lists: join the sets"),
            );
            return;
        }
        self.desired.authorities.push(Authority {
            scope: AuthorityScope::Category(category.value.clone()),
            owner: heading.name.to_owned(),
            source: place.source,
        });
    }

    fn call_code(&mut self, node: &Node, parent: Option<&Address>, set: &Set<'_, '_>) {
        let before = self.sink.errors();
        let Some(entries) = self.entries(node, "a call code") else {
            self.incomplete = true;
            return;
        };
        self.call_code_keys(entries, parent.is_none());
        let code_node = self.required(entries, "code", "a call code", node.place);
        let Some((code, place)) = code_node.and_then(|node| Some((self.name(node, "`code`")?, node.place))) else {
            // Without a code the paths of everything below are unknown too.
            self.incomplete = true;
            return;
        };
        let above = match get(entries, "parent") {
            Some(node) if parent.is_none() => self.call_code_path(node, "`parent`"),
            _ => parent.cloned(),
        };
        let address = above.map_or_else(|| Address::call_code([code]), |parent| parent.child_call_code(code));
        if !self.afford(address.segments().len() + set.defaults.len(), place) {
            return;
        }
        let mut fields = set.defaults.clone();
        if let (Some(category), Some(field)) = (&set.category, Field::find(Kind::CallCode, "category")) {
            let setting = Setting::Value(Value::from(category.value.as_str()));
            fields.insert(field, DesiredField { setting, source: category.source });
        }
        self.fields(branches(Kind::CallCode), entries, Scope::Object, &mut fields);
        self.activate(Kind::CallCode, "isActive", Value::Bool(true), place.source, &mut fields);
        if let Some(field) = Field::find(Kind::CallCode, "code") {
            fields.remove(field);
        }
        let previous = get(entries, "previousCode").and_then(|node| {
            let old = self.call_code_path(node, "`previousCode`")?;
            self.links.previous(old.clone(), node.place, address.clone());
            Some(Sourced::new(old, node.place.source))
        });
        let annotations = match get(entries, "annotations") {
            Some(node) => self.annotations(Kind::CallCode, node).over(&set.heading.annotations),
            None => set.heading.annotations.clone(),
        };
        let object = DesiredObject {
            previous: previous.into_iter().collect(),
            parent: None,
            fields,
            declared: true,
            protected: annotations.protected(),
            pause: None,
            ignored: annotations.ignored,
            source: place.source,
        };
        self.declare(address.clone(), place, object);
        if self.sink.errors() != before {
            self.broken.insert(address.clone());
        }
        for child in get(entries, "children").and_then(|node| self.list(node, "`children`")).unwrap_or(&[]) {
            self.call_code(child, Some(&address), set);
        }
    }

    fn call_code_keys(&mut self, entries: &[Entry], root: bool) {
        const OWN: [&str; 4] = ["children", "parent", "previousCode", "annotations"];
        // The category is the set's, not the code's.
        let names = branches(Kind::CallCode).iter().map(|branch| branch.name).filter(|name| *name != "category");
        let known = names.chain(OWN);
        for entry in entries {
            if !known.clone().any(|key| key == &*entry.key) {
                let known: Vec<_> = known.clone().collect();
                let elsewhere = [
                    ("category", "write it once, as `spec.category` of the set"),
                    ("parentCallCodeId", "write the code under `children` of its parent, or `parent: PATH` on a root"),
                ];
                self.unknown_key(entry, &Keys { what: "a call code", known: &known, elsewhere: &elsewhere });
            }
            if &*entry.key == "parent" && !root {
                let problem = Diagnostic::new(&WRONG_TYPE, Some(entry.key_place), "`parent` stands on a root only");
                self.report(problem.help("this code already hangs below the node that lists it"));
            }
        }
    }

    /// A path of codes such as `DNC/DNC_STATE`.
    fn call_code_path(&mut self, node: &Node, what: &str) -> Option<Address> {
        let path = self.name(node, what)?;
        let address = format!("callcode/{path}").parse().ok();
        if address.is_none() {
            let message = format!("{what}: {} is no path of call codes", suggest::shown(path));
            let rule = if what == "`parent`" { &REFERENCE } else { &PREVIOUS };
            self.report(Diagnostic::new(rule, Some(node.place), message).help("write `CODE` or `PARENT/CODE`"));
        }
        address
    }
}

/// Which set claims which category, and where.
pub(super) type Categories = HashMap<String, Place>;
