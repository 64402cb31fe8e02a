//! A campaign's history as CSV, safe to open in a spreadsheet: one line for each field that changed.

use std::io::Write;

use cxform_record::csv_line;
use serde_json::Value;

use super::{ChangeV1, HistoryV1, RecordV1};

/// The header.
pub const HEADER: [&str; 9] = ["campaign", "id", "time", "actor", "action", "version", "field", "before", "after"];

/// The lines. A record that names no field has one line without.
///
/// # Errors
/// Writing fails.
pub fn csv(history: &HistoryV1, out: &mut dyn Write) -> std::io::Result<()> {
    for RecordV1 { time, actor, action, version, changes } in &history.records {
        let version = version.to_string();
        let head = [&history.campaign, &history.id, time.as_deref().unwrap_or_default(), actor, action, &version];
        if changes.is_empty() {
            csv_line(out, head.into_iter().chain(["", "", ""]))?;
        }
        for ChangeV1 { field, before, after } in changes {
            let (before, after) = (plain(before), plain(after));
            csv_line(out, head.into_iter().chain([field.as_str(), &before, &after]))?;
        }
    }
    Ok(())
}

/// Text as it is, everything else as JSON; nothing for null.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_field_has_a_line_and_none_is_a_formula() {
        let change = |field: &str, before, after| ChangeV1 { field: field.to_owned(), before, after };
        let record = |changes| RecordV1 {
            time: None,
            actor: "=ada".to_owned(),
            action: "UPDATE".to_owned(),
            version: 4,
            changes,
        };
        let history = HistoryV1 {
            format_version: 1,
            environment: "e".to_owned(),
            tenant: "t".to_owned(),
            read_at: String::new(),
            campaign: "q3".to_owned(),
            id: "c1".to_owned(),
            undated: 0,
            records: vec![
                record(vec![change("name", json!("a"), json!("+b")), change("x", json!(null), json!([1]))]),
                record(Vec::new()),
            ],
        };
        let mut out = Vec::new();
        csv(&history, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "q3,c1,,\"'=ada\",UPDATE,4,name,a,\"'+b\"\r\nq3,c1,,\"'=ada\",UPDATE,4,x,,[1]\r\nq3,c1,,\"'=ada\",UPDATE,4,,,\r\n"
        );
    }
}
