//! Nobody is called outside of the legal hours.

use cxform_model::Kind;
use serde_json::Value;

use crate::clock::CALL_TIMES;
use crate::windows::{self, CounterExample, Proof, proof};
use crate::{Context, Finding, Rule, Severity, Spot, Standing, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX058",
    name: "dial-window",
    severity: Severity::Error,
    about: "`allowedCallTimes` less `pauseRules`, wall clock of `timeZone`, lie within the legal hours of the regime in every zone \
            of `timeZoneRestrictions` (none: `timeZone` alone), proven for 400 days from `--as-of` with every change of the clocks. \
            No `allowedCallTimes` are calls around the clock; a manifest that does not name them is judged in a plan, as the campaign will stand.",
    origin: "47 CFR 64.1200(c)(1), and the regimes below",
};

pub(super) fn judge(standing: &Standing<'_>, context: &Context, findings: &mut Vec<Finding>) {
    for campaign in standing.of(Kind::Campaign).filter(|campaign| says_when(standing, *campaign)) {
        if let Proof::Violated(example) = proof(campaign, context) {
            findings.push(finding(campaign, &example));
        }
    }
}

/// Whether it is known when a campaign dials, and whether it still will. Beside an unread tenant, call times that a
/// manifest leaves out may stand there; what else it leaves out counts as not there.
pub(super) fn says_when(standing: &Standing<'_>, campaign: StandingObject<'_>) -> bool {
    let offline = standing.foreign.is_none() && campaign.observed.is_none();
    let status = campaign.value("status").and_then(Value::as_str).map(str::trim);
    let completed = status.is_some_and(|status| status.eq_ignore_ascii_case("completed"));
    !completed && (!offline || campaign.value(CALL_TIMES.path).is_some())
}

fn finding(campaign: StandingObject<'_>, example: &CounterExample) -> Finding {
    let finding = Finding::new(&RULE, spot(campaign, example), example.to_string());
    let finding = if campaign.items(CALL_TIMES.path).is_empty() {
        finding.hint("it has no `allowedCallTimes`, so it dials around the clock: name them")
    } else if example.restriction.is_some() {
        finding.hint("change the window, pause these minutes, or take the zone out of `timeZoneRestrictions`")
    } else {
        finding.hint("change the window, or pause these minutes")
    };
    let finding = finding.related(campaign.spot(windows::REGIME, ""), "the regime");
    match example.restriction {
        Some(at) => finding.related(campaign.spot(windows::CALLED, format!("/{at}")), "called here"),
        None => finding,
    }
}

/// The end of a window that is at fault: one that opens illegally starts too early, any other ends too late.
fn spot(campaign: StandingObject<'_>, example: &CounterExample) -> Spot {
    let inside = windows::window_at(campaign, example.second_of_week()).map(|(at, opens)| {
        let end = if opens { CALL_TIMES.start } else { CALL_TIMES.end };
        format!("/{at}/{end}")
    });
    campaign.spot(CALL_TIMES.path, inside.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn compliance(start: &str, end: &str) -> Value {
        json!({
            "timeZone": "America/New_York",
            "regulatoryCompliance": "TCPA",
            "allowedCallTimes": [
                { "days": ["mon"], "start": "10:00", "end": "11:00" },
                { "days": ["mon"], "start": start, "end": end },
            ],
            "timeZoneRestrictions": ["America/New_York", "America/Chicago"],
        })
    }

    fn found(campaign: Value) -> Vec<String> {
        project(json!({ "campaign/q3": campaign })).found(&RULE)
    }

    #[test]
    fn the_end_of_the_window_that_is_at_fault_is_named_with_the_zone_and_the_regime() {
        let place = "campaign/q3 complianceSettings.allowedCallTimes/1";
        assert_eq!(found(json!({ "complianceSettings": compliance("08:00", "12:00") })), [format!("{place}/start")]);
        assert_eq!(found(json!({ "complianceSettings": compliance("12:00", "22:00") })), [format!("{place}/end")]);
        assert!(found(json!({ "complianceSettings": compliance("09:00", "21:00") })).is_empty());
        let early = json!({ "campaign/q3": { "complianceSettings": compliance("08:00", "12:00") } });
        let findings = project(early).findings(&RULE);
        let related: Vec<_> =
            findings[0].related.iter().map(|(spot, _)| (spot.field.unwrap().path(), &*spot.inside)).collect();
        assert_eq!(
            related,
            [("complianceSettings.regulatoryCompliance", ""), ("complianceSettings.timeZoneRestrictions", "/1")]
        );
    }

    #[test]
    fn call_times_that_a_manifest_leaves_out_are_judged_in_a_plan() {
        let silent =
            json!({ "complianceSettings": { "timeZone": "America/New_York", "regulatoryCompliance": "TCPA" } });
        let campaign = project(json!({ "campaign/q3": silent }));
        assert!(campaign.found(&RULE).is_empty(), "the tenant may have them");
        let around_the_clock = project(json!({ "campaign/q3": silent })).foreign(&[]);
        assert_eq!(around_the_clock.found(&RULE), ["campaign/q3 complianceSettings.allowedCallTimes"]);
        let living = campaign.observed("campaign/q3", &json!({ "complianceSettings": compliance("09:00", "12:00") }));
        assert!(living.foreign(&[]).found(&RULE).is_empty());
        let cleared = json!({ "complianceSettings": { "allowedCallTimes": [], "timeZone": "UTC", "regulatoryCompliance": "TCPA" } });
        assert_eq!(found(cleared), ["campaign/q3 complianceSettings.allowedCallTimes"]);
    }

    #[test]
    fn what_the_tenant_holds_of_a_campaign_counts() {
        let campaign = project(json!({ "campaign/q3": { "dialerSettings.callRate": 0.5 } }))
            .observed("campaign/q3", &json!({ "complianceSettings": compliance("08:00", "12:00") }));
        assert_eq!(campaign.foreign(&[]).found(&RULE), ["campaign/q3 complianceSettings.allowedCallTimes/1/start"]);
    }

    #[test]
    fn a_completed_campaign_calls_nobody() {
        let mut campaign = json!({ "complianceSettings": compliance("08:00", "12:00"), "status": "completed" });
        assert!(found(campaign.clone()).is_empty());
        campaign["status"] = json!("active");
        assert_eq!(found(campaign).len(), 1);
    }
}
