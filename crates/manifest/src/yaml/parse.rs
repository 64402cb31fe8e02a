//! From events to trees: duplicate keys, merge keys, anchors, and every limit.
//!
//! Reading is tolerant: what a file holds before its first syntax error is kept, and the error told.

use std::collections::HashMap;

use cxform_model::{FileId, Source};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::{Content, Entry, Node};
use crate::catalogue::{DUPLICATE_KEY, LIMIT, SYNTAX};
use crate::diagnostic::Sink;
use crate::limits::{ALIASED, Budget, DEPTH};
use crate::{Diagnostic, Place};

/// One YAML document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) root: Node,
}

/// What a file holds, and whether it was read to its end.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) documents: Vec<Document>,
    pub(crate) complete: bool,
}

/// Reads a file. Every node, also each that an alias copies, is taken from the budget.
pub(crate) fn parse(file: FileId, text: &str, budget: &mut Budget, sink: &mut Sink) -> Parsed {
    // One level more than our own limit, which counts both kinds together and says it better.
    let options =
        granit_parser::options! { flow_nesting_limit: DEPTH + 2, block_nesting_limit: DEPTH + 2, emit_comments: false };
    let mut builder =
        Builder { file, text, budget, sink, stack: Vec::new(), anchors: HashMap::new(), done: Vec::new() };
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                builder.syntax(&error);
                Err(Stop)
            }
        };
        if step.is_err() {
            return Parsed { documents: builder.done, complete: false };
        }
    }
    Parsed { documents: builder.done, complete: true }
}

/// The rest of the file cannot be read; the problem is told.
struct Stop;

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    budget: &'a mut Budget,
    sink: &'a mut Sink,
    stack: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    done: Vec<Document>,
}

struct Anchored {
    node: Node,
    /// Levels of collections in it.
    depth: usize,
    weight: usize,
}

/// A collection whose end is still to come.
struct Open {
    place: Place,
    anchor: usize,
    /// The deepest nesting below, itself included.
    depth: usize,
    kind: OpenKind,
}

enum OpenKind {
    Sequence(Vec<Node>),
    Mapping(Members),
}

#[derive(Default)]
struct Members {
    entries: Vec<Entry>,
    /// Where each key is among the entries, once there are enough of them to make a search slow.
    known: HashMap<Box<str>, usize>,
    key: Option<Key>,
    merged: Vec<Node>,
    merge_seen: bool,
}

struct Key {
    text: Box<str>,
    place: Place,
    merge: bool,
    /// A second key of this name: its value is read and dropped.
    duplicate: bool,
}

/// From how many entries on the keys are indexed.
const WIDE: usize = 16;

