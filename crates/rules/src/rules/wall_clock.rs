//! Times of day that a clock can show.

use cxform_model::wall_clock;

use crate::clock::{CALL_TIMES, PAUSES};
use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX037",
    name: "wall-clock",
    severity: Severity::Error,
    about: "A time of day is `HH:MM` from `00:00` to `23:59`; `24:00` may end a window or a pause, never start one.",
    origin: "[002][003]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for spans in [CALL_TIMES, PAUSES] {
        for span in spans.of(campaign) {
            for (member, text) in [(spans.start, span.start), (spans.end, span.end)] {
                let Some(text) = text else { continue };
                let (fault, hint) = match wall_clock(text) {
                    None => ("is no time of day", "write `HH:MM`, such as `\"09:00\"`, in quotes"),
                    Some((24, _)) if member == spans.start => ("is the end of a day, not a start", "write `\"00:00\"`"),
                    Some(_) => continue,
                };
                findings.push(
                    Finding::new(
                        &RULE,
                        campaign.spot(spans.path, format!("/{}/{member}", span.index)),
                        format!("{} {fault}", quote_text(text)),
                    )
                    .hint(hint),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(windows: Value, pauses: Value) -> Vec<String> {
        let campaign = json!({
            "complianceSettings.allowedCallTimes": windows,
            "complianceSettings.pauseRules": pauses,
        });
        project(json!({ "campaign/q3": campaign })).found(&RULE)
    }

    #[test]
    fn a_time_that_no_clock_shows_is_refused_at_its_place() {
        assert_eq!(
            found(
                json!([{ "days": ["mon"], "start": "9am", "end": "25:00" }]),
                json!([{ "startTime": "20:00", "endTime": "08:00" }, { "startTime": "12:60", "endTime": "13:00" }]),
            ),
            [
                "campaign/q3 complianceSettings.allowedCallTimes/0/start",
                "campaign/q3 complianceSettings.allowedCallTimes/0/end",
                "campaign/q3 complianceSettings.pauseRules/1/startTime"
            ]
        );
    }

    #[test]
    fn the_end_of_a_day_ends_and_does_not_start() {
        assert_eq!(
            found(json!([{ "days": ["mon"], "start": "24:00", "end": "24:00" }]), json!([])),
            ["campaign/q3 complianceSettings.allowedCallTimes/0/start"]
        );
    }

    #[test]
    fn short_and_long_forms_pass() {
        let windows = json!([{ "days": ["mon"], "start": "8:00", "end": "21:00:00" }]);
        assert!(found(windows, json!([{ "startTime": "22:00", "endTime": "6:00" }])).is_empty());
    }
}
