//! A campaign starts at an instant, not at a time somewhere.

use cxform_model::instant;
use serde_json::Value;

use crate::quote::quote;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX038",
    name: "start-date",
    severity: Severity::Error,
    about: "`startDateTime` is an RFC 3339 instant: date, time with seconds, and an offset or `Z`.",
    origin: "[002]",
};

const PATH: &str = "startDateTime";

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let Some(value @ Value::String(text)) = campaign.value(PATH) else { return };
    if !text.trim().is_empty() && !is_rfc_3339(text.trim()) {
        findings.push(
            Finding::new(&RULE, campaign.spot(PATH, ""), format!("{} is no RFC 3339 instant", quote(value)))
                .hint("write date, time and offset, such as `2026-12-01T09:00:00-05:00`"),
        );
    }
}

/// The common reader takes more forms than the RFC knows (no seconds, zone names in brackets); a tenant may not.
fn is_rfc_3339(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let (Some(head), Some(tail)) = (text.get(..SHAPE.len()), text.get(SHAPE.len()..)) else { return false };
    let fits = |text: &[u8], shape: &[u8]| {
        text.len() == shape.len()
            && text.iter().zip(shape).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                b'T' => matches!(byte, b'T' | b't'),
                _ => byte == shape,
            })
    };
    let offset = match tail.strip_prefix('.') {
        None => tail,
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            if offset.len() == fraction.len() {
                return false;
            }
            offset
        }
    };
    fits(head.as_bytes(), SHAPE)
        && (matches!(offset, "Z" | "z") || fits(offset.as_bytes(), b"+00:00"))
        && instant(text).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(start: Value) -> Vec<String> {
        project(json!({ "campaign/q3": { "startDateTime": start } })).found(&RULE)
    }

    #[test]
    fn a_start_that_is_no_instant_is_refused() {
        for start in [
            "tomorrow",
            "2026-12-01",
            "2026-12-01T09:00:00",
            "2026-12-01T09:00-05:00",
            "2026-12-01 09:00:00Z",
            "2026-13-01T09:00:00Z",
            "2026-02-30T09:00:00Z",
            "2026-12-01T09:00:00.Z",
            "2026-12-01T09:00:00-0500",
            "2026-12-01T09:00:00-05:00[America/New_York]",
            "2026-12-01T09:00:0\u{e9}Z",
        ] {
            assert_eq!(found(json!(start)), ["campaign/q3 startDateTime"], "{start}");
        }
    }

    #[test]
    fn instants_pass_and_a_cleared_start_too() {
        for start in ["2026-12-01T09:00:00-05:00", "2026-12-01T14:00:00.250Z", "2026-12-01t14:00:00z", ""] {
            assert!(found(json!(start)).is_empty(), "{start}");
        }
        assert!(found(json!(null)).is_empty());
    }
}