impl Members {
    fn find(&self, key: &str) -> Option<Place> {
        let at = if self.entries.len() >= WIDE {
            *self.known.get(key)?
        } else {
            self.entries.iter().position(|entry| &*entry.key == key)?
        };
        self.entries.get(at).map(|entry| entry.key_place)
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        let count = self.entries.len();
        if count >= WIDE {
            let unknown = if count == WIDE { 0 } else { count - 1 };
            let keys = self.entries.iter().enumerate().skip(unknown);
            self.known.extend(keys.map(|(at, entry)| (entry.key.clone(), at)));
        }
    }
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                let place = self.place(span);
                let plain = self.scalar_type(style, tag.as_deref(), place)?;
                let node = Node { place, content: Content::Scalar { text: text.into(), plain } };
                self.charge(1, place)?;
                self.node(node, anchor, 0)?;
            }
            Event::Alias(anchor) => self.alias(anchor, self.place(span))?,
            Event::SequenceStart(_, anchor, tag) => {
                self.open(span, anchor, tag.as_deref(), "seq", OpenKind::Sequence(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(span, anchor, tag.as_deref(), "map", OpenKind::Mapping(Members::default()))?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, span: Span, anchor: usize, tag: Option<&Tag>, core: &str, kind: OpenKind) -> Result<(), Stop> {
        let place = self.place(span);
        if tag.is_some_and(|tag| tag.core_suffix() != Some(core)) {
            self.unknown_tag(place);
            return Err(Stop);
        }
        self.charge(1, place)?;
        if self.stack.len() >= DEPTH {
            self.too_deep(place);
            return Err(Stop);
        }
        self.stack.push(Open { place, anchor, depth: 1, kind });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Stop> {
        let Some(Open { mut place, anchor, depth, kind }) = self.stack.pop() else { return Ok(()) };
        let end = self.place(span);
        let content = match kind {
            OpenKind::Sequence(mut items) => {
                items.shrink_to_fit();
                Content::Sequence(items)
            }
            OpenKind::Mapping(members) => Content::Mapping(self.merge(members)?),
        };
        // A block ends with its last value; what the parser calls its end lies behind white space and comments.
        place.end = if end.end > end.start {
            end.end
        } else {
            match &content {
                Content::Sequence(items) => items.last().map(|item| item.place.end),
                Content::Mapping(entries) => entries.last().map(|entry| entry.value.place.end),
                Content::Scalar { .. } | Content::Unknown => None,
            }
            .unwrap_or(place.end)
            .max(place.start)
        };
        self.node(Node { place, content }, anchor, depth)
    }

    /// Puts a finished value where it belongs.
    fn node(&mut self, node: Node, anchor: usize, depth: usize) -> Result<(), Stop> {
        if anchor != 0 {
            let weight = node.weight();
            self.charge(weight, node.place)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), depth, weight });
        }
        let Some(parent) = self.stack.last_mut() else {
            self.done.push(Document { root: node });
            return Ok(());
        };
        parent.depth = parent.depth.max(depth + 1);
        match &mut parent.kind {
            OpenKind::Sequence(items) => items.push(node),
            OpenKind::Mapping(members) => match members.key.take() {
                None => return self.key(node),
                Some(Key { merge: true, .. }) => members.merged.push(node),
                Some(Key { duplicate: true, .. }) => {}
                Some(Key { text, place, .. }) => members.push(Entry { key: text, key_place: place, value: node }),
            },
        }
        Ok(())
    }

    fn key(&mut self, node: Node) -> Result<(), Stop> {
        let Node { place, content } = node;
        let Content::Scalar { text, plain } = content else {
            self.sink.push(Diagnostic::new(&SYNTAX, Some(place), "a key must be a scalar"));
            return Err(Stop);
        };
        let Some(Open { kind: OpenKind::Mapping(members), .. }) = self.stack.last_mut() else { return Ok(()) };
        let merge = plain && &*text == "<<";
        let duplicate = if merge { members.merge_seen.then_some(place) } else { members.find(&text) };
        members.merge_seen |= merge;
        if let Some(first) = duplicate {
            let mut problem =
                Diagnostic::new(&DUPLICATE_KEY, Some(place), format!("duplicate key {}", crate::suggest::shown(&text)));
            if merge {
                problem = problem.help("merge several mappings with a list: `<<: [*one, *two]`");
            } else {
                problem = problem.related(first, "first written here").help("remove one of the two");
            }
            self.sink.push(problem);
        }
        members.key = Some(Key { text, place, merge, duplicate: duplicate.is_some() });
        Ok(())
    }

    /// A copy of the anchored value. It stands where the alias stands; its parts stay where they are written.
    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Stop> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            self.sink.push(
                Diagnostic::new(&SYNTAX, Some(place), "an alias within its own anchor")
                    .help("a value cannot contain itself"),
            );
            return Err(Stop);
        };
        let (weight, depth) = (anchored.weight, anchored.depth);
        self.charge(weight.saturating_mul(ALIASED), place)?;
        if self.stack.len() + depth > DEPTH {
            self.too_deep(place);
            return Err(Stop);
        }
        let Some(anchored) = self.anchors.get(&anchor) else { return Ok(()) };
        let node = Node { place, content: anchored.node.content.clone() };
        self.node(node, 0, depth)
    }

    /// Adds the entries of `<<`: a key that is written out wins, then the mapping that comes first.
    fn merge(&mut self, mut members: Members) -> Result<Vec<Entry>, Stop> {
        for node in std::mem::take(&mut members.merged) {
            let mappings = match node.content {
                Content::Sequence(items) => items,
                _ => vec![node],
            };
            for mapping in mappings {
                let Content::Mapping(entries) = mapping.content else {
                    let problem = Diagnostic::new(&SYNTAX, Some(mapping.place), "`<<` merges mappings only");
                    self.sink.push(problem.help("quote it (`\"<<\"`) if it is an ordinary key"));
                    continue;
                };
                for entry in entries {
                    if members.find(&entry.key).is_none() {
                        members.push(entry);
                    }
                }
            }
        }
        members.entries.shrink_to_fit();
        Ok(members.entries)
    }

    /// Whether YAML gives a scalar its type.
    fn scalar_type(&mut self, style: ScalarStyle, tag: Option<&Tag>, place: Place) -> Result<bool, Stop> {
        match tag.map(|tag| (tag.core_suffix(), tag.parts())) {
            None => Ok(style == ScalarStyle::Plain),
            Some((Some("str"), _) | (None, ("", "!") | ("!", ""))) => Ok(false),
            Some((Some("int" | "float" | "bool" | "null"), _)) => Ok(true),
            Some(_) => {
                self.unknown_tag(place);
                Err(Stop)
            }
        }
    }

    fn charge(&mut self, amount: usize, place: Place) -> Result<(), Stop> {
        let told = self.budget.is_exhausted();
        if self.budget.take(amount) {
            return Ok(());
        }
        if !told {
            let limit = crate::limits::NODES;
            let message =
                format!("the project holds more than {limit} values; one that an alias copies counts {ALIASED} times");
            self.sink
                .push(Diagnostic::new(&LIMIT, Some(place), message).help("split the project, or use fewer aliases"));
        }
        Err(Stop)
    }

    fn too_deep(&mut self, place: Place) {
        let message = format!("nested more than {DEPTH} levels deep");
        self.sink.push(Diagnostic::new(&LIMIT, Some(place), message));
    }

    fn unknown_tag(&mut self, place: Place) {
        let problem =
            Diagnostic::new(&SYNTAX, Some(place), "this value has a tag that YAML 1.2 does not define for it");
        self.sink.push(problem.help("remove the `!...` in front of it"));
    }

    fn syntax(&mut self, error: &ScanError) {
        let mut place = self.place(Span::empty(*error.marker()));
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            self.too_deep(place);
            return;
        }
        let told = error.kind().to_string();
        let tab = told.contains("tab");
        let rest = self.text.get(place.start as usize..).unwrap_or("");
        if tab && let Some((at, _)) = rest.char_indices().take(256).find(|(_, next)| *next == '\t') {
            place = self.moved(place, at); // the parser points at what comes before the tab
        } else if let Some(next) = rest.chars().next().filter(|next| *next != '\n') {
            place.end += u32::try_from(next.len_utf8()).unwrap_or(1);
        }
        let line_start = self.text[..place.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[line_start..].lines().next().unwrap_or("");
        let hint = if tab {
            Some("indent with spaces: YAML allows no tabs there")
        } else if line.contains("${") {
            Some("inside `{ }` and `[ ]`, quote it: `\"${var.NAME}\"`")
        } else {
            None
        };
        let problem = Diagnostic::new(&SYNTAX, Some(place), format!("not valid YAML: {told}"));
        self.sink.push(problem.hint(hint.map(str::to_owned)));
    }

    /// The character this many bytes further on.
    fn moved(&self, place: Place, by: usize) -> Place {
        let from = place.start as usize;
        let passed = self.text.get(from..from + by).unwrap_or("");
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let mut source = place.source;
        match passed.rsplit_once('\n') {
            Some((before, line)) => {
                source.line += number(1 + before.matches('\n').count());
                source.column = number(1 + line.chars().count());
            }
            None => source.column += number(passed.chars().count()),
        }
        Place { source, start: number(from + by), end: number(from + by + 1) }
    }

    fn place(&self, span: Span) -> Place {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let start = span.start.byte_offset().unwrap_or(0).min(self.text.len());
        let end = span.end.byte_offset().unwrap_or(start).clamp(start, self.text.len());
        Place {
            source: Source {
                file: self.file,
                line: number(span.start.line().max(1)),
                column: number(span.start.col() + 1),
            },
            start: number(start),
            end: number(end),
        }
    }
}
