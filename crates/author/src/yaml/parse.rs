//! From a text to the tree. Every comment finds a place in it: on a value, in front of one, or at the end of a collection.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::syntax::Item;
use super::{Body, Document, Entry, Node, Properties, Stream, Style, Trivia};

/// Why a text is no YAML that could be written again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
}

/// The deepest nesting, as for manifests.
const DEPTH: usize = 128;

/// Reads a text.
pub(crate) fn parse(text: &str) -> Result<Stream, SyntaxError> {
    let options = granit_parser::options! {
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
        emit_anchor_events: true,
        max_buffered_comment_events: usize::MAX,
    };
    let mut builder = Builder::new(text);
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.event(event, span)?,
            Err(error) => {
                let at = error.marker();
                return Err(SyntaxError { line: at.line(), column: at.col() + 1, reason: error.kind().to_string() });
            }
        }
    }
    builder.stream.tail = builder.take(None);
    Ok(builder.stream)
}

/// A comment that has no place yet.
struct Waiting {
    text: String,
    /// Its column, from 0.
    column: usize,
    /// Whether an empty line stands in front of it.
    blank: bool,
    range: Range<usize>,
}

struct Frame {
    node: Node,
    /// The column of its dashes or keys, from 0.
    column: usize,
    /// What stands in front of the item that is being read.
    next: Vec<Trivia>,
    /// The key whose value is being read.
    key: Option<Node>,
}

