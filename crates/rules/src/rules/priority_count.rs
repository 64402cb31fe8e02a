//! Contacts are ranked by a few priorities.

use crate::{Finding, Rule, Severity, StandingObject};

const MOST: usize = 5;
const PATH: &str = "contactSelection.priorityOrder";

pub(super) static RULE: Rule = Rule {
    id: "CX046",
    name: "priority-count",
    severity: Severity::Error,
    about: "A campaign has at most 5 elements in `priorityOrder`.",
    origin: "[004]",
};

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let count = campaign.items(PATH).len();
    if count > MOST {
        findings.push(
            Finding::new(
                &RULE,
                campaign.spot(PATH, format!("/{MOST}")),
                format!("`{count}` priorities, at most `{MOST}` are possible"),
            )
            .hint("keep those that decide most"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MOST, PATH, RULE};
    use crate::fixture::project;

    fn found(count: usize) -> Vec<String> {
        let items: Vec<Value> = (0..count).map(|number| json!(format!("p{number}"))).collect();
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
