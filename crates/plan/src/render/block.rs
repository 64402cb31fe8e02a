//! One block of lines for one change.

use serde_json::Value;

use super::detail::{Detail, DiffLine, Shown, details};
use super::lines::{Line, Role};
use super::value::printable;
use crate::{Action, Change, Class, FieldChange, Place, Warning, reason};

/// How far a block is set in below its address.
const INDENT: usize = 6;

/// Adds the block of a change.
pub(super) fn change(change: &Change, width: usize, all: &mut Vec<Line>) {
    let Change { address, action, source, reason: _, fields: _ } = change;
    let (sign, role) = sign(*action);
    let why = why(change);
    let mut head = Line::of(role, format!("{sign} "))
        .with(Role::Bold, address.to_string())
        .with(role, format!("  {}", action.word()));
    if !why.is_empty() {
        head = head.with(Role::Dim, format!(": {why}"));
    }
    if let Some(place) = source {
        head = head.with(Role::Dim, format!("  ({})", where_is(place)));
    }
    all.extend(head.fold(width, INDENT));
    match action {
        Action::Create => new(change, width, all),
        Action::Assign | Action::Unassign => {}
        Action::Update | Action::Retire | Action::Transition => changed(change, width, all),
    }
}

/// Adds a warning.
pub(super) fn warning(warning: &Warning, all: &mut Vec<Line>) {
    let Warning { rule, address, message, source } = warning;
    let mut line = Line::of(Role::Warning, "warning");
    if let Some(rule) = rule {
        line = line.with(Role::Warning, format!("[{}]", printable(rule)));
    }
    line = line.with(Role::Plain, ": ");
    if let Some(address) = address {
        line = line.with(Role::Bold, address.to_string()).with(Role::Plain, ": ");
    }
    line = line.with(Role::Plain, printable(message));
    if let Some(place) = source {
        line = line.with(Role::Dim, format!("  ({})", where_is(place)));
    }
    all.push(line);
}

/// The sign of an action and its role.
#[must_use]
pub const fn sign(action: Action) -> (char, Role) {
    match action {
        Action::Create => ('+', Role::Create),
        Action::Update | Action::Transition => ('~', Role::Update),
        Action::Retire => ('-', Role::Retire),
        Action::Assign => ('>', Role::Create),
        Action::Unassign => ('<', Role::Retire),
    }
}

/// Why something changes, in a few words; empty where sign and word say it all.
#[must_use]
pub fn why(change: &Change) -> String {
    if change.action == Action::Assign { seat(&change.fields) } else { worth_telling(&change.reason) }
}

/// A sign tells that an object is new or differs.
fn worth_telling(reason: &str) -> String {
    let parts: Vec<_> = reason.split("; ").filter(|part| ![reason::ABSENT, reason::DIFFERS].contains(part)).collect();
    printable(&parts.join("; "))
}

/// The number that an outcome comes to have on its desktop; what keeps its place or leaves comes last.
pub(super) fn desktop_place(change: &Change) -> u64 {
    let sequence = change.fields.iter().find(|field| field.path == "sequence");
    sequence.and_then(|field| field.after.as_u64()).unwrap_or(u64::MAX)
}

/// Where an outcome comes to stand on a desktop.
fn seat(fields: &[FieldChange]) -> String {
    let after = |path| fields.iter().find(|field| field.path == path).map(|field| &field.after);
    let place = after("sequence").map_or_else(String::new, |sequence| format!("place {sequence}"));
    let selected = after("defaultSelection").is_some_and(|default| *default == Value::Bool(true));
    if selected { format!("{place}, selected by default") } else { place }
}

/// `file:line`.
#[must_use]
pub fn where_is(place: &Place) -> String {
    format!("{}:{}", printable(&place.file), place.line)
}

/// What a new object gets, as a paragraph; long values follow by themselves.
fn new(change: &Change, width: usize, all: &mut Vec<Line>) {
    let room = width.saturating_sub(INDENT);
    let details = details(change, room);
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for Detail { field, shown, class: _ } in &details {
        match shown {
            Shown::Set(value) | Shown::Changed(_, value) => short.push((&field.path, value)),
            Shown::Lines(lines) => long.push((&field.path, lines)),
        }
    }
    let mut line = String::new();
    for (at, (path, value)) in short.iter().enumerate() {
        let comma = if at + 1 < short.len() { "," } else { "" };
        let word = format!("{path}: {value}{comma}");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            all.push(indented(Role::Plain, &std::mem::take(&mut line)));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        all.push(indented(Role::Plain, &line));
    }
    for (path, lines) in long {
        all.push(indented(Role::Plain, &format!("{path}:")));
        difference(lines, all);
    }
}

/// Field by field: before and after, aligned. The place is told where it is not that of the object's line.
fn changed(change: &Change, width: usize, all: &mut Vec<Line>) {
    let column = change.fields.iter().map(|field| field.path.len() + 1).max().unwrap_or(0);
    let room = width.saturating_sub(INDENT + column + 1) / 2;
    for detail in details(change, room) {
        let Detail { field, shown, class } = &detail;
        let path = format!("{}:", field.path);
        let mut line = match shown {
            Shown::Lines(_) => indented(Role::Plain, &path),
            Shown::Set(after) => indented(Role::Plain, &format!("{path:column$} ")).with(Role::After, after),
            Shown::Changed(before, after) => indented(Role::Plain, &format!("{path:column$} "))
                .with(Role::Before, before)
                .with(Role::Plain, " -> ")
                .with(Role::After, after),
        };
        let role = if *class == Some(Class::Loosening) { Role::Warning } else { Role::Dim };
        line = line.with(role, detail.note());
        if let Some(place) = field.source.as_ref().filter(|place| Some(*place) != change.source.as_ref()) {
            line = line.with(Role::Dim, format!("  ({})", where_is(place)));
        }
        all.push(line);
        if let Shown::Lines(lines) = shown {
            difference(lines, all);
        }
    }
}

/// The lines that differ, each with its sign, and a few around them.
fn difference(lines: &[DiffLine], all: &mut Vec<Line>) {
    for line in lines {
        let (role, text) = match line {
            DiffLine::Before(text) => (Role::Before, format!("- {text}")),
            DiffLine::After(text) => (Role::After, format!("+ {text}")),
            DiffLine::Same(text) => (Role::Dim, format!("  {text}")),
            DiffLine::Gap => (Role::Dim, "  ...".to_owned()),
        };
        all.push(Line::of(role, format!("{:INDENT$}  {text}", "")));
    }
}

fn indented(role: Role, text: &str) -> Line {
    Line::of(role, format!("{:INDENT$}{text}", ""))
}
