//! Overlays: a document merged field by field over the one of the same kind and name.

use crate::yaml::{Content, Node};

/// Merges `over` into `base`: mappings key by key, everything else (lists, scalars, null) replaces.
pub(crate) fn merge(base: &mut Node, over: &Node) {
    let (Content::Mapping(entries), Content::Mapping(changes)) = (&mut base.content, &over.content) else {
        base.clone_from(over);
        return;
    };
    // An index, since a mapping may be as wide as a file is long.
    let mut known: std::collections::HashMap<Box<str>, usize> =
        entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
    for change in changes {
        match known.get(&change.key).and_then(|&at| entries.get_mut(at)) {
            Some(entry) => {
                entry.key_place = change.key_place;
                merge(&mut entry.value, &change.value);
            }
            None => {
                known.insert(change.key.clone(), entries.len());
                entries.push(change.clone());
            }
        }
    }
}
