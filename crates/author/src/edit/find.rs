//! Finding values in the tree by the place that `cxform-manifest` knows them by.

use cxform_model::Source;

use crate::yaml::{Body, Entry, Node, Stream};

/// A value and what surrounds it.
#[derive(Debug, Clone)]
pub(super) struct Spot<'s> {
    /// From the root of the document to the collection that holds the value.
    pub(super) path: Vec<&'s Node>,
    /// The entry that it is the value of; `None` for an item or a root.
    pub(super) entry: Option<&'s Entry>,
    pub(super) node: &'s Node,
}

impl<'s> Spot<'s> {
    /// The mapping that holds it.
    pub(super) fn holder(&self) -> Option<&'s Node> {
        self.path.last().copied()
    }

    /// Whether it stands between braces or brackets.
    pub(super) fn in_flow(&self) -> bool {
        self.path.iter().any(|node| node.is_flow())
    }
}

/// The outermost value that starts at a place.
pub(super) fn value_at<'s>(stream: &'s Stream, text: &str, source: Source) -> Option<Spot<'s>> {
    let (line, column) = (source.line as usize, source.column as usize);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(start..)?;
    let offset = start + rest.chars().take(column - 1).map(char::len_utf8).sum::<usize>();
    let mut search = Search { at: (line, column), offset, path: Vec::new() };
    stream.documents.iter().find_map(|document| search.node(&document.root, None))
}

struct Search<'s> {
    at: (usize, usize),
    offset: usize,
    path: Vec<&'s Node>,
}

impl<'s> Search<'s> {
    fn node(&mut self, node: &'s Node, entry: Option<&'s Entry>) -> Option<Spot<'s>> {
        if node.at == self.at {
            return Some(Spot { path: self.path.clone(), entry, node });
        }
        if self.offset < node.span.start || self.offset > node.span.end {
            return None;
        }
        self.path.push(node);
        let found = match &node.body {
            Body::Sequence { items, .. } => items.iter().find_map(|item| self.node(&item.value, None)),
            Body::Mapping { entries, .. } => entries.iter().find_map(|entry| self.node(&entry.value, Some(entry))),
            Body::Scalar { .. } | Body::Alias(_) => None,
        };
        self.path.pop();
        found
    }
}
