//! Nobody is called who asked not to be.

use serde_json::Value;

use super::do_not_call::{PROTECTIONS, turned_off};
use crate::launch::{asked, starting};
use crate::{Finding, Rule, Severity, Standing};

pub(super) static RULE: Rule = Rule {
    id: "CX072",
    name: "launch-do-not-call",
    severity: Severity::Error,
    about: "Under any regime, a campaign that a plan starts has do-not-call protection on: `doNotCallListCheck` or `doNotCallCompliance` \
            is `true`, and neither is turned off or cleared.",
    origin: "[002][003]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    for (campaign, _) in starting(standing) {
        let off: Vec<_> = turned_off(campaign).collect();
        let fault = match off.first() {
            Some(path) => format!("it would start dialling, and `{path}` is off"),
            None if PROTECTIONS.iter().any(|path| campaign.value(path) == Some(&Value::Bool(true))) => continue,
            None => {
                "it would start dialling, and neither `doNotCallListCheck` nor `doNotCallCompliance` is on".to_owned()
            }
        };
        let hint = "write `doNotCallListCheck: true` and `doNotCallCompliance: true` under `complianceSettings`";
        let mut finding = Finding::new(&RULE, asked(campaign), fault).hint(hint);
        for path in off {
            finding = finding.related(campaign.spot(path, ""), "off");
        }
        findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn messages(compliance: Value) -> Vec<String> {
        let campaign = json!({ "status": "active", "complianceSettings": compliance });
        let project = project(json!({ "campaign/q3": campaign })).starts("campaign/q3");
        project.findings(&RULE).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_start_without_protection_is_refused_under_any_regime() {
        assert_eq!(
            messages(json!({})),
            ["it would start dialling, and neither `doNotCallListCheck` nor `doNotCallCompliance` is on"]
        );
        for off in [json!(false), json!(null)] {
            let found = messages(json!({ "doNotCallListCheck": true, "doNotCallCompliance": off }));
            assert_eq!(found, ["it would start dialling, and `complianceSettings.doNotCallCompliance` is off"]);
        }
    }

    #[test]
    fn one_protection_is_enough_where_a_tenant_knows_no_other() {
        assert!(messages(json!({ "doNotCallListCheck": true })).is_empty());
        assert!(messages(json!({ "doNotCallCompliance": true })).is_empty());
    }
}
