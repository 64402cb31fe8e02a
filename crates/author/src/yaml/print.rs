//! The canonical form: two spaces a level, dashes below their key indented, one space in front of a comment,
//! collections on one line where they were written so and fit.

use super::scalar::{double_quoted, single_quoted};
use super::{Body, Entry, Node, Stream, Style, Trivia};

/// How long a line with a collection on it may get.
const WIDTH: usize = 140;

/// A whole file.
pub(crate) fn print(stream: &Stream) -> String {
    let mut printer = Printer::default();
    for (at, document) in stream.documents.iter().enumerate() {
        if at > 0 {
            printer.line(0, "---");
        }
        printer.trivia(&document.before, 0);
        printer.root(&document.root);
    }
    printer.trivia(&stream.tail, 0);
    printer.out
}

/// A value as it stands behind `key:` whose own column is `indent`, the leading space or line break included.
///
/// `used` is how many columns of the line are taken.
pub(crate) fn print_value(value: &Node, indent: usize, used: usize) -> String {
    let mut printer = Printer { out: " ".repeat(used) };
    printer.value(value, indent);
    printer.out.split_off(used)
}

/// A value on one line, as it may stand between braces or brackets.
pub(crate) fn print_flow(value: &Node) -> String {
    let mut out = String::new();
    flow(value, &mut out);
    out
}

#[derive(Default)]
struct Printer {
    out: String,
}

impl Printer {
    fn line(&mut self, indent: usize, text: &str) {
        self.indent(indent);
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn column(&self) -> usize {
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        self.out[line..].chars().count()
    }

    fn trivia(&mut self, lines: &[Trivia], indent: usize) {
        for line in lines {
            match line {
                // No empty line at the top, behind a separator, behind what opens a block, nor behind another one.
                Trivia::Blank => {
                    let opens = self.out.is_empty() || self.out.ends_with("\n\n") || self.out.ends_with("---\n");
                    if !opens {
                        self.out.push('\n');
                    }
                }
                Trivia::Comment(text) => self.line(indent, text),
            }
        }
    }

    fn root(&mut self, root: &Node) {
        match &root.body {
            Body::Sequence { .. } | Body::Mapping { .. } if stands_as_block(root, WIDTH) => {
                let opening = opening(root);
                if !opening.is_empty() {
                    // Nothing but a separator can carry the anchor of a whole document.
                    if self.out.is_empty() || !self.out.ends_with("---\n") {
                        self.line(0, "---");
                    }
                    self.out.pop();
                    self.out.push(' ');
                    self.out.push_str(&opening);
                    self.out.push('\n');
                }
                self.block(root, 0, true);
            }
            _ if root.is_absent() && root.comment.is_none() => {}
            Body::Scalar { style: Style::Block { .. }, .. } => {
                self.out.push_str("---");
                self.value(root, 0);
            }
            _ => {
                self.out.push_str(&print_flow(root));
                self.comment(root);
                self.out.push('\n');
            }
        }
    }

    fn comment(&mut self, node: &Node) {
        if let Some(comment) = &node.comment {
            self.out.push(' ');
            self.out.push_str(comment);
        }
    }

    /// The lines of a collection. With `first` its first line is indented like the others.
    fn block(&mut self, node: &Node, indent: usize, first: bool) {
        let after = match &node.body {
            Body::Mapping { entries, after, .. } => {
                for (at, entry) in entries.iter().enumerate() {
                    self.entry(entry, indent, first || at > 0, at == 0);
                }
                after
            }
            Body::Sequence { items, after, .. } => {
                for (at, item) in items.iter().enumerate() {
                    self.before(&item.before, indent, at == 0);
                    if first || at > 0 {
                        self.indent(indent);
                    }
                    self.out.push('-');
                    self.item(&item.value, indent);
                }
                after
            }
            _ => return,
        };
        self.trivia(after, indent);
    }

    /// The first thing of a block has no empty line in front of it.
    fn before(&mut self, lines: &[Trivia], indent: usize, first: bool) {
        let skipped = if first { lines.iter().take_while(|line| **line == Trivia::Blank).count() } else { 0 };
        self.trivia(&lines[skipped..], indent);
    }

    fn entry(&mut self, entry: &Entry, indent: usize, indented: bool, first: bool) {
        self.before(&entry.before, indent, first);
        if indented {
            self.indent(indent);
        }
        self.out.push_str(&print_flow(&entry.key));
        if matches!(entry.key.body, Body::Alias(_)) {
            self.out.push(' ');
        }
        self.out.push(':');
        self.value(&entry.value, indent);
        self.trivia(&entry.below, indent + 2);
    }

    /// What stands behind `key:`, to the end of its last line.
    fn value(&mut self, value: &Node, indent: usize) {
        match &value.body {
            Body::Sequence { .. } | Body::Mapping { .. }
                if stands_as_block(value, WIDTH.saturating_sub(self.column() + 1)) =>
            {
                let opening = opening(value);
                if !opening.is_empty() {
                    self.out.push(' ');
                    self.out.push_str(&opening);
                }
                self.out.push('\n');
                self.block(value, indent + 2, true);
            }
            _ => self.inline(value, indent),
        }
    }

    /// What stands behind a dash.
    fn item(&mut self, value: &Node, indent: usize) {
        match &value.body {
            Body::Sequence { .. } | Body::Mapping { .. }
                if stands_as_block(value, WIDTH.saturating_sub(self.column() + 1)) =>
            {
                let opening = opening(value);
                let commented = match &value.body {
                    Body::Mapping { entries, .. } => entries.first().is_some_and(|entry| has_comment(&entry.before)),
                    Body::Sequence { items, .. } => items.first().is_some_and(|item| has_comment(&item.before)),
                    _ => false,
                };
                if opening.is_empty() && !commented {
                    self.out.push(' ');
                    self.block(value, indent + 2, false);
                    return;
                }
                if !opening.is_empty() {
                    self.out.push(' ');
                    self.out.push_str(&opening);
                }
                self.out.push('\n');
                self.block(value, indent + 2, true);
            }
            _ => self.inline(value, indent),
        }
    }

    fn inline(&mut self, value: &Node, indent: usize) {
        if value.is_absent() && value.properties == super::Properties::default() {
            self.comment(value);
            self.out.push('\n');
            return;
        }
        self.out.push(' ');
        if let Body::Scalar { style: Style::Block { header, lines }, .. } = &value.body {
            self.out.push_str(&properties(value));
            let mark: String = header.chars().filter(|next| !next.is_ascii_digit()).collect();
            self.out.push_str(&mark);
            // Lines that begin with a space would be taken for the indentation.
            if lines.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with([' ', '\t']))
                || header.len() > mark.len()
            {
                self.out.push('2');
            }
            self.comment(value);
            self.out.push('\n');
            for line in lines {
                if line.is_empty() {
                    self.out.push('\n');
                } else {
                    self.line(indent + 2, line);
                }
            }
            return;
        }
        self.out.push_str(&print_flow(value));
        self.comment(value);
        self.out.push('\n');
    }
}

