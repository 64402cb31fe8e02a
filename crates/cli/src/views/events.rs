//! Events that others told, for people.

use std::fmt::Write as _;

use cxform_record::Event;

use super::style::Palette;
use super::text;

/// One line an event.
pub fn list(events: &[Event], palette: Palette) -> String {
    if events.is_empty() {
        return "No event.\n".to_owned();
    }
    let mut out = String::new();
    for event in events {
        let from = event.source.as_ref().map_or_else(String::new, |source| format!("  from {}", text::safe(source)));
        let _ = writeln!(
            out,
            "{}  {}  {}{}",
            text::second(&event.received),
            palette.bold(&text::safe(&event.event)),
            text::safe(event.subject.as_deref().unwrap_or_default()),
            palette.dim(&from),
        );
    }
    out
}
