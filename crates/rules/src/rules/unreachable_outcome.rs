//! A code that agents could use stands on some desktop.

use std::collections::HashSet;

use cxform_model::{Address, Kind};

use crate::outcomes::Sight;
use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, Standing};

pub(super) static RULE: Rule = Rule {
    id: "CX057",
    name: "unreachable-outcome",
    severity: Severity::Warning,
    about: "In a project that assigns outcomes at all, every active and visible leaf is reached by some entry, by campaign or by group.",
    origin: "[A] on [000]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    let Some(sight) = Sight::new() else { return };
    let reached = reached(standing);
    if reached.is_empty() {
        return;
    }
    let parents: HashSet<&Address> =
        standing.of(Kind::Outcome).filter_map(|outcome| Some(&outcome.desired.parent.as_ref()?.value)).collect();
    for outcome in standing.of(Kind::Outcome) {
        let (reached, leaf) = (reached.contains(outcome.address), !parents.contains(outcome.address));
        if leaf && !reached && sight.is_active(outcome) && sight.is_visible(outcome) {
            findings.push(
                Finding::new(
                    &RULE,
                    outcome.whole(),
                    format!("no desktop reaches the outcome {}", quote_text(outcome.address.key())),
                )
                .hint("list it under `assignments`, or hide or retire it"),
            );
        }
    }
}

/// Every outcome on some desktop. Entries by group count as long as it is unknown whether their groups are empty.
fn reached<'s>(standing: &'s Standing<'_>) -> HashSet<&'s Address> {
    if standing.desktops_complete {
        let desktops = standing.desktops.values();
        desktops.flat_map(|desktop| &desktop.outcomes).map(|outcome| &outcome.value).collect()
    } else {
        standing.entries.iter().flat_map(|entry| &entry.outcomes).map(|outcome| &outcome.value).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::{Project, project};

    fn tree() -> Project {
        project(json!({
            "outcome/ROOT": {},
            "outcome/A": { "parent": "ROOT" },
            "outcome/B": { "parent": "ROOT" },
            "outcome/HIDDEN": { "parent": "ROOT", "uiConfig.visible": false },
            "outcome/OLD": { "parent": "ROOT", "status": "INACTIVE" },
        }))
    }

    #[test]
    fn a_usable_leaf_on_no_desktop_is_shown() {
        assert_eq!(tree().entry(&json!({ "campaigns": ["q3"], "outcomes": ["A"] })).found(&RULE), ["outcome/B"]);
    }

    #[test]
    fn an_entry_by_group_reaches_too() {
        let tree = tree().entry(&json!({ "groups": ["EAST"], "outcomes": ["A", "B"] }));
        assert!(tree.found(&RULE).is_empty());
    }

    #[test]
    fn once_every_desktop_is_known_only_desktops_count() {
        let tree = tree()
            .entry(&json!({ "groups": ["EMPTY"], "outcomes": ["B"] }))
            .entry(&json!({ "campaigns": ["q3"], "outcomes": ["A"] }));
        assert!(tree.found(&RULE).is_empty());
        assert_eq!(tree.all_desktops().found(&RULE), ["outcome/B"]);
    }

    #[test]
    fn a_project_without_assignments_is_not_bothered() {
        assert!(tree().found(&RULE).is_empty());
        assert!(tree().entry(&json!({ "campaigns": ["q3"], "unassigned": ["A"] })).found(&RULE).is_empty());
    }
}
