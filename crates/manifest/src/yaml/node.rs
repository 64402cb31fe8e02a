//! The tree. A project may hold sixteen million nodes, so they are small.

use crate::Place;

use super::{Plain, plain};

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

/// What a value holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// Text, and whether it was written plain, so that YAML 1.2 gives it a type.
    Scalar { text: Box<str>, plain: bool },
    /// Items in order.
    Sequence(Vec<Node>),
    /// Entries in the order they are written, each key once.
    Mapping(Vec<Entry>),
    /// A value that only the surroundings know, and nobody asked them: it fits everywhere and says nothing.
    Unknown,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Box<str>,
    pub(crate) key_place: Place,
    pub(crate) value: Node,
}

/// How many bytes of text weigh as much as a node.
pub(crate) const TEXT_WEIGHT: usize = 64;

impl Content {
    /// What a copy costs: its nodes, keys included, and long texts by length.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Unknown => 1,
            Self::Scalar { text, .. } => 1 + text.len() / TEXT_WEIGHT,
            Self::Sequence(items) => 1 + items.iter().map(Node::weight).sum::<usize>(),
            Self::Mapping(entries) => {
                1 + entries.iter().map(|entry| 1 + entry.key.len() / TEXT_WEIGHT + entry.value.weight()).sum::<usize>()
            }
        }
    }
}

impl Node {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|entry| &*entry.key == key).map(|entry| &entry.value)
    }

    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text of a scalar, whatever its type.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true } if plain(text) == Plain::Null)
    }

    pub(crate) const fn is_unknown(&self) -> bool {
        matches!(self.content, Content::Unknown)
    }

    /// What a copy of the tree costs: its nodes, keys included, and long texts by length.
    pub(crate) fn weight(&self) -> usize {
        self.content.weight()
    }

    /// What a message calls the value.
    pub(crate) fn noun(&self) -> &'static str {
        match &self.content {
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a mapping",
            Content::Unknown => "an unknown value",
            Content::Scalar { plain: false, .. } => "text",
            Content::Scalar { text, plain: true } => match plain(text) {
                Plain::Null => "null",
                Plain::Bool(_) => "a boolean",
                Plain::Number(_) => "a number",
                Plain::Text | Plain::Ambiguous(_) => "text",
            },
        }
    }

    /// The deepest node on the way that a JSON pointer describes.
    pub(crate) fn deepest(&self, pointer: &str) -> &Self {
        let mut node = self;
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            let next = match &node.content {
                Content::Mapping(_) => node.get(&part),
                Content::Sequence(items) => part.parse().ok().and_then(|at: usize| items.get(at)),
                Content::Scalar { .. } | Content::Unknown => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        node
    }

    /// Visits this node and every one below.
    pub(crate) fn visit<'a>(&'a self, visitor: &mut impl FnMut(&'a Self)) {
        visitor(self);
        match &self.content {
            Content::Scalar { .. } | Content::Unknown => {}
            Content::Sequence(items) => items.iter().for_each(|item| item.visit(visitor)),
            Content::Mapping(entries) => entries.iter().for_each(|entry| entry.value.visit(visitor)),
        }
    }
}
