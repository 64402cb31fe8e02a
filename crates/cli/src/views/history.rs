//! What happened to a campaign, for people.

use std::fmt::Write as _;

use cxform_operate::history::time;
use cxform_tenant::HistoryRecord;
use serde_json::Value;

use super::style::Palette;
use super::text;

/// A paragraph for each record, the oldest first.
pub fn lines(records: &[HistoryRecord], palette: Palette, width: usize) -> String {
    if records.is_empty() {
        return "Nothing is remembered of it.\n".to_owned();
    }
    let mut out = String::new();
    for record in records {
        let HistoryRecord { time: told, actor, action, version, changes } = record;
        let when = match time(record) {
            Some(at) => format!("{at:.0}"),
            None if told.trim().is_empty() => "at an unknown time".to_owned(),
            None => one_line(told),
        };
        let actor = if actor.trim().is_empty() { "somebody".to_owned() } else { one_line(actor) };
        let _ = writeln!(out, "{when}  {}  {actor}  {}", palette.bold(&format!("v{version}")), one_line(action));
        let wide = changes.iter().map(|(field, ..)| one_line(field).chars().count()).max().unwrap_or_default();
        for (field, before, after) in changes {
            let field = one_line(field);
            let room = width.saturating_sub(wide + 10) / 2;
            let (before, after) = (text::cut(&shown(before), room.max(12)), text::cut(&shown(after), room.max(12)));
            let _ = writeln!(out, "    {field:<wide$}  {} -> {after}", palette.dim(&before));
        }
    }
    out
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        other => one_line(&other.to_string()),
    }
}

fn one_line(told: &str) -> String {
    text::safe(&told.replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use cxform_model::Version;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_record_tells_who_changed_what_and_cannot_steer_the_terminal() {
        let record = |version, time: &str, actor: &str, changes| HistoryRecord {
            time: time.to_owned(),
            actor: actor.to_owned(),
            action: "UPDATE".to_owned(),
            version: Version(version),
            changes,
        };
        let records = [
            record(1, "2026-11-01T09:00:00+01:00", "ada\u{1b}[2J", Vec::new()),
            record(
                2,
                "yesterday",
                "",
                vec![
                    ("dialerSettings.callRate".to_owned(), json!(0.5), json!(0.6)),
                    ("name".to_owned(), json!(null), json!("q3")),
                ],
            ),
        ];
        insta::assert_snapshot!(lines(&records, Palette::new(false), 100), @r#"
        2026-11-01T08:00:00Z  v1  ada\u{1b}[2J  UPDATE
        yesterday  v2  somebody  UPDATE
            dialerSettings.callRate  0.5 -> 0.6
            name                     (none) -> "q3"
        "#);
        assert_eq!(lines(&[], Palette::new(false), 100), "Nothing is remembered of it.\n");
    }
}
