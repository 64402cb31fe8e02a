//! A desktop selects an outcome that stands on it.

use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, Standing, spot_at};

pub(super) static RULE: Rule = Rule {
    id: "CX053",
    name: "default-assigned",
    severity: Severity::Error,
    about: "The `default` of an exclusive entry is among its outcomes, and no entry selects what it takes off.",
    origin: "[A] on [000]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    for entry in standing.entries {
        let Some(default) = &entry.default else { continue };
        let Some(outcome) = &default.value else { continue };
        let fault = if entry.unassigned.iter().any(|off| off.value == *outcome) {
            "is selected and taken off by the same entry"
        } else if entry.exclusive && entry.outcomes.iter().all(|on| on.value != *outcome) {
            "is selected but not among the outcomes of this exclusive entry"
        } else {
            continue;
        };
        findings.push(
            Finding::new(
                &RULE,
                spot_at(outcome.clone(), default.source),
                format!("the outcome {} {fault}", quote_text(outcome.key())),
            )
            .hint("list it under `outcomes`, or select another")
            .related(spot_at(outcome.clone(), entry.source), "the entry"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn found(entry: Value) -> Vec<String> {
        project(json!({ "outcome/A": {}, "outcome/B": {} })).entry(&entry).found(&RULE)
    }

    #[test]
    fn a_default_that_cannot_be_on_the_desktop_is_refused() {
        let entry = json!({ "campaigns": ["q3"], "outcomes": ["A"], "default": "B", "exclusive": true });
        assert_eq!(found(entry), ["outcome/B"]);
        let entry = json!({ "campaigns": ["q3"], "outcomes": ["A"], "default": "B", "unassigned": ["B"] });
        assert_eq!(found(entry), ["outcome/B"]);
    }

    #[test]
    fn a_default_that_stands_there_or_may_stand_there_passes() {
        let listed = json!({ "campaigns": ["q3"], "outcomes": ["A"], "default": "A", "exclusive": true });
        assert!(found(listed).is_empty());
        let foreign = json!({ "campaigns": ["q3"], "outcomes": ["A"], "default": "B" });
        assert!(found(foreign).is_empty(), "another entry or the tenant may have it");
        let cleared = json!({ "campaigns": ["q3"], "outcomes": ["A"], "default": null, "exclusive": true });
        assert!(found(cleared).is_empty());
    }
}
