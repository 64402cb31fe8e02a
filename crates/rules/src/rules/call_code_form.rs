//! Call codes have a narrow alphabet.

use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX031",
    name: "call-code-form",
    severity: Severity::Error,
    about: "A call code matches `^[A-Z0-9_]{2,16}$`.",
    origin: "[001]",
};

pub(super) fn judge(call_code: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let code = call_code.address.key();
    let fits = (2..=16).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if !fits {
        findings.push(
            Finding::new(&RULE, call_code.spot("code", ""), format!("{} is no call code", quote_text(code)))
                .hint("write 2 to 16 capital letters, digits or underscores"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn a_code_outside_the_alphabet_is_refused() {
        for code in ["A", "sale", "NO-ANSWER", "ABCDEFGHIJKLMNOPQ", "\u{c4}RGER"] {
            let address = format!("callcode/{code}");
            assert_eq!(project(json!({ address.clone(): {} })).found(&RULE), [format!("{address} code")]);
        }
    }

    #[test]
    fn each_code_of_a_path_answers_for_itself() {
        let tree = project(json!({ "callcode/DNC": {}, "callcode/DNC/x": {}, "callcode/DNC/x/OK_16": {} }));
        assert_eq!(tree.found(&RULE), ["callcode/DNC/x code"]);
    }
}
