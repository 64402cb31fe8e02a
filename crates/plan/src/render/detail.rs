//! The fields of a change, each ready to be laid out: on a terminal, in a comment, on a page.

use cxform_model::Kind;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::value::{inline, is_long, lines, records};
use crate::{Action, Change, Class, FieldChange};

/// The lines of a diff that surround a difference.
const CONTEXT: usize = 2;

/// One field of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail<'p> {
    /// The field.
    pub field: &'p FieldChange,
    /// Its values as text.
    pub shown: Shown,
    /// What its change means, where it bears on compliance.
    pub class: Option<Class>,
}

impl Detail<'_> {
    /// ` (loosening)`; empty where its change has no bearing on compliance.
    #[must_use]
    pub fn note(&self) -> String {
        self.class.map_or_else(String::new, |class| format!(" ({})", class.word()))
    }
}

/// Values as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The value of something new, on one line.
    Set(String),
    /// The value as it is now and as it will be, each on one line.
    Changed(String, String),
    /// The lines of longer values: those that differ, and a few around them.
    Lines(Vec<DiffLine>),
}

/// One line of a diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffLine {
    /// As it is now.
    Before(String),
    /// As it will be.
    After(String),
    /// On both sides.
    Same(String),
    /// Lines that are on both sides, left out.
    Gap,
}

/// The fields of a change in the order of the table. A value of more than `room` characters is told over several lines.
///
/// A desktop has dozens of assignments: where an outcome goes is told by [`why`](super::why), and where it was says
/// nothing more.
#[must_use]
pub fn details(change: &Change, room: usize) -> Vec<Detail<'_>> {
    let kind = change.address.kind();
    let shown = match change.action {
        Action::Assign | Action::Unassign => return Vec::new(),
        Action::Create => set,
        Action::Update | Action::Retire | Action::Transition => changed,
    };
    let detail = |field| Detail { field, shown: shown(kind, field, room), class: change.class(field) };
    change.fields.iter().map(detail).collect()
}

fn set(kind: Kind, field: &FieldChange, room: usize) -> Shown {
    if !is_long(&field.after, room) {
        return Shown::Set(inline(&field.after));
    }
    let text = records(kind, &field.path, &field.after).unwrap_or_else(|| lines(&field.after));
    Shown::Lines(text.into_iter().map(DiffLine::After).collect())
}

fn changed(kind: Kind, field: &FieldChange, room: usize) -> Shown {
    let FieldChange { path, before, after, .. } = field;
    if !is_long(before, room) && !is_long(after, room) {
        return Shown::Changed(inline(before), inline(after));
    }
    let shown = |value: &Value| records(kind, path, value);
    Shown::Lines(match (shown(before), shown(after)) {
        (Some(before), Some(after)) => difference(&before, &after),
        _ => difference(&lines(before), &lines(after)),
    })
}

fn difference(before: &[String], after: &[String]) -> Vec<DiffLine> {
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&before, &after);
    let mut shown = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            shown.push(DiffLine::Gap);
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = change.value().to_owned();
            shown.push(match change.tag() {
                ChangeTag::Delete => DiffLine::Before(text),
                ChangeTag::Insert => DiffLine::After(text),
                ChangeTag::Equal => DiffLine::Same(text),
            });
        }
    }
    shown
}
