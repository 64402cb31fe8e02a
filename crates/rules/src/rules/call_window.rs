//! A window of allowed calls opens some day, for some time.

use serde_json::Value;

use crate::clock::CALL_TIMES;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX039",
    name: "call-window",
    severity: Severity::Error,
    about: "A window of `allowedCallTimes` names a day and does not end when it starts: that could mean never or always. \
            A whole day is `00:00` to `24:00`; an end before the start is on the next day.",
    origin: "[A] on [002]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for span in CALL_TIMES.of(campaign) {
        let spot = |member| campaign.spot(CALL_TIMES.path, format!("/{}/{member}", span.index));
        if span.record.get("days").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            findings.push(
                Finding::new(&RULE, spot("days"), "the window opens on no day")
                    .hint("name the days on which it starts, or drop the window"),
            );
        }
        if let Some(time) = span.instant() {
            findings.push(
                Finding::new(&RULE, spot(CALL_TIMES.end), format!("the window ends when it starts, at {time}"))
                    .hint("for a whole day write `00:00` to `24:00`; to forbid calls drop the window")
                    .related(spot(CALL_TIMES.start), "starts here"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(window: Value) -> Vec<String> {
        project(json!({ "campaign/q3": { "complianceSettings.allowedCallTimes": [window] } })).found(&RULE)
    }

    #[test]
    fn a_window_that_ends_when_it_starts_is_refused() {
        assert_eq!(
            found(json!({ "days": ["mon"], "start": "9:00", "end": "09:00" })),
            ["campaign/q3 complianceSettings.allowedCallTimes/0/end"]
        );
    }

    #[test]
    fn a_window_on_no_day_is_refused() {
        assert_eq!(
            found(json!({ "days": [], "start": "09:00", "end": "21:00" })),
            ["campaign/q3 complianceSettings.allowedCallTimes/0/days"]
        );
    }

    #[test]
    fn windows_over_midnight_and_over_a_whole_day_pass() {
        assert!(found(json!({ "days": ["fri"], "start": "20:00", "end": "02:00" })).is_empty());
        assert!(found(json!({ "days": ["fri"], "start": "00:00", "end": "24:00" })).is_empty());
    }
}
