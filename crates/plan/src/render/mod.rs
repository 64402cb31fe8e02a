//! A plan for people: lines of text in roles. What a role looks like is the terminal's business, and nothing is told
//! by a role alone: signs and words carry the meaning.

mod block;
mod detail;
mod impact;
mod lines;
pub(crate) mod value;

use crate::v1::SummaryV1;
use crate::{Change, Plan};

pub use block::{sign, where_is, why};
pub use detail::{Detail, DiffLine, Shown, details};
pub use impact::how;
pub use lines::{Line, Role};
pub use value::{inline, printable};

/// How many addresses one sentence names.
const NAMED: usize = 5;

/// The plan as a person reads it: one block for each change, the warnings, the summary.
#[must_use]
pub fn human(plan: &Plan, width: usize) -> Vec<Line> {
    let width = width.max(40);
    let mut lines = Vec::new();
    for change in in_order(plan) {
        block::change(change, width, &mut lines);
    }
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    for warning in &plan.warnings {
        block::warning(warning, &mut lines);
    }
    if !plan.warnings.is_empty() {
        lines.push(Line::default());
    }
    impact::live(&plan.live, width, &mut lines);
    if let Some(laxer) = laxer(plan) {
        lines.extend(Line::of(Role::Warning, laxer).fold(width, 2));
        lines.push(Line::default());
    }
    lines.extend(Line::of(Role::Bold, summary(plan)).fold(width, 2));
    lines
}

/// The changes in the order in which people read them: kind by kind, and each desktop in its own order.
#[must_use]
pub fn in_order(plan: &Plan) -> Vec<&Change> {
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    changes.sort_by_cached_key(|change| {
        (change.address.kind(), change.address.assignment_campaign(), block::desktop_place(change))
    });
    changes
}

/// The last line: `Plan: 3 to create, ... ; 214 unchanged. 9 requests, about 1 s.`
#[must_use]
pub fn summary(plan: &Plan) -> String {
    let SummaryV1 { create, update, retire, assign, unassign, transition, unchanged } = SummaryV1::of(plan);
    if plan.changes.is_empty() {
        return match unchanged {
            1 => "No changes. 1 object matches.".to_owned(),
            _ => format!("No changes. {unchanged} objects match."),
        };
    }
    let mut text = format!("Plan: {create} to create, {update} to update, {retire} to retire, {assign} to assign");
    for (count, word) in [(unassign, "unassign"), (transition, "transition")] {
        if count > 0 {
            text.push_str(&format!(", {count} to {word}"));
        }
    }
    let requests = plan.estimate.requests;
    let plural = if requests == 1 { "" } else { "s" };
    text.push_str(&format!(
        "; {unchanged} unchanged. {requests} request{plural}, about {}.",
        time(plan.estimate.seconds)
    ));
    text
}

/// What becomes laxer, in one sentence; `None` where nothing does.
#[must_use]
pub fn laxer(plan: &Plan) -> Option<String> {
    let loosened: Vec<_> = plan.changes.iter().filter(|change| change.loosened().next().is_some()).collect();
    let fields: usize = loosened.iter().map(|change| change.loosened().count()).sum();
    let mut addresses: Vec<_> = loosened.iter().map(|change| change.address.to_string()).collect();
    addresses.dedup();
    let more = addresses.len().saturating_sub(NAMED);
    addresses.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let (fields, verb) =
        if fields == 1 { ("1 field".to_owned(), "becomes") } else { (format!("{fields} fields"), "become") };
    (!addresses.is_empty()).then(|| format!("Loosening: {fields} {verb} laxer, of {}{more}.", addresses.join(", ")))
}

/// `2 s`, `15 min`, `1.5 h`.
#[must_use]
pub fn time(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{} s", seconds.ceil().max(1.0))
    } else if seconds < 90.0 * 60.0 {
        format!("{} min", (seconds / 60.0).ceil())
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}
