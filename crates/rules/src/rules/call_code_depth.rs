//! Call codes nest three deep.

use crate::{Finding, Rule, Severity, StandingObject};

const DEEPEST: usize = 3;

pub(super) static RULE: Rule = Rule {
    id: "CX032",
    name: "call-code-depth",
    severity: Severity::Error,
    about: "Call codes form at most three levels, the root being the first.",
    origin: "[001]",
};

pub(super) fn judge(call_code: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let depth = call_code.address.segments().len();
    if depth > DEEPEST {
        findings.push(
            Finding::new(
                &RULE,
                call_code.whole(),
                format!("the call code is on level `{depth}` of at most `{DEEPEST}`"),
            )
            .hint("hang it higher"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn the_fourth_level_is_refused_and_the_third_is_not() {
        let tree = project(json!({ "callcode/A1/B1/C1": {}, "callcode/A1/B1/C1/D1": {} }));
        assert_eq!(tree.found(&RULE), ["callcode/A1/B1/C1/D1"]);
    }
}
