//! A pause lasts some time.

use crate::clock::PAUSES;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX040",
    name: "pause-rule",
    severity: Severity::Error,
    about: "A pause does not end when it starts: that could mean never or always. An end before the start is on the next day and valid.",
    origin: "[003], corrected for pauses over midnight",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for span in PAUSES.of(campaign) {
        let Some(time) = span.instant() else { continue };
        let spot = |member| campaign.spot(PAUSES.path, format!("/{}/{member}", span.index));
        findings.push(
            Finding::new(&RULE, spot(PAUSES.end), format!("the pause ends when it starts, at {time}"))
                .hint("for a whole day write `00:00` to `24:00`; for no pause drop the rule")
                .related(spot(PAUSES.start), "starts here"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(pauses: Value) -> Vec<String> {
        project(json!({ "campaign/q3": { "complianceSettings.pauseRules": pauses } })).found(&RULE)
    }

    #[test]
    fn a_pause_that_ends_when_it_starts_is_refused() {
        assert_eq!(
            found(
                json!([{ "startTime": "12:00", "endTime": "13:00" }, { "startTime": "8:00", "endTime": "08:00:00" }])
            ),
            ["campaign/q3 complianceSettings.pauseRules/1/endTime"]
        );
    }

    #[test]
    fn a_pause_over_midnight_or_over_a_whole_day_passes() {
        assert!(found(json!([{ "startTime": "20:00", "endTime": "08:00" }])).is_empty());
        assert!(found(json!([{ "startTime": "00:00", "endTime": "24:00" }])).is_empty());
    }
}
