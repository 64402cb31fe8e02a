//! Outcomes: one document for each tree, and one for all that stand alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use cxform_model::{Address, Field, Kind, ObservedObject, RemoteId};

use super::fields::{Activity, Said, nest};
use super::{Writer, by_id, document};
use crate::express::text;
use crate::yaml::Node;

/// An outcome that goes in.
struct Member<'a> {
    object: &'a ObservedObject,
    /// What it hangs below, whether that goes in or not.
    parent: Option<&'a str>,
    said: Said,
}

/// Trees while they are written.
#[derive(Default)]
pub(super) struct Trees {
    /// The document of each outcome that goes in.
    pub(super) of: HashMap<RemoteId, usize>,
    pub(super) documents: Vec<Tree>,
}

/// A document.
pub(super) struct Tree {
    file: String,
    spec: Vec<(String, Node)>,
    pub(super) assignments: Vec<Node>,
}

impl<'a> Writer<'a> {
    pub(super) fn outcomes(&mut self) {
        let members = self.members();
        let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut roots = Vec::new();
        for (code, member) in &members {
            match member.parent.filter(|parent| members.contains_key(parent)) {
                Some(parent) => below.entry(parent).or_default().push(code),
                None => roots.push(*code),
            }
        }
        let (alone, trees): (Vec<&str>, Vec<&str>) = roots.into_iter().partition(|code| !below.contains_key(code));
        let mut documents = Trees::default();
        for root in trees {
            self.tree(root, &[root], &members, &below, &mut documents);
        }
        if !alone.is_empty() {
            self.tree("outcomes", &alone, &members, &below, &mut documents);
        }
        self.desktops(&mut documents);
        for Tree { file, mut spec, assignments } in documents.documents {
            if !assignments.is_empty() {
                spec.push(("assignments".to_owned(), Node::sequence(false, assignments)));
            }
            self.file(
                format!("manifests/dispositions/{file}.yaml"),
                vec![document("DispositionTree", text(&file), spec)],
            );
        }
    }

    /// The outcomes that go in, by code. What stands in a circle or below nothing has no place in a manifest.
    fn members(&mut self) -> BTreeMap<&'a str, Member<'a>> {
        let named = self.named(Kind::Outcome);
        let ids = by_id(self.observed, Kind::Outcome);
        let mut members = BTreeMap::new();
        for (code, object) in &named {
            let address = Address::outcome(*code);
            if !self.wanted(&address, object) {
                continue;
            }
            let parent = match &object.parent {
                None => None,
                Some(id) => match ids.get(id).map(|parent| parent.key.trim()) {
                    None => {
                        self.omit_object(
                            object,
                            Some(address),
                            &format!("what it hangs below, id `{id}`, is not on the tenant"),
                        );
                        continue;
                    }
                    Some(parent) if !named.contains_key(parent) => {
                        self.omit_object(object, Some(address), "what it hangs below has no code of its own");
                        continue;
                    }
                    Some(_) if circles(object, &ids) => {
                        self.omit_object(object, Some(address), "it hangs below itself");
                        continue;
                    }
                    Some(parent) => Some(parent),
                },
            };
            let said = self.said(&address, object, &["status"]);
            members.insert(*code, Member { object, parent, said });
        }
        members
    }

    fn tree(
        &mut self,
        name: &str,
        roots: &[&str],
        members: &BTreeMap<&str, Member<'a>>,
        below: &BTreeMap<&str, Vec<&str>>,
        trees: &mut Trees,
    ) {
        let mut inside: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = roots.iter().rev().copied().collect();
        while let Some(code) = open.pop() {
            inside.push(code);
            open.extend(below.get(code).into_iter().flatten().rev().copied());
        }
        let shared = shared(&inside, members);
        let at = trees.documents.len();
        let mut nodes: HashMap<&str, Node> = HashMap::new();
        // What hangs below comes first.
        for code in inside.iter().rev() {
            let Some(member) = members.get(code) else { continue };
            trees.of.insert(member.object.id.clone(), at);
            let children: Vec<Node> =
                below.get(code).into_iter().flatten().filter_map(|child| nodes.remove(child)).collect();
            let hangs = member.parent.filter(|_| roots.contains(code));
            let node = self.node(code, member, hangs, &shared, children);
            nodes.insert(code, node);
        }
        let outcomes = roots.iter().filter_map(|root| nodes.remove(root));
        let mut spec = Vec::new();
        if !shared.is_empty() {
            spec.push(("defaults".to_owned(), Node::mapping(false, nest(shared, "", 0))));
        }
        spec.push(("outcomes".to_owned(), Node::sequence(false, outcomes)));
        let file = self.names.file("dispositions", name);
        trees.documents.push(Tree { file, spec, assignments: Vec::new() });
    }

    fn node(
        &mut self,
        code: &str,
        member: &Member<'_>,
        parent: Option<&str>,
        shared: &Said,
        children: Vec<Node>,
    ) -> Node {
        let address = Address::outcome(code);
        self.count(Kind::Outcome);
        let (words, settings): (Said, Said) = member
            .said
            .iter()
            .filter(|one| !shared.contains(one))
            .cloned()
            .partition(|(field, _)| !field.path().contains('.'));
        let mut entries = vec![("code".to_owned(), text(code))];
        entries.extend(parent.map(|parent| ("parent".to_owned(), text(parent))));
        entries.extend(nest(words, "", 0));
        let annotations = match self.activity(&address, member.object, "status") {
            Activity::Active => None,
            Activity::Inactive(word) => {
                entries.push(("status".to_owned(), word));
                None
            }
            Activity::Unknown(annotations) => Some(annotations),
        };
        entries.extend(nest(settings, "", 0));
        entries.extend(annotations.map(|annotations| ("annotations".to_owned(), annotations)));
        let leaf = children.is_empty();
        if !leaf {
            entries.push(("children".to_owned(), Node::sequence(false, children)));
        }
        Node::mapping(leaf, entries)
    }

    /// A document for the desktops that show outcomes of several trees.
    pub(super) fn desktop_tree(&mut self, trees: &mut Trees) -> usize {
        let file = self.names.file("dispositions", "desktops");
        trees.documents.push(Tree { file, spec: Vec::new(), assignments: Vec::new() });
        trees.documents.len() - 1
    }
}

/// What every outcome of a document has: it is written once.
fn shared(inside: &[&str], members: &BTreeMap<&str, Member<'_>>) -> Said {
    let [first, rest @ ..] = inside else { return Said::new() };
    let Some(first) = members.get(first).filter(|_| !rest.is_empty()) else { return Said::new() };
    let liftable = |field: Field| field.policy().inherited && field.path() != "uiConfig.shortcutKey";
    let everywhere = |one: &&(Field, Node)| {
        rest.iter().all(|code| members.get(code).is_some_and(|member| member.said.contains(one)))
    };
    first.said.iter().filter(|(field, _)| liftable(*field)).filter(everywhere).cloned().collect()
}

/// Whether an object is above itself.
pub(super) fn circles(object: &ObservedObject, ids: &HashMap<&RemoteId, &ObservedObject>) -> bool {
    let mut seen = HashSet::new();
    let mut at = object.parent.as_ref();
    while let Some(id) = at.filter(|id| seen.insert(*id)) {
        if *id == object.id {
            return true;
        }
        at = ids.get(id).and_then(|above| above.parent.as_ref());
    }
    false
}