fn has_comment(lines: &[Trivia]) -> bool {
    lines.iter().any(|line| matches!(line, Trivia::Comment(_)))
}

/// Anchor, tag and comment of a block collection, behind what opens it.
fn opening(node: &Node) -> String {
    let mut text = properties(node);
    text.push_str(node.comment.as_deref().unwrap_or_default());
    text.trim_end().to_owned()
}

fn properties(node: &Node) -> String {
    let mut text = String::new();
    if let Some(anchor) = &node.properties.anchor {
        text.push_str(&format!("&{anchor} "));
    }
    if let Some(tag) = &node.properties.tag {
        text.push_str(&format!("{tag} "));
    }
    text
}

/// Whether a collection is written over several lines: it was, holds comments, or is too long for one line.
fn stands_as_block(node: &Node, width: usize) -> bool {
    if node.items().is_empty() && node.entries().is_empty() {
        return false;
    }
    !node.is_flow() || node.has_comments_inside() || has_lines(node) || print_flow(node).chars().count() > width
}

/// Whether something in it needs lines of its own.
fn has_lines(node: &Node) -> bool {
    match &node.body {
        Body::Scalar { style, .. } => matches!(style, Style::Block { .. }),
        Body::Alias(_) => false,
        Body::Sequence { items, flow, .. } => !flow || items.iter().any(|item| has_lines(&item.value)),
        Body::Mapping { entries, flow, .. } => !flow || entries.iter().any(|entry| has_lines(&entry.value)),
    }
}

fn flow(node: &Node, out: &mut String) {
    out.push_str(&properties(node));
    match &node.body {
        Body::Alias(name) => {
            out.push('*');
            out.push_str(name);
        }
        Body::Scalar { text, style } => match style {
            Style::Plain if text.is_empty() => {
                out.truncate(out.trim_end().len());
            }
            Style::Plain if !text.contains('\n') => out.push_str(text),
            Style::Single if !text.contains('\n') && text.contains(['"', '\\']) => out.push_str(&single_quoted(text)),
            Style::Double(Some(inner)) => {
                out.push('"');
                out.push_str(inner);
                out.push('"');
            }
            _ => out.push_str(&double_quoted(text)),
        },
        Body::Sequence { items, .. } => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                flow(&item.value, out);
            }
            out.push(']');
        }
        Body::Mapping { entries, .. } if entries.is_empty() => out.push_str("{}"),
        Body::Mapping { entries, .. } => {
            out.push_str("{ ");
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                flow(&entry.key, out);
                if matches!(entry.key.body, Body::Alias(_)) {
                    out.push(' ');
                }
                out.push(':');
                if !entry.value.is_absent() || entry.value.properties != super::Properties::default() {
                    out.push(' ');
                    flow(&entry.value, out);
                }
            }
            out.push_str(" }");
        }
    }
}
