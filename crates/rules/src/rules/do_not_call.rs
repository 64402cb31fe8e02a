//! Where a regime demands do-not-call protection, it stays on.

use cxform_model::{Field, Setting};
use serde_json::Value;

use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX041",
    name: "do-not-call",
    severity: Severity::Error,
    about: "Under `regulatoryCompliance: TCPA` neither `doNotCallListCheck` nor `doNotCallCompliance` is turned off or cleared.",
    origin: "[003]; 47 CFR 64.1200(c)(2), (d)",
};

const REGIME: &str = "complianceSettings.regulatoryCompliance";
pub(super) const PROTECTIONS: [&str; 2] =
    ["complianceSettings.doNotCallListCheck", "complianceSettings.doNotCallCompliance"];

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    if !under_tcpa(campaign) {
        return;
    }
    for path in turned_off(campaign) {
        findings.push(
            Finding::new(&RULE, campaign.spot(path, ""), format!("`{path}` is off, but `TCPA` demands it"))
                .hint("write `true`")
                .related(campaign.spot(REGIME, ""), "the regime"),
        );
    }
}

pub(super) fn under_tcpa(campaign: StandingObject<'_>) -> bool {
    campaign.value(REGIME).and_then(Value::as_str).is_some_and(|regime| regime.trim().eq_ignore_ascii_case("TCPA"))
}

/// The protections that are off. One that nobody manages is the tenant's business; one that a manifest clears is not on.
pub(super) fn turned_off(campaign: StandingObject<'_>) -> impl Iterator<Item = &'static str> {
    PROTECTIONS.into_iter().filter(move |path| {
        let cleared = Field::find(campaign.address.kind(), path)
            .and_then(|field| campaign.setting(field))
            .is_some_and(|setting| *setting == Setting::Value(Value::Null));
        cleared || campaign.value(path) == Some(&Value::Bool(false))
    })
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
    fn protection_that_is_off_under_tcpa_is_refused() {
        assert_eq!(
            found(json!({ "regulatoryCompliance": "tcpa", "doNotCallListCheck": false, "doNotCallCompliance": null })),
            ["campaign/q3 complianceSettings.doNotCallListCheck", "campaign/q3 complianceSettings.doNotCallCompliance"]
        );
    }

    #[test]
    fn a_regime_that_only_the_tenant_knows_counts() {
        let campaign = project(json!({ "campaign/q3": { "complianceSettings.doNotCallCompliance": false } }))
            .observed("campaign/q3", &json!({ "complianceSettings.regulatoryCompliance": "TCPA" }));
        assert_eq!(campaign.found(&RULE), ["campaign/q3 complianceSettings.doNotCallCompliance"]);
    }

    #[test]
    fn protection_that_is_on_or_not_managed_passes() {
        assert!(found(json!({ "regulatoryCompliance": "TCPA", "doNotCallListCheck": true })).is_empty());
        assert!(found(json!({ "regulatoryCompliance": "OFCOM", "doNotCallListCheck": false })).is_empty());
        assert!(found(json!({ "doNotCallListCheck": false })).is_empty());
    }
}
