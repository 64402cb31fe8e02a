//! A start that has gone by would mean at once.

use cxform_model::{CampaignStatus, instant};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::Value;

use crate::launch::{asked, starting};
use crate::{Context, Finding, Rule, Severity, Standing};

pub(super) static RULE: Rule = Rule {
    id: "CX073",
    name: "launch-start-date",
    severity: Severity::Error,
    about: "The `startDateTime` of a draft that a plan starts is not before the day of the plan (`--as-of`, today where it is left out), seen \
            in the campaign's time zone: it would dial at once. Without one, starting at once is what is asked for; a campaign that \
            was paused has started before.",
    origin: "[002]",
};

const PATH: &str = "startDateTime";

pub(super) fn judge(standing: &Standing<'_>, context: &Context, findings: &mut Vec<Finding>) {
    for (campaign, launch) in starting(standing) {
        if launch.from != CampaignStatus::Draft {
            continue;
        }
        let Some(start) = campaign.value(PATH).and_then(Value::as_str) else { continue };
        let Some(moment) = instant(start) else { continue };
        let zone = campaign.value("complianceSettings.timeZone").and_then(Value::as_str);
        let zone = zone.and_then(|name| TimeZoneDatabase::bundled().get(name.trim()).ok()).unwrap_or(TimeZone::UTC);
        let day = moment.to_zoned(zone).date();
        if day < context.as_of {
            findings.push(
                Finding::new(
                    &RULE,
                    asked(campaign),
                    format!("it would start dialling at once: its start, {day}, lies before {}", context.as_of),
                )
                .hint("write a `startDateTime` that is still to come, or `startDateTime: null` to start at once")
                .related(campaign.spot(PATH, ""), "the start"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use cxform_model::CampaignStatus;
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;
    use crate::{Context, Launch};

    fn found_from(from: CampaignStatus, start: Value, zone: &str) -> Vec<String> {
        let campaign = json!({ "status": "active", "startDateTime": start, "complianceSettings.timeZone": zone });
        let launch = Launch { from, shown: 1, selected: true };
        let mut project = project(json!({ "campaign/q3": campaign })).launch("campaign/q3", launch);
        project.context = Context { as_of: date(2026, 11, 25) };
        project.found(&RULE)
    }

    fn found(start: &str, zone: &str) -> Vec<String> {
        found_from(CampaignStatus::Draft, json!(start), zone)
    }

    #[test]
    fn a_start_before_the_day_of_the_plan_is_refused() {
        assert_eq!(found("2026-11-24T12:00:00Z", "UTC"), ["campaign/q3 status"]);
        assert!(found("2026-11-25T00:00:00Z", "UTC").is_empty(), "today");
        assert!(found("2027-01-01T00:00:00Z", "UTC").is_empty());
    }

    #[test]
    fn the_day_is_that_of_the_campaign() {
        assert_eq!(found("2026-11-25T03:00:00Z", "America/New_York"), ["campaign/q3 status"], "still the 24th there");
        assert!(found("2026-11-24T16:00:00Z", "Asia/Tokyo").is_empty(), "the 25th already");
    }

    #[test]
    fn no_start_and_one_that_was_paused_pass() {
        assert!(found_from(CampaignStatus::Draft, Value::Null, "UTC").is_empty());
        assert!(found_from(CampaignStatus::Paused, json!("2026-01-01T00:00:00Z"), "UTC").is_empty());
    }
}
