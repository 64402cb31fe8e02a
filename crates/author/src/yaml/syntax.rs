//! The tree.

use std::ops::Range;

/// A file: its documents, and what stands behind the last one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stream {
    pub(crate) documents: Vec<Document>,
    pub(crate) tail: Vec<Trivia>,
}

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// What stands in front of it.
    pub(crate) before: Vec<Trivia>,
    pub(crate) root: Node,
}

/// Lines between values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trivia {
    /// One or more empty lines.
    Blank,
    /// A comment on a line of its own, with its `#`.
    Comment(String),
}

/// A value with everything that is written about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) properties: Properties,
    pub(crate) body: Body,
    /// The comment behind the value on its last line; of a block collection, behind what opens it.
    pub(crate) comment: Option<String>,
    /// The bytes of the value itself, without anchor, tag and comment.
    pub(crate) span: Range<usize>,
    /// Line and column of the first of them, both from 1, the column in characters.
    pub(crate) at: (usize, usize),
}

/// What stands in front of a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Properties {
    /// The name of an anchor, without `&`.
    pub(crate) anchor: Option<String>,
    /// A tag as it is written.
    pub(crate) tag: Option<String>,
}

/// What a value holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Scalar {
        text: String,
        style: Style,
    },
    /// The name of an anchor, without `*`.
    Alias(String),
    Sequence {
        flow: bool,
        items: Vec<Item>,
        after: Vec<Trivia>,
    },
    Mapping {
        flow: bool,
        entries: Vec<Entry>,
        after: Vec<Trivia>,
    },
}

/// How a scalar is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Style {
    /// The text itself, so that YAML gives it a type.
    Plain,
    /// `'...'`
    Single,
    /// `"..."`, with the characters between the quotes where they stand on one line.
    Double(Option<String>),
    /// `|` or `>` with its indicators, and the lines without their common indentation.
    Block { header: String, lines: Vec<String> },
}

/// An item of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) before: Vec<Trivia>,
    pub(crate) value: Node,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) before: Vec<Trivia>,
    pub(crate) key: Node,
    pub(crate) value: Node,
    /// Comments below a key that has no value yet.
    pub(crate) below: Vec<Trivia>,
}

impl Node {
    /// A value that stands nowhere yet.
    pub(crate) fn new(body: Body) -> Self {
        Self { properties: Properties::default(), body, comment: None, span: 0..0, at: (0, 0) }
    }

    /// A mapping in block or flow style.
    pub(crate) fn mapping(flow: bool, entries: impl IntoIterator<Item = (String, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| Entry::new(key, value)).collect();
        Self::new(Body::Mapping { flow, entries, after: Vec::new() })
    }

    /// A sequence in block or flow style.
    pub(crate) fn sequence(flow: bool, items: impl IntoIterator<Item = Self>) -> Self {
        let items = items.into_iter().map(|value| Item { before: Vec::new(), value }).collect();
        Self::new(Body::Sequence { flow, items, after: Vec::new() })
    }

    /// The entry of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.body {
            Body::Mapping { entries, .. } => entries.iter().find(|entry| entry.key.text() == Some(key)),
            _ => None,
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Replaces the value of a key that is there.
    pub(crate) fn set(&mut self, key: &str, value: Self) {
        if let Body::Mapping { entries, .. } = &mut self.body
            && let Some(entry) = entries.iter_mut().find(|entry| entry.key.text() == Some(key))
        {
            entry.value = value;
        }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.body {
            Body::Mapping { entries, .. } => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Item] {
        match &self.body {
            Body::Sequence { items, .. } => items,
            _ => &[],
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is written between braces or brackets.
    pub(crate) const fn is_flow(&self) -> bool {
        matches!(self.body, Body::Sequence { flow: true, .. } | Body::Mapping { flow: true, .. })
    }

    /// Whether nothing at all is written.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(&self.body, Body::Scalar { text, style: Style::Plain } if text.is_empty())
    }

    /// Whether two values are the same text in whatever form: anchors, tags, keys and the types of scalars included;
    /// comments and places are not.
    pub(crate) fn means(&self, other: &Self) -> bool {
        let same = match (&self.body, &other.body) {
            (Body::Scalar { text, style }, Body::Scalar { text: other, style: form }) => {
                text == other && (*style == Style::Plain) == (*form == Style::Plain)
            }
            (Body::Alias(name), Body::Alias(other)) => name == other,
            (Body::Sequence { items, .. }, Body::Sequence { items: others, .. }) => {
                items.len() == others.len()
                    && items.iter().zip(others).all(|(item, other)| item.value.means(&other.value))
            }
            (Body::Mapping { entries, .. }, Body::Mapping { entries: others, .. }) => {
                let alike =
                    |(entry, other): (&Entry, &Entry)| entry.key.means(&other.key) && entry.value.means(&other.value);
                entries.len() == others.len() && entries.iter().zip(others).all(alike)
            }
            _ => false,
        };
        same && self.properties == other.properties
    }

    /// Every comment in and on the value.
    pub(crate) fn comments<'n>(&'n self, into: &mut Vec<&'n str>) {
        into.extend(self.comment.as_deref());
        match &self.body {
            Body::Scalar { .. } | Body::Alias(_) => {}
            Body::Sequence { items, after, .. } => {
                for item in items {
                    comments(&item.before, into);
                    item.value.comments(into);
                }
                comments(after, into);
            }
            Body::Mapping { entries, after, .. } => {
                for entry in entries {
                    comments(&entry.before, into);
                    entry.key.comments(into);
                    entry.value.comments(into);
                    comments(&entry.below, into);
                }
                comments(after, into);
            }
        }
    }

    /// Whether a comment stands in it, so that it cannot stand on one line.
    pub(crate) fn has_comments_inside(&self) -> bool {
        let mut all = Vec::new();
        self.comments(&mut all);
        all.len() > usize::from(self.comment.is_some())
    }
}

impl Entry {
    /// An entry that stands nowhere yet.
    pub(crate) fn new(key: String, value: Node) -> Self {
        Self { before: Vec::new(), key: super::scalar_of(&serde_json::Value::String(key)), value, below: Vec::new() }
    }
}

fn comments<'t>(trivia: &'t [Trivia], into: &mut Vec<&'t str>) {
    into.extend(trivia.iter().filter_map(|line| match line {
        Trivia::Comment(text) => Some(text.as_str()),
        Trivia::Blank => None,
    }));
}

impl Stream {
    /// Every comment of the file.
    pub(crate) fn comments(&self) -> Vec<&str> {
        let mut all = Vec::new();
        for document in &self.documents {
            comments(&document.before, &mut all);
            document.root.comments(&mut all);
        }
        comments(&self.tail, &mut all);
        all
    }
}
