//! The tenant evaluates a bounded number of filter rules.

use crate::{Finding, Rule, Severity, StandingObject};

const MOST: usize = 50;
const PATH: &str = "contactSelection.filterRules";

pub(super) static RULE: Rule = Rule {
    id: "CX045",
    name: "filter-rule-count",
    severity: Severity::Error,
    about: "A campaign has at most 50 filter rules.",
    origin: "[004]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let count = campaign.items(PATH).len();
    if count > MOST {
        findings.push(
            Finding::new(
                &RULE,
                campaign.spot(PATH, format!("/{MOST}")),
                format!("`{count}` filter rules, at most `{MOST}` are possible"),
            )
            .hint("join rules where one can say both, or split the list"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MOST, PATH, RULE};
    use crate::fixture::project;

    fn found(count: usize) -> Vec<String> {
        let items: Vec<Value> =
            (0..count).map(|number| json!({ "field": "f", "operator": "ne", "value": number })).collect();
        project(json!({ "campaign/q3": { PATH: items } })).found(&RULE)
    }

    #[test]
    fn the_first_one_too_many_is_shown() {
        assert_eq!(found(MOST + 3), [format!("campaign/q3 {PATH}/{MOST}")]);
    }

    #[test]
    fn as_many_as_possible_pass() {
        assert!(found(MOST).is_empty());
    }
}
