//! Nobody is called before it is written who.

use serde_json::Value;

use crate::launch::{asked, starting};
use crate::{Finding, Rule, Severity, Standing};

pub(super) static RULE: Rule = Rule {
    id: "CX070",
    name: "launch-selection",
    severity: Severity::Error,
    about: "A campaign that a plan starts has contact selection rules with at least one of `targetListIds`. \
            That its lists are not excluded at the same time is CX044, which holds for every campaign.",
    origin: "[002][004]",
};

const TARGETS: &str = "contactSelection.targetListIds";

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    for (campaign, _) in starting(standing) {
        let names_a_list = |id: &Value| id.as_str().is_some_and(|id| !id.trim().is_empty());
        if !campaign.items(TARGETS).iter().any(names_a_list) {
            findings.push(
                Finding::new(&RULE, asked(campaign), "it would start dialling without selection rules").hint(format!(
                    "write a document of `kind: SelectionRules` with `campaigns: [{}]` and its `targetListIds`",
                    campaign.address.key()
                )),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(campaign: Value, observed: Value) -> Vec<String> {
        let campaign = project(json!({ "campaign/q3": campaign })).observed("campaign/q3", &observed);
        assert!(campaign.found(&RULE).is_empty(), "only a start is judged");
        campaign.starts("campaign/q3").found(&RULE)
    }

    #[test]
    fn a_start_without_selection_rules_is_refused_where_it_is_asked_for() {
        for selection in [json!({}), json!({ "targetListIds": [] }), json!({ "targetListIds": [" "] })] {
            let campaign = json!({ "status": "active", "targetListId": "l1", "contactSelection": selection });
            assert_eq!(found(campaign, json!({})), ["campaign/q3 status"]);
        }
    }

    #[test]
    fn lists_that_only_the_tenant_knows_count() {
        let on_tenant = json!({ "contactSelection.targetListIds": ["l1"] });
        assert!(found(json!({ "status": "active" }), on_tenant).is_empty());
    }
}
