//! A desktop offers outcomes that are in use.

use crate::outcomes::{Sight, wanted};
use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, Standing, spot_at};

pub(super) static RULE: Rule = Rule {
    id: "CX051",
    name: "assigned-inactive",
    severity: Severity::Error,
    about: "No entry puts an inactive outcome on a desktop or selects it there: retiring takes it off.",
    origin: "[A] on [000]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    let Some(sight) = Sight::new() else { return };
    for (place, outcome) in wanted(standing) {
        if !sight.is_active(outcome) {
            let code = quote_text(outcome.address.key());
            findings.push(
                Finding::new(
                    &RULE,
                    spot_at(outcome.address.clone(), place),
                    format!("the outcome {code} is assigned but inactive"),
                )
                .hint("take it off the entry, or make it active again")
                .related(outcome.spot("status", ""), "inactive here"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn an_inactive_outcome_on_a_desktop_is_refused_once_for_each_place() {
        let tree = project(json!({ "outcome/OLD": { "status": "INACTIVE" }, "outcome/NEW": {} }))
            .entry(&json!({ "campaigns": ["q3", "q4"], "outcomes": ["NEW", "OLD"] }))
            .entry(&json!({ "groups": ["EAST"], "outcomes": ["OLD"], "default": "OLD" }));
        assert_eq!(tree.found(&RULE), ["outcome/OLD", "outcome/OLD"]);
    }

    #[test]
    fn an_inactive_default_is_refused_even_where_the_entry_does_not_list_it() {
        let tree = project(json!({ "outcome/OLD": { "status": "inactive" } }))
            .entry(&json!({ "campaigns": ["q3"], "default": "OLD" }));
        assert_eq!(tree.found(&RULE), ["outcome/OLD"]);
    }

    #[test]
    fn what_the_tenant_has_retired_counts_unless_the_manifest_revives_it() {
        let entry = json!({ "campaigns": ["q3"], "outcomes": ["A", "B"] });
        let tree = project(json!({ "outcome/A": {}, "outcome/B": { "status": "ACTIVE" } }))
            .observed("outcome/A", &json!({ "status": "INACTIVE" }))
            .observed("outcome/B", &json!({ "status": "INACTIVE" }))
            .entry(&entry);
        assert_eq!(tree.found(&RULE), ["outcome/A"]);
    }

    #[test]
    fn active_outcomes_and_outcomes_that_are_taken_off_pass() {
        let tree = project(json!({ "outcome/OLD": { "status": "INACTIVE" }, "outcome/NEW": {} }))
            .entry(&json!({ "campaigns": ["q3"], "outcomes": ["NEW"], "default": null, "unassigned": ["OLD"] }));
        assert!(tree.found(&RULE).is_empty());
    }
}
