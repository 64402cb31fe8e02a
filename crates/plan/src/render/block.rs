//! One block of lines for one change.

use cxform_model::Kind;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::lines::{Line, Role};
use super::value::{inline, is_long, lines, printable, records};
use crate::{Action, Change, FieldChange, Place, Warning, reason};

/// How far a block is set in below its address.
const INDENT: usize = 6;
/// The lines of a diff that surround a difference.
const CONTEXT: usize = 2;

/// Adds the block of a change.
pub(super) fn change(change: &Change, width: usize, all: &mut Vec<Line>) {
    let Change { address, action, reason, source, fields } = change;
    let (sign, role) = sign(*action);
    let why = if *action == Action::Assign { seat(fields) } else { worth_telling(reason) };
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
        Action::Create => new(address.kind(), fields, width, all),
        // A desktop has dozens of them: where an outcome goes fits on its line, and where it was says nothing more.
        Action::Assign | Action::Unassign => {}
        Action::Update | Action::Retire | Action::Transition => {
            changed(address.kind(), fields, source.as_ref(), width, all)
        }
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
const fn sign(action: Action) -> (char, Role) {
    match action {
        Action::Create => ('+', Role::Create),
        Action::Update | Action::Transition => ('~', Role::Update),
        Action::Retire => ('-', Role::Retire),
        Action::Assign => ('>', Role::Create),
        Action::Unassign => ('<', Role::Retire),
    }
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

fn where_is(place: &Place) -> String {
    format!("{}:{}", printable(&place.file), place.line)
}

/// What a new object gets, as a paragraph; long values follow by themselves.
fn new(kind: Kind, fields: &[FieldChange], width: usize, all: &mut Vec<Line>) {
    let room = width.saturating_sub(INDENT);
    let (long, short): (Vec<_>, Vec<_>) = fields.iter().partition(|field| is_long(&field.after, room));
    let mut line = String::new();
    for (at, field) in short.iter().enumerate() {
        let comma = if at + 1 < short.len() { "," } else { "" };
        let word = format!("{}: {}{comma}", field.path, inline(&field.after));
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
    for field in long {
        all.push(indented(Role::Plain, &format!("{}:", field.path)));
        for text in records(kind, &field.path, &field.after).unwrap_or_else(|| lines(&field.after)) {
            all.push(Line::of(Role::After, format!("{:INDENT$}  + {text}", "")));
        }
    }
}

/// Field by field: before and after, aligned. The place is told where it is not that of the object's line.
fn changed(kind: Kind, fields: &[FieldChange], object: Option<&Place>, width: usize, all: &mut Vec<Line>) {
    let column = fields.iter().map(|field| field.path.len() + 1).max().unwrap_or(0);
    let room = width.saturating_sub(INDENT + column + 1) / 2;
    for field in fields {
        let path = format!("{}:", field.path);
        let place = field.source.as_ref().filter(|place| Some(*place) != object);
        if is_long(&field.before, room) || is_long(&field.after, room) {
            let head = indented(Role::Plain, &path);
            all.push(match place {
                Some(place) => head.with(Role::Dim, format!("  ({})", where_is(place))),
                None => head,
            });
            let shown = |value| records(kind, &field.path, value);
            match (shown(&field.before), shown(&field.after)) {
                (Some(before), Some(after)) => difference(&before, &after, all),
                _ => difference(&lines(&field.before), &lines(&field.after), all),
            }
            continue;
        }
        let mut line = indented(Role::Plain, &format!("{path:column$} "))
            .with(Role::Before, inline(&field.before))
            .with(Role::Plain, " -> ")
            .with(Role::After, inline(&field.after));
        if let Some(place) = place {
            line = line.with(Role::Dim, format!("  ({})", where_is(place)));
        }
        all.push(line);
    }
}

/// The lines that differ, each with its sign, and a few around them.
fn difference(before: &[String], after: &[String], all: &mut Vec<Line>) {
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&before, &after);
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            all.push(Line::of(Role::Dim, format!("{:INDENT$}    ...", "")));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, role) = match change.tag() {
                ChangeTag::Delete => ('-', Role::Before),
                ChangeTag::Insert => ('+', Role::After),
                ChangeTag::Equal => (' ', Role::Dim),
            };
            all.push(Line::of(role, format!("{:INDENT$}  {sign} {}", "", change.value())));
        }
    }
}

fn indented(role: Role, text: &str) -> Line {
    Line::of(role, format!("{:INDENT$}{text}", ""))
}
