//! Agents who take calls can say how they ended.

use crate::launch::{Launch, asked, starting};
use crate::{Finding, Rule, Severity, Standing};

pub(super) static RULE: Rule = Rule {
    id: "CX071",
    name: "launch-desktop",
    severity: Severity::Error,
    about: "The desktop of a campaign that a plan starts shows at least one outcome, and selects one by default.",
    origin: "[000][002]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    for (campaign, Launch { from: _, shown, selected }) in starting(standing) {
        let name = campaign.address.key();
        let (fault, hint) = match (shown, selected) {
            (0, _) => (
                "it would start dialling, and its desktop shows no outcome".to_owned(),
                format!("assign some: `assignments: [{{ campaigns: [{name}], outcomes: [...], default: ... }}]`"),
            ),
            (shown, false) => {
                let outcomes =
                    if shown == 1 { "the outcome".to_owned() } else { format!("any of the {shown} outcomes") };
                (
                    format!("it would start dialling, and its desktop does not select {outcomes} by default"),
                    "name one as `default` of the assignment".to_owned(),
                )
            }
            (_, true) => continue,
        };
        findings.push(Finding::new(&RULE, asked(campaign), fault).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use cxform_model::CampaignStatus;
    use serde_json::json;

    use super::RULE;
    use crate::Launch;
    use crate::fixture::project;

    fn found(shown: usize, selected: bool) -> Vec<String> {
        let launch = Launch { from: CampaignStatus::Draft, shown, selected };
        let project = project(json!({ "campaign/q3": { "status": "active" } })).launch("campaign/q3", launch);
        let findings = project.findings(&RULE);
        assert!(findings.iter().all(|finding| finding.at.field.unwrap().path() == "status"));
        findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_start_without_outcomes_or_without_a_default_is_refused() {
        assert_eq!(found(0, false), ["it would start dialling, and its desktop shows no outcome"]);
        assert_eq!(
            found(3, false),
            ["it would start dialling, and its desktop does not select any of the 3 outcomes by default"]
        );
        assert!(found(1, true).is_empty());
    }
}
