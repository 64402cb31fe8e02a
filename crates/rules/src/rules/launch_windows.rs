//! Nobody starts a campaign whose hours nobody could prove.

use crate::launch::{asked, starting};
use crate::windows::{Proof, proof};
use crate::{Context, Finding, Rule, Severity, Standing};

pub(super) static RULE: Rule = Rule {
    id: "CX074",
    name: "launch-windows",
    severity: Severity::Error,
    about: "The hours of a campaign that a plan starts are proven: its regime is known, and so is the zone of its clock. \
            Hours that are proven to be illegal are refused by CX058.",
    origin: "[002], 47 CFR 64.1200(c)(1)",
};

pub(super) fn judge(standing: &Standing<'_>, context: &Context, findings: &mut Vec<Finding>) {
    for (campaign, _) in starting(standing) {
        let Proof::Unproven(why) = proof(campaign, context) else { continue };
        let message = format!("it would start dialling, and that it calls within legal hours is not proven: {why}");
        let hint = "name `regulatoryCompliance` and `timeZone` under `complianceSettings`; for a regime that cxform does not know, \
                    lower this rule for the campaign in `cxform.yaml`";
        findings.push(Finding::new(&RULE, asked(campaign), message).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(compliance: Value) -> Vec<String> {
        let campaign = json!({ "status": "active", "complianceSettings": compliance });
        project(json!({ "campaign/q3": campaign })).starts("campaign/q3").found(&RULE)
    }

    #[test]
    fn a_start_under_an_unknown_regime_is_refused() {
        assert_eq!(found(json!({ "timeZone": "UTC" })), ["campaign/q3 status"]);
        assert_eq!(found(json!({ "timeZone": "UTC", "regulatoryCompliance": "OFCOM" })), ["campaign/q3 status"]);
    }

    #[test]
    fn a_proven_start_passes_and_an_illegal_one_has_a_rule_of_its_own() {
        let hours = |start: &str| {
            found(json!({
                "timeZone": "America/New_York", "regulatoryCompliance": "TCPA",
                "allowedCallTimes": [{ "days": ["mon"], "start": start, "end": "20:00" }],
            }))
        };
        assert!(hours("09:00").is_empty());
        assert!(hours("05:00").is_empty());
    }

    #[test]
    fn what_does_not_start_is_left_to_the_warning() {
        let campaign = json!({ "complianceSettings": { "timeZone": "UTC" } });
        assert!(project(json!({ "campaign/q3": campaign })).found(&RULE).is_empty());
    }
}
