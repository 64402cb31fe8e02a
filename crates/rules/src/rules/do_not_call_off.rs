//! Do-not-call protection that is off deserves a look under any regime.

use super::do_not_call::{turned_off, under_tcpa};
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX042",
    name: "do-not-call-off",
    severity: Severity::Warning,
    about: "Under any other regime, or none, `doNotCallListCheck` and `doNotCallCompliance` are not turned off or cleared.",
    origin: "[003]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    // There it is an error of its own.
    if under_tcpa(campaign) {
        return;
    }
    for path in turned_off(campaign) {
        findings.push(
            Finding::new(&RULE, campaign.spot(path, ""), format!("`{path}` is off"))
                .hint("write `true`, or be sure that no do-not-call law covers these contacts"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(compliance: Value) -> Vec<String> {
        project(json!({ "campaign/q3": { "complianceSettings": compliance } })).found(&RULE)
    }

    #[test]
    fn protection_that_is_off_is_shown_without_a_regime_or_under_another() {
        assert_eq!(
            found(json!({ "doNotCallListCheck": false })),
            ["campaign/q3 complianceSettings.doNotCallListCheck"]
        );
        assert_eq!(
            found(json!({ "regulatoryCompliance": "OFCOM", "doNotCallCompliance": false })),
            ["campaign/q3 complianceSettings.doNotCallCompliance"]
        );
    }

    #[test]
    fn what_is_an_error_already_is_not_shown_twice() {
        assert!(found(json!({ "regulatoryCompliance": "TCPA", "doNotCallListCheck": false })).is_empty());
        assert!(found(json!({ "doNotCallListCheck": true })).is_empty());
    }
}
