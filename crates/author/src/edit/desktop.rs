//! A campaign's desktop: its entry under `assignments` lists what the tenant shows, in that order.

use std::collections::BTreeSet;

use cxform_model::{Address, DesktopEntry};

use super::field::{colon, end_of, line_end};
use super::find::value_at;
use super::{Bench, Refused, Replacement};
use crate::express::text;
use crate::yaml::{Body, Entry, Item, Node, print_flow, print_value};

impl Bench<'_> {
    pub(super) fn desktop(
        &self,
        campaign: &Address,
        shown: &[Address],
        default: Option<&Address>,
    ) -> Result<Vec<Replacement>, Refused> {
        let reaching: Vec<&DesktopEntry> = self
            .desired
            .desktops
            .iter()
            .filter(|entry| entry.campaigns.iter().any(|other| other.value == *campaign))
            .collect();
        let entry = match reaching.as_slice() {
            [] => return Err(Refused::Unknown(campaign.clone())),
            [entry] if entry.campaigns.len() == 1 && entry.groups.is_empty() => entry,
            [entry, ..] => return Err(Refused::Shared { place: self.place(entry.source) }),
        };
        let (stream, written) = self.stream(entry.source.file).ok_or_else(|| self.lost(entry.source))?;
        let mapping = value_at(stream, written, entry.source).ok_or_else(|| self.lost(entry.source))?;
        // Dashes that stand below their key without indentation: list and first item start at one place.
        let node = mapping.node.items().first().map_or(mapping.node, |item| &item.value);
        let flow = mapping.in_flow() || node.is_flow();
        let wanted = self.wanted(entry, shown, default);
        if let Some(stranger) = wanted.iter().find(|outcome| !self.desired.objects.contains_key(*outcome)) {
            return Err(Refused::Inexpressible(format!("`{stranger}` is on the desktop, but no manifest lists it")));
        }
        let file = self.name(entry.source.file);
        let mut replacements = Vec::new();
        let listed: Vec<&Address> = entry.outcomes.iter().map(|outcome| &outcome.value).collect();
        if listed != wanted.iter().collect::<Vec<_>>() {
            let list = match node.entry("outcomes") {
                Some(Entry { value: old, .. }) => reordered(old, &wanted),
                None => Node::sequence(true, wanted.iter().map(|outcome| text(outcome.key()))),
            };
            replacements
                .push(self.put(file, written, node, flow, "outcomes", list).ok_or_else(|| self.lost(entry.source))?);
        }
        if let Some(selected) = entry.default.as_ref().filter(|selected| selected.value.as_ref() != default) {
            let value =
                default.map_or_else(|| crate::yaml::scalar_of(&serde_json::Value::Null), |outcome| text(outcome.key()));
            let spot = node.get("default").ok_or_else(|| self.lost(selected.source))?;
            if matches!(spot.body, Body::Alias(_) | Body::Scalar { .. }) && !spot.is_absent() {
                replacements.push(Replacement {
                    file: file.to_owned(),
                    range: spot.span.clone(),
                    text: print_flow(&value),
                });
            } else {
                return Err(self.lost(selected.source));
            }
        }
        let again: BTreeSet<&Address> =
            entry.unassigned.iter().map(|off| &off.value).filter(|off| wanted.contains(off)).collect();
        if !again.is_empty() {
            let off: Vec<Address> =
                entry.unassigned.iter().map(|off| off.value.clone()).filter(|off| !again.contains(off)).collect();
            let old = node.get("unassigned").ok_or_else(|| self.lost(entry.source))?;
            let list = reordered(old, &off);
            replacements
                .push(self.put(file, written, node, flow, "unassigned", list).ok_or_else(|| self.lost(entry.source))?);
        }
        Ok(replacements)
    }

    /// What the entry lists afterwards: of an exclusive desktop everything, of another one what it listed and is still
    /// there, with what it is to select.
    fn wanted(&self, entry: &DesktopEntry, shown: &[Address], default: Option<&Address>) -> Vec<Address> {
        let listed: BTreeSet<&Address> =
            entry.outcomes.iter().chain(&entry.unassigned).map(|outcome| &outcome.value).collect();
        let selected = default.filter(|_| entry.default.is_some());
        let ours = |outcome: &&Address| entry.exclusive || listed.contains(*outcome) || Some(*outcome) == selected;
        shown.iter().filter(ours).cloned().collect()
    }

    fn put(&self, file: &str, written: &str, holder: &Node, flow: bool, key: &str, list: Node) -> Option<Replacement> {
        let Some(entry) = holder.entry(key) else { return self.insert(file, written, holder, &[key], list) };
        if flow || matches!(entry.value.body, Body::Alias(_)) {
            let range = entry.value.span.clone();
            return (!entry.value.has_comments_inside()).then(|| Replacement {
                file: file.to_owned(),
                range,
                text: print_flow(&list),
            });
        }
        let indent = holder.at.1 - 1;
        let range = colon(written, entry)..line_end(written, end_of(entry));
        let text = print_value(&list, indent, indent + entry.key.span.len() + 1).trim_end_matches('\n').to_owned();
        Some(Replacement { file: file.to_owned(), range, text })
    }
}

/// A list of codes in which those that stay keep their text and comments.
fn reordered(old: &Node, wanted: &[Address]) -> Node {
    let Body::Sequence { flow, items, after } = &old.body else {
        return Node::sequence(true, wanted.iter().map(|outcome| text(outcome.key())));
    };
    let item = |outcome: &Address| {
        let known = items.iter().find(|item| item.value.text() == Some(outcome.key()));
        known.cloned().unwrap_or_else(|| Item { before: Vec::new(), value: text(outcome.key()) })
    };
    let items: Vec<Item> = wanted.iter().map(item).collect();
    let mut list = Node::new(Body::Sequence { flow: *flow || items.is_empty(), items, after: after.clone() });
    list.comment.clone_from(&old.comment);
    list
}
