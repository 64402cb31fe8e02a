//! Legal hours that nobody could check are said to be so.

use cxform_model::Kind;

use super::dial_window::says_when;
use crate::windows::{self, Proof, REGIMES, Unproven, proof};
use crate::{Context, Finding, Rule, Severity, Standing};

pub(super) static RULE: Rule = Rule {
    id: "CX059",
    name: "dial-window-unproven",
    severity: Severity::Warning,
    about: "A campaign names a regime whose legal hours are known, and a `timeZone` where its times are wall clock: otherwise nothing is proven.",
    origin: "[A] on [002]",
};

pub(super) fn judge(standing: &Standing<'_>, context: &Context, findings: &mut Vec<Finding>) {
    for campaign in standing.of(Kind::Campaign).filter(|campaign| says_when(standing, *campaign)) {
        let Proof::Unproven(why) = proof(campaign, context) else { continue };
        let path = match why {
            Unproven::NoRegime | Unproven::UnknownRegime(_) => windows::REGIME,
            Unproven::NoTimeZone => windows::ZONE,
            // What a manifest wrote wrongly has a finding of its own.
            Unproven::Unreadable if campaign.observed.is_none() => continue,
            Unproven::Unreadable => crate::clock::CALL_TIMES.path,
        };
        let finding = Finding::new(
            &RULE,
            campaign.spot(path, ""),
            format!("that it calls within legal hours is not proven: {why}"),
        );
        findings.push(match why {
            Unproven::NoRegime | Unproven::UnknownRegime(_) => {
                let known: Vec<_> = REGIMES.iter().map(|regime| format!("`{}`", regime.name)).collect();
                finding.hint(format!("the hours of {} are known", known.join(", ")))
            }
            Unproven::NoTimeZone => finding.hint("name the zone of its clock, such as `America/New_York`"),
            Unproven::Unreadable => finding.hint("let the manifest name these settings"),
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn window() -> Value {
        json!([{ "days": ["mon"], "start": "09:00", "end": "10:00" }])
    }

    fn found(compliance: Value) -> Vec<String> {
        project(json!({ "campaign/q3": { "complianceSettings": compliance } })).found(&RULE)
    }

    #[test]
    fn call_times_without_a_known_regime_or_a_zone_are_shown() {
        assert_eq!(
            found(json!({ "allowedCallTimes": window(), "timeZone": "UTC" })),
            ["campaign/q3 complianceSettings.regulatoryCompliance"]
        );
        assert_eq!(
            found(json!({ "allowedCallTimes": window(), "timeZone": "UTC", "regulatoryCompliance": "OFCOM" })),
            ["campaign/q3 complianceSettings.regulatoryCompliance"]
        );
        assert_eq!(
            found(json!({ "allowedCallTimes": window(), "regulatoryCompliance": "TCPA" })),
            ["campaign/q3 complianceSettings.timeZone"]
        );
        assert!(
            found(json!({ "allowedCallTimes": window(), "timeZone": "UTC", "regulatoryCompliance": "TCPA" }))
                .is_empty()
        );
    }

    #[test]
    fn a_campaign_without_call_times_is_shown_once_the_tenant_is_read() {
        let campaign = project(json!({ "campaign/q3": { "type": "preview" } }));
        assert!(campaign.found(&RULE).is_empty());
        assert_eq!(campaign.foreign(&[]).found(&RULE), ["campaign/q3 complianceSettings.regulatoryCompliance"]);
    }

    #[test]
    fn what_only_the_tenant_wrote_unreadably_is_shown() {
        let odd = json!([{ "days": ["mon"], "from": "09:00" }]);
        let campaign = project(json!({ "campaign/q3": { "type": "preview" } })).observed(
            "campaign/q3",
            &json!({ "complianceSettings": { "regulatoryCompliance": "TCPA", "timeZone": "UTC", "allowedCallTimes": odd } }),
        );
        assert_eq!(campaign.foreign(&[]).found(&RULE), ["campaign/q3 complianceSettings.allowedCallTimes"]);
        assert!(
            found(json!({ "regulatoryCompliance": "TCPA", "timeZone": "Mars", "allowedCallTimes": window() }))
                .is_empty()
        );
    }
}
