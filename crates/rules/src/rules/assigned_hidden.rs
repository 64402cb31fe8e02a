//! A desktop offers outcomes that agents can see.

use crate::outcomes::{Sight, wanted};
use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, Standing, spot_at};

pub(super) static RULE: Rule = Rule {
    id: "CX052",
    name: "assigned-hidden",
    severity: Severity::Error,
    about: "No entry puts an outcome with `uiConfig.visible: false` on a desktop or selects it there: no agent could choose it.",
    origin: "[A] on [000]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    let Some(sight) = Sight::new() else { return };
    for (place, outcome) in wanted(standing) {
        // An inactive one is an error of its own.
        if sight.is_active(outcome) && !sight.is_visible(outcome) {
            let code = quote_text(outcome.address.key());
            findings.push(
                Finding::new(
                    &RULE,
                    spot_at(outcome.address.clone(), place),
                    format!("the outcome {code} is assigned but hidden"),
                )
                .hint("take it off the entry, or make it visible")
                .related(outcome.spot("uiConfig.visible", ""), "hidden here"),
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
    fn a_hidden_outcome_on_a_desktop_is_refused_at_the_entry() {
        let tree = project(json!({ "outcome/A": { "uiConfig.visible": false } }))
            .entry(&json!({ "campaigns": ["q3"], "outcomes": ["A"], "default": "A" }));
        let findings = tree.findings(&RULE);
        assert_eq!(findings.len(), 1, "the default that is also listed counts once");
        assert_ne!(findings[0].at.source, Some(tree.desired.objects.values().next().unwrap().source));
        assert_eq!(findings[0].related[0].0.field.unwrap().path(), "uiConfig.visible");
    }

    #[test]
    fn visible_outcomes_pass_and_an_inactive_one_is_not_told_twice() {
        let tree = project(json!({
            "outcome/A": {},
            "outcome/B": { "uiConfig.visible": null },
            "outcome/C": { "uiConfig.visible": false, "status": "INACTIVE" },
        }))
        .entry(&json!({ "campaigns": ["q3"], "outcomes": ["A", "B", "C"] }));
        assert!(tree.found(&RULE).is_empty());
    }
}
