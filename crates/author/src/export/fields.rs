//! Fields of one object: what a manifest says of them, and where they stand below one another.

use cxform_model::{Address, Field, ObservedObject, Ownership, canonical_field};
use serde_json::Value;

use super::Writer;
use crate::express::{express, is_empty};
use crate::yaml::{Body, Entry, Node, scalar_of};

/// Fields with what a manifest says, in the order of the table.
pub(super) type Said = Vec<(Field, Node)>;

impl Writer<'_> {
    /// Everything that a manifest says of an object, but for `elsewhere`.
    pub(super) fn said(&mut self, address: &Address, object: &ObservedObject, elsewhere: &[&str]) -> Said {
        let mut said = Said::new();
        for field in Field::all(object.kind) {
            if field.policy().ownership != Ownership::Managed || elsewhere.contains(&field.path()) {
                continue;
            }
            let Some(value) = object.fields.get(field).filter(|value| !is_empty(value)) else { continue };
            if !self.settings.full && canonical_field(field, Some(value)) == canonical_field(field, None) {
                continue;
            }
            if let Some(why) = self.verdicts.unmanaged.get(&(address.clone(), field)) {
                self.omit_field(address, field.path(), why.clone());
                continue;
            }
            match express(field, value) {
                Ok(node) => said.push((field, self.lifted(field, value).unwrap_or(node))),
                Err(why) => self.omit_field(address, field.path(), why),
            }
        }
        said
    }

    /// References to variables instead of ids.
    fn lifted(&self, field: Field, value: &Value) -> Option<Node> {
        let one = |id: &str| {
            self.variables.name(field.path(), id).map(|name| scalar_of(&Value::from(format!("${{var.{name}}}"))))
        };
        match canonical_field(field, Some(value)) {
            Value::String(id) => one(&id),
            Value::Array(ids) => {
                let ids: Option<Vec<_>> = ids.iter().map(|id| one(id.as_str()?)).collect();
                Some(Node::sequence(true, ids?))
            }
            _ => None,
        }
    }

    /// Whether a code is active, as a manifest says it: nothing where it is, and an annotation where nobody knows.
    pub(super) fn activity(&mut self, address: &Address, object: &ObservedObject, path: &str) -> Activity {
        let Some(field) = Field::find(object.kind, path) else { return Activity::Active };
        let verdict = self.verdicts.unmanaged.get(&(address.clone(), field)).cloned();
        match (verdict.is_none(), canonical_field(field, object.fields.get(field))) {
            (true, Value::Bool(true)) => Activity::Active,
            (true, Value::Bool(false)) => Activity::Inactive(scalar_of(&Value::Bool(false))),
            (true, Value::String(word)) if word == "ACTIVE" => Activity::Active,
            (true, Value::String(word)) if word == "INACTIVE" => Activity::Inactive(scalar_of(&Value::from(word))),
            (_, other) => {
                let why = verdict.unwrap_or_else(|| {
                    if other.is_null() {
                        "the tenant does not tell it".to_owned()
                    } else {
                        format!("{other} is a state that manifests do not know")
                    }
                });
                self.omit_field(address, path, why);
                Activity::Unknown(ignoring(path))
            }
        }
    }
}

/// Whether a code is active.
pub(super) enum Activity {
    /// It is, which needs no word.
    Active,
    /// It is not; what is written.
    Inactive(Node),
    /// Nobody knows; the annotation that leaves it alone.
    Unknown(Node),
}

fn ignoring(path: &str) -> Node {
    Node::mapping(true, [("cxform/ignore".to_owned(), crate::express::text(path))])
}

/// Puts fields below one another by their paths; `block` is how many levels get lines of their own.
pub(super) fn nest(said: Said, below: &str, block: usize) -> Vec<(String, Node)> {
    let mut root = Node::mapping(false, []);
    for (field, node) in said {
        let path = field.path().strip_prefix(below).unwrap_or(field.path());
        let parts: Vec<&str> = path.split('.').collect();
        put(&mut root, &parts, node, block);
    }
    let Body::Mapping { entries, .. } = root.body else { return Vec::new() };
    entries.into_iter().map(|Entry { key, value, .. }| (key.text().unwrap_or_default().to_owned(), value)).collect()
}

fn put(holder: &mut Node, parts: &[&str], value: Node, block: usize) {
    let (Some((first, rest)), Body::Mapping { entries, .. }) = (parts.split_first(), &mut holder.body) else { return };
    if rest.is_empty() {
        entries.push(Entry::new((*first).to_owned(), value));
        return;
    }
    let at = entries.iter().position(|entry| entry.key.text() == Some(first)).unwrap_or_else(|| {
        entries.push(Entry::new((*first).to_owned(), Node::mapping(block == 0, [])));
        entries.len() - 1
    });
    put(&mut entries[at].value, rest, value, block.saturating_sub(1));
}
