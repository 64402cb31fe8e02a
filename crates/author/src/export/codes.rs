//! Call codes: one document for each category. A code of another category than the one above it stands in its own set.

use std::collections::{BTreeMap, HashMap, HashSet};

use cxform_model::{Address, Field, Kind, ObservedObject, RemoteId, canonical_field};
use serde_json::Value;

use super::fields::{Activity, Said, nest};
use super::outcomes::circles;
use super::{Writer, by_id, document};
use crate::express::text;
use crate::yaml::Node;

struct Member<'a> {
    object: &'a ObservedObject,
    category: String,
    said: Said,
}

impl<'a> Writer<'a> {
    pub(super) fn call_codes(&mut self) {
        let members = self.code_members();
        let mut sets: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
        for (address, member) in &members {
            sets.entry(&member.category).or_default().push(address);
        }
        for (category, inside) in sets {
            let all = |one: &&(Field, Node)| inside.iter().all(|address| members[*address].said.contains(one));
            let first = inside.first().map(|address| &members[*address].said).filter(|_| inside.len() > 1);
            let shared: Said = first
                .into_iter()
                .flatten()
                .filter(|(field, _)| field.policy().inherited)
                .filter(all)
                .cloned()
                .collect();
            let mut nodes: HashMap<&Address, Node> = HashMap::new();
            let mut below: HashMap<Address, Vec<&Address>> = HashMap::new();
            let mut roots = Vec::new();
            for address in &inside {
                match address
                    .parent_call_code()
                    .filter(|above| members.get(above).is_some_and(|above| above.category == category))
                {
                    Some(above) => below.entry(above).or_default().push(address),
                    None => roots.push(*address),
                }
            }
            // An address comes behind those above it.
            for address in inside.iter().rev() {
                let children: Vec<Node> =
                    below.get(address).into_iter().flatten().filter_map(|child| nodes.remove(child)).collect();
                let hangs = address.parent_call_code().filter(|_| roots.contains(address));
                let node = self.code_node(address, &members[*address], hangs, &shared, children);
                nodes.insert(address, node);
            }
            let mut spec = Vec::new();
            if !category.is_empty() {
                spec.push(("category".to_owned(), text(category)));
            }
            if !shared.is_empty() {
                spec.push(("defaults".to_owned(), Node::mapping(true, nest(shared, "", 0))));
            }
            let codes = roots.iter().filter_map(|root| nodes.remove(root));
            spec.push(("codes".to_owned(), Node::sequence(false, codes)));
            let name = self.names.file("callcodes", if category.is_empty() { "uncategorised" } else { category });
            self.file(format!("manifests/callcodes/{name}.yaml"), vec![document("CallCodeSet", text(&name), spec)]);
        }
    }

    /// The codes that go in, by their paths.
    fn code_members(&mut self) -> BTreeMap<Address, Member<'a>> {
        let ids = by_id(self.observed, Kind::CallCode);
        let mut standing: BTreeMap<Address, Vec<&ObservedObject>> = BTreeMap::new();
        for object in self.observed.of(Kind::CallCode) {
            match path(object, &ids) {
                Ok(codes) => standing.entry(Address::call_code(codes)).or_default().push(object),
                Err(why) => self.omit_object(object, None, &why),
            }
        }
        let twins: HashSet<Address> =
            standing.iter().filter(|(_, objects)| objects.len() > 1).map(|(address, _)| address.clone()).collect();
        let category = Field::find(Kind::CallCode, "category");
        let mut members = BTreeMap::new();
        for (address, objects) in standing {
            let above = std::iter::successors(address.parent_call_code(), Address::parent_call_code);
            let unclear = above.into_iter().any(|above| twins.contains(&above));
            let [object] = objects.as_slice() else {
                for object in objects {
                    self.omit_object(
                        object,
                        Some(address.clone()),
                        "several objects of the tenant stand under this path",
                    );
                }
                continue;
            };
            if unclear {
                self.omit_object(object, Some(address), "several objects of the tenant stand under the path above it");
            } else if self.wanted(&address, object) {
                let category = category.map(|field| canonical_field(field, object.fields.get(field)));
                let category = category.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
                let said = self.said(&address, object, &["category", "isActive"]);
                members.insert(address, Member { object, category, said });
            }
        }
        members
    }

    fn code_node(
        &mut self,
        address: &Address,
        member: &Member<'_>,
        above: Option<Address>,
        shared: &Said,
        children: Vec<Node>,
    ) -> Node {
        self.count(Kind::CallCode);
        let mut entries = vec![("code".to_owned(), text(address.key()))];
        if let Some(above) = above {
            let path = above.to_string();
            entries.push(("parent".to_owned(), text(path.split_once('/').map_or("", |(_, path)| path))));
        }
        let own: Said = member.said.iter().filter(|one| !shared.contains(one)).cloned().collect();
        entries.extend(nest(own, "", 0));
        match self.activity(address, member.object, "isActive") {
            Activity::Active => {}
            Activity::Inactive(word) => entries.push(("isActive".to_owned(), word)),
            Activity::Unknown(annotations) => entries.push(("annotations".to_owned(), annotations)),
        }
        let leaf = children.is_empty();
        if !leaf {
            entries.push(("children".to_owned(), Node::sequence(false, children)));
        }
        Node::mapping(leaf, entries)
    }
}

/// The codes from the root to an object.
fn path(object: &ObservedObject, ids: &HashMap<&RemoteId, &ObservedObject>) -> Result<Vec<String>, String> {
    if circles(object, ids) {
        return Err("it hangs below itself".to_owned());
    }
    let mut codes = vec![object.key.trim().to_owned()];
    let mut seen = HashSet::new();
    let mut at = object.parent.as_ref();
    while let Some(id) = at {
        let Some(above) = ids.get(id).filter(|_| seen.insert(id)) else {
            return Err(format!("no root leads to it: id `{id}` above it is not on the tenant, or hangs below itself"));
        };
        codes.push(above.key.trim().to_owned());
        at = above.parent.as_ref();
    }
    if codes.iter().any(String::is_empty) {
        return Err("it, or a code above it, has no code".to_owned());
    }
    codes.reverse();
    Ok(codes)
}