struct Builder<'t> {
    text: &'t str,
    /// Where each line starts.
    lines: Vec<usize>,
    stream: Stream,
    stack: Vec<Frame>,
    root: Option<Node>,
    /// What stands in front of the present document.
    before: Vec<Trivia>,
    waiting: Vec<Waiting>,
    /// Behind the last thing that has a place.
    cursor: usize,
    /// The line that it is on; 0 before the first one.
    line: usize,
    /// Whether an anchor that comes next belongs to the collection that was opened last.
    opened: bool,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self {
            text,
            lines: std::iter::once(0).chain(ends).collect(),
            stream: Stream::default(),
            stack: Vec::new(),
            root: None,
            before: Vec::new(),
            waiting: Vec::new(),
            cursor: 0,
            line: 0,
            opened: false,
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let range = span.byte_range().unwrap_or(0..0);
        let tag = || span.tag_span().and_then(|span| span.slice(self.text)).map(str::to_owned);
        let node = |body, tag| Node {
            properties: Properties { anchor: None, tag },
            body,
            comment: None,
            span: range.clone(),
            at: (span.start.line().max(1), span.start.col() + 1),
        };
        match event {
            Event::DocumentStart(explicit, version) => {
                let between = self.text.get(self.cursor..range.start).unwrap_or_default();
                if version.is_some() || between.lines().any(|line| line.starts_with('%')) {
                    let reason = "`%` directives cannot be kept".to_owned();
                    return Err(SyntaxError { line: span.start.line(), column: span.start.col() + 1, reason });
                }
                self.before = self.take(None);
                if explicit {
                    self.passed(range.end);
                }
            }
            Event::DocumentEnd => self.document(range),
            Event::Comment(..) => self.comment(range),
            Event::Scalar(text, style, _, tagged) => {
                let absent = range.is_empty() && style == ScalarStyle::Plain;
                let tag = tagged.and_then(|_| tag());
                let text = if absent { String::new() } else { text.into_owned() };
                let mut node = node(Body::Scalar { text, style: Style::Plain }, tag);
                self.begin(node.span.start, absent);
                let (style, written) = self.style(style, range.clone(), span.indent);
                self.passed(written.end);
                node.span = written;
                if let Body::Scalar { style: form, .. } = &mut node.body {
                    *form = style;
                }
                self.place(node);
            }
            Event::Alias(_) => {
                let name = self.text.get(range.start + 1..range.end).unwrap_or_default().to_owned();
                self.begin(range.start, false);
                self.passed(range.end);
                self.place(node(Body::Alias(name), None));
            }
            Event::Anchor(_, name) => self.anchor(name.into_owned()),
            Event::SequenceStart(style, _, tagged) => {
                let tag = tagged.and_then(|_| tag());
                let flow = style == StructureStyle::Flow;
                self.open(node(Body::Sequence { flow, items: Vec::new(), after: Vec::new() }, tag), flow);
            }
            Event::MappingStart(style, _, tagged) => {
                let tag = tagged.and_then(|_| tag());
                let flow = style == StructureStyle::Flow;
                self.open(node(Body::Mapping { flow, entries: Vec::new(), after: Vec::new() }, tag), flow);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range),
            _ => {}
        }
        Ok(())
    }

    fn document(&mut self, range: Range<usize>) {
        let after = self.take(None);
        let absent = || Node::new(Body::Scalar { text: String::new(), style: Style::Plain });
        let mut root = self.root.take().unwrap_or_else(absent);
        let mut before = std::mem::take(&mut self.before);
        match &mut root.body {
            Body::Sequence { after: end, flow: false, .. } | Body::Mapping { after: end, flow: false, .. } => {
                end.extend(after);
            }
            _ => before.extend(after),
        }
        self.stream.documents.push(Document { before, root });
        self.passed(range.end);
    }

    fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    fn passed(&mut self, end: usize) {
        if end > self.cursor {
            self.cursor = end;
            self.line = self.line_of(end);
        }
    }

    fn comment(&mut self, range: Range<usize>) {
        let text = self.text.get(range.clone()).unwrap_or_default().trim_end().to_owned();
        let line = self.line_of(range.start);
        let column = self.text.get(self.lines[line - 1]..range.start).unwrap_or_default();
        // Behind something on its line: it belongs to that. What stands behind `|` comes after the lines.
        if !column.trim().is_empty()
            && (line == self.line || range.start < self.cursor)
            && self.waiting.is_empty()
            && let Some(free @ None) = self.last_comment()
        {
            *free = Some(text);
            self.passed(range.end);
            return;
        }
        let above = self.waiting.last().map_or(self.line, |last| self.line_of(last.range.start));
        let column = column.chars().count();
        self.waiting.push(Waiting { text, column, blank: above > 0 && line > above + 1, range });
    }

    /// The comment of what was read last.
    fn last_comment(&mut self) -> Option<&mut Option<String>> {
        let Some(frame) = self.stack.last_mut() else { return self.root.as_mut().map(|root| &mut root.comment) };
        if let Some(key) = &mut frame.key {
            return Some(&mut key.comment);
        }
        let flow = frame.node.is_flow();
        match &mut frame.node.body {
            Body::Sequence { items, .. } if !items.is_empty() => items.last_mut().map(|item| &mut item.value.comment),
            Body::Mapping { entries, .. } if !entries.is_empty() => {
                entries.last_mut().map(|last| &mut last.value.comment)
            }
            _ if flow => Some(&mut frame.node.comment),
            _ => None,
        }
    }

    /// The comments that wait, as lines. With a column, those before the first that stands further left.
    fn take(&mut self, column: Option<usize>) -> Vec<Trivia> {
        let count =
            self.waiting.iter().take_while(|comment| column.is_none_or(|column| comment.column >= column)).count();
        self.take_first(count)
    }

    fn take_first(&mut self, count: usize) -> Vec<Trivia> {
        let mut lines = Vec::new();
        for comment in self.waiting.drain(..count).collect::<Vec<_>>() {
            if comment.blank {
                lines.push(Trivia::Blank);
            }
            lines.push(Trivia::Comment(comment.text));
            self.passed(comment.range.end);
        }
        lines
    }

    /// What stands in front of something that starts here.
    fn before(&mut self, start: usize) -> Vec<Trivia> {
        let count = self.waiting.iter().take_while(|comment| comment.range.start < start).count();
        let mut lines = self.take_first(count);
        if self.line > 0 && self.line_of(start) > self.line + 1 {
            lines.push(Trivia::Blank);
        }
        lines
    }

    /// The dash in front of an item that starts here, comments in between left aside.
    fn dash(&self, start: usize) -> usize {
        let comments: Vec<_> = self.waiting.iter().map(|comment| comment.range.clone()).collect();
        let gap = self.text.get(self.cursor..start).unwrap_or_default();
        let dashes = gap.match_indices('-').map(|(at, _)| self.cursor + at);
        dashes.into_iter().find(|at| !comments.iter().any(|comment| comment.contains(at))).unwrap_or(start)
    }

    /// Something starts here: gives what waits its place.
    fn begin(&mut self, start: usize, absent: bool) {
        let Some(frame) = self.stack.last() else {
            let lines = self.before(start);
            self.before.extend(lines);
            return;
        };
        let (flow, column, keyed) = (frame.node.is_flow(), frame.column, frame.key.is_some());
        let is_sequence = matches!(frame.node.body, Body::Sequence { .. });
        if keyed {
            if absent {
                return; // what stands below the key is told apart once the key has its value
            }
            // Between a key and a value that stands on one line: moves up.
            let lines = self.take_first(self.waiting.iter().take_while(|comment| comment.range.start < start).count());
            self.extend_next(lines.into_iter().filter(|line| *line != Trivia::Blank).collect());
            return;
        }
        if is_sequence && !flow {
            let dash = self.dash(start);
            let lines = self.before(dash);
            self.passed(dash + 1);
            self.extend_next(lines);
            // What stands between the dash and the item moves up as well, unless the item is a collection of its own.
            if column == usize::MAX
                && let Some(frame) = self.stack.last_mut()
            {
                frame.column = dash - self.lines[self.lines.partition_point(|line| *line <= dash) - 1];
            }
        } else {
            let lines = self.before(start);
            self.extend_next(lines);
        }
    }

    fn extend_next(&mut self, lines: Vec<Trivia>) {
        if let Some(frame) = self.stack.last_mut() {
            frame.next.extend(lines);
        }
    }

    fn open(&mut self, mut node: Node, flow: bool) {
        let start = node.span.start;
        let value = self.stack.last().is_some_and(|frame| frame.key.is_some());
        if flow || !value {
            self.begin(start, false);
        }
        if !flow && let Some(key) = self.stack.last_mut().and_then(|frame| frame.key.as_mut()) {
            node.comment = key.comment.take();
        }
        if flow {
            self.passed(node.span.end);
        }
        // A sequence learns its column from its first dash.
        let column = if matches!(node.body, Body::Mapping { .. }) { node.at.1 - 1 } else { usize::MAX };
        self.stack.push(Frame { node, column, next: Vec::new(), key: None });
        self.opened = true;
    }

    fn anchor(&mut self, name: String) {
        let node = match (self.opened, self.stack.last_mut()) {
            (true, Some(frame)) => Some(&mut frame.node),
            (_, Some(frame)) => match &mut frame.node.body {
                _ if frame.key.is_some() => frame.key.as_mut(),
                Body::Sequence { items, .. } => items.last_mut().map(|item| &mut item.value),
                Body::Mapping { entries, .. } => entries.last_mut().map(|entry| &mut entry.value),
                _ => None,
            },
            (_, None) => self.root.as_mut(),
        };
        if let Some(node) = node {
            node.properties.anchor = Some(name);
        }
    }

    fn close(&mut self, range: Range<usize>) {
        let Some(mut frame) = self.stack.pop() else { return };
        let flow = frame.node.is_flow();
        let end = if flow && !range.is_empty() { Some(range.start) } else { None };
        let count = match end {
            Some(end) => self.waiting.iter().take_while(|comment| comment.range.start < end).count(),
            None if flow => 0,
            None => self.waiting.iter().take_while(|comment| comment.column >= frame.column).count(),
        };
        let lines = self.take_first(count);
        match &mut frame.node.body {
            Body::Sequence { after, .. } | Body::Mapping { after, .. } => after.extend(lines),
            _ => {}
        }
        if flow {
            self.passed(range.end);
            frame.node.span.end = frame.node.span.end.max(range.end);
        } else {
            // What stands behind the last value and has no place yet is no part of the block.
            frame.node.span.end = last_end(&frame.node).max(frame.node.span.start);
        }
        self.place(frame.node);
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, mut value: Node) {
        self.opened = false;
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(value);
            return;
        };
        let column = frame.column;
        match &mut frame.node.body {
            Body::Sequence { items, .. } => items.push(Item { before: std::mem::take(&mut frame.next), value }),
            Body::Mapping { entries, .. } => match frame.key.take() {
                None => frame.key = Some(value),
                Some(mut key) => {
                    let mut before = std::mem::take(&mut frame.next);
                    if let Some(comment) = key.comment.take() {
                        match &value.comment {
                            None => value.comment = Some(comment),
                            Some(_) => before.push(Trivia::Comment(comment)),
                        }
                    }
                    let absent = value.is_absent();
                    entries.push(Entry { before, key, value, below: Vec::new() });
                    if absent && !frame.node.is_flow() {
                        let below = self.take(Some(column + 1));
                        self.below(below);
                    }
                }
            },
            _ => {}
        }
    }

    fn below(&mut self, lines: Vec<Trivia>) {
        if let Some(Body::Mapping { entries, .. }) = self.stack.last_mut().map(|frame| &mut frame.node.body)
            && let Some(entry) = entries.last_mut()
        {
            entry.below = lines;
        }
    }

    /// How a scalar is written, and where.
    fn style(&self, style: ScalarStyle, range: Range<usize>, indent: Option<usize>) -> (Style, Range<usize>) {
        let written = self.text.get(range.clone()).unwrap_or_default();
        match style {
            ScalarStyle::Plain => (Style::Plain, range),
            ScalarStyle::SingleQuoted => (Style::Single, range),
            ScalarStyle::DoubleQuoted => {
                let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                (Style::Double(inner.filter(|inner| !inner.contains(['\n', '\r'])).map(str::to_owned)), range)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => self.block(&range, indent.unwrap_or(0)),
        }
    }

    /// The lines of a `|` or `>` without their indentation.
    fn block(&self, range: &Range<usize>, indent: usize) -> (Style, Range<usize>) {
        let gap = self.text.get(self.cursor..range.start).unwrap_or_default();
        let opener = gap.find(['|', '>']).map_or(self.cursor, |at| self.cursor + at);
        let header: String = self.text[opener..].chars().take_while(|next| "|>+-0123456789".contains(*next)).collect();
        let first = self.lines.get(self.line_of(opener)).copied().unwrap_or(self.text.len());
        let body = self.text.get(first..range.end.max(first)).unwrap_or_default();
        let mut lines: Vec<String> = body
            .split('\n')
            .map(|line| {
                let line = line.strip_suffix('\r').unwrap_or(line);
                let cut = line.char_indices().take(indent).take_while(|(_, next)| *next == ' ').count();
                line[cut..].to_owned()
            })
            .collect();
        // What follows the last line break is the indentation of the next value, or a last line that nothing ends.
        if lines.last().is_some_and(|last| last.trim().is_empty()) {
            lines.pop();
        }
        let mut end = range.end;
        if !header.contains('+') {
            while lines.last().is_some_and(|line| line.trim().is_empty()) {
                lines.pop();
            }
            end = first + self.text.get(first..range.end.max(first)).unwrap_or_default().trim_end().len();
        }
        (Style::Block { header, lines }, opener..end.max(opener + 1))
    }
}

/// Where the last value of a block collection ends.
fn last_end(node: &Node) -> usize {
    match &node.body {
        Body::Sequence { items, .. } => items.last().map_or(0, |item| item.value.span.end),
        Body::Mapping { entries, .. } => entries.last().map_or(0, |entry| entry.value.span.end.max(entry.key.span.end)),
        _ => 0,
    }
}
