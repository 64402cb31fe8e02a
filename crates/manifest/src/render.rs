//! Problems for people: the message, the source line underlined, the hint.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use cxform_model::{FileId, is_unprintable};
use cxform_rules::Severity;

use crate::Place;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How to show problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanStyle {
    /// Whether to use colour. Its absence takes no meaning away.
    pub color: bool,
    /// The width of the terminal.
    pub width: usize,
}

impl Default for HumanStyle {
    fn default() -> Self {
        Self { color: false, width: 140 }
    }
}

/// Two places that are at most this many lines apart are shown in one excerpt.
const CLOSE: u32 = 12;
/// How much of a very long line is shown on either side of the place.
const AROUND: usize = 240;

impl Diagnostics {
    /// The problems as text, each followed by an empty line. There is no summary: the caller knows what it was about.
    #[must_use]
    pub fn human(&self, style: &HumanStyle) -> String {
        let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(style.width.max(40));
        let mut text = String::new();
        for problem in self {
            text.push_str(&self.one(problem, &renderer));
            text.push_str("\n\n");
        }
        if self.omitted() > 0 {
            text.push_str(&format!("... and {} more errors\n\n", self.omitted()));
        }
        text
    }

    fn one(&self, problem: &Diagnostic, renderer: &Renderer) -> String {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(printable(&problem.message)).id(printable(problem.id()));
        let mut group = title.elements(self.excerpts(problem));
        for label in problem.related.iter().filter(|label| label.at.is_none()) {
            group = group.element(Level::NOTE.message(format!("on the tenant: {}", printable(&label.text))));
        }
        if !problem.environments.is_empty() {
            let names: Vec<_> = problem.environments.iter().map(|name| format!("`{name}`")).collect();
            group = group.element(Level::NOTE.message(format!("only in environment {}", names.join(", "))));
        }
        if problem.at.is_none()
            && let Some(address) = &problem.address
        {
            group = group.element(Level::NOTE.message(format!("at `{address}`, which no line of a manifest asks for")));
        }
        if let Some(hint) = &problem.hint {
            group = group.element(Level::HELP.message(printable(hint)));
        }
        renderer.render(&[group])
    }

    /// Excerpts with the places marked, the problem's own first.
    fn excerpts(&self, problem: &Diagnostic) -> Vec<Element<'static>> {
        let Some(at) = problem.at else { return Vec::new() };
        let mut groups: Vec<Vec<Mark>> = vec![vec![Mark { place: at, label: None }]];
        for label in &problem.related {
            let Some(place) = label.at else { continue };
            let mark = Mark { place, label: Some(printable(&label.text)) };
            match groups.iter_mut().find(|group| group.iter().any(|other| close(other.place, place))) {
                Some(group) => group.push(mark),
                None => groups.push(vec![mark]),
            }
        }
        groups.iter().flat_map(|group| self.excerpt(group)).collect()
    }

    fn excerpt(&self, marks: &[Mark]) -> Vec<Element<'static>> {
        let Some(first) = marks.first() else { return Vec::new() };
        let file = first.place.source.file;
        let path = printable(self.file(first.place));
        let origin = Origin::path(path.clone())
            .line(first.place.source.line as usize)
            .char_column(first.place.source.column as usize);
        let mut elements = vec![Element::from(origin)];
        let spans: Vec<_> = marks.iter().filter_map(|mark| self.first_line(mark.place)).collect();
        let start = spans.iter().map(|span| span.start).min();
        let end = spans.iter().map(|span| span.end).max();
        let (Some(start), Some(end)) = (start, end) else { return elements };
        let Some(window) = self.window(file, start..end) else { return elements };
        let Some(text) = self.sources.shown(file, window.clone()) else { return elements };
        if text.is_empty() {
            return elements;
        }
        let line = marks.iter().map(|mark| mark.place.source.line).min().unwrap_or(1);
        let mut snippet = Snippet::source(printable_source(&text)).line_start(line as usize).fold(true);
        let lines = self.sources.lines(file, start..end);
        if lines.is_some_and(|lines| lines.start == window.start) {
            // With whole lines the snippet finds the column itself, and needs no heading of its own.
            elements.clear();
            snippet = snippet.path(path);
        }
        for (at, (mark, span)) in marks.iter().zip(spans).enumerate() {
            let kind = if at == 0 && mark.label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
            let span = span.start - window.start..span.end - window.start;
            snippet = snippet.annotation(kind.span(span).label(mark.label.clone()));
        }
        elements.push(snippet.into());
        elements
    }

    /// The part of a place that is on its first line.
    fn first_line(&self, place: Place) -> Option<Range<usize>> {
        let text = self.sources.text(place.source.file)?;
        let (start, end) = (place.start as usize, place.end as usize);
        let marked = text.get(start..end)?;
        let length = marked.find(['\n', '\r']).unwrap_or(marked.len());
        Some(start..start + length)
    }

    /// Whole lines, but only the surroundings of the marks where lines are very long.
    fn window(&self, file: FileId, marks: Range<usize>) -> Option<Range<usize>> {
        let text = self.sources.text(file)?;
        let lines = self.sources.lines(file, marks.clone())?;
        let mut start = lines.start.max(marks.start.saturating_sub(AROUND));
        let mut end = lines.end.min(marks.end + AROUND);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Some(start..end)
    }
}

struct Mark {
    place: Place,
    label: Option<String>,
}

fn close(left: Place, right: Place) -> bool {
    left.source.file == right.source.file && left.source.line.abs_diff(right.source.line) <= CLOSE
}

/// A source line that cannot lie on a terminal. Each character keeps its length in bytes, so that marks stay in
/// place; tabs and the C0 controls are the renderer's, which has signs for them.
fn printable_source(text: &str) -> String {
    let shown = |character: char| match (is_unprintable(character), character.len_utf8()) {
        (true, 2) => '\u{bf}',
        (true, 3) => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    text.chars().map(shown).collect()
}

/// Text that cannot lie on a terminal: control and direction characters are spelt out.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unprintable(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}
