//! No code or name passes for another one.

use std::collections::BTreeMap;

use cxform_model::Kind;
use unicode_security::{MixedScript as _, skeleton};

use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, Standing, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX065",
    name: "look-alike",
    severity: Severity::Warning,
    about: "The code of an outcome and the name of a campaign do not mix the letters of several scripts, and none reads like another one that is written with other letters. What is ASCII alone is not compared.",
    origin: "[UTS 39](https://www.unicode.org/reports/tr39/)",
};

/// Call codes have a narrow alphabet already, and webhooks are read by few.
const KINDS: [Kind; 2] = [Kind::Outcome, Kind::Campaign];

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    for kind in KINDS {
        // The skeletons of plain keys are needed only where there is another key to take for one of them.
        if standing.of(kind).all(|object| object.address.key().is_ascii()) {
            continue;
        }
        let mut alike: BTreeMap<String, Vec<StandingObject<'_>>> = BTreeMap::new();
        for object in standing.of(kind) {
            alike.entry(skeleton(object.address.key()).collect()).or_default().push(object);
        }
        for group in alike.values() {
            for object in group.iter().filter(|object| !object.address.key().is_ascii()) {
                let key = object.address.key();
                let other = group.iter().find(|other| other.address != object.address);
                let said = match other {
                    Some(other) => format!("{} reads like `{}`, but is another one", quote_text(key), other.address),
                    None if !key.is_single_script() => {
                        format!("{} mixes letters of several scripts, so it can pass for another one", quote_text(key))
                    }
                    None => continue,
                };
                let spot = object.spot(if kind == Kind::Outcome { "code" } else { "name" }, "");
                let mut finding = Finding::new(&RULE, spot, said).hint("type it anew, in one script");
                if let Some(other) = other {
                    finding = finding.related(other.spot("name", ""), "what it reads like");
                }
                findings.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn letters_of_another_script_that_read_the_same_are_told() {
        // The second `A` and the `o` of the last one are Cyrillic.
        let found =
            project(json!({ "outcome/SALE": {}, "outcome/S\u{410}LE": {}, "campaign/pr\u{43e}mo": {} })).found(&RULE);
        assert_eq!(found, ["outcome/S\u{410}LE code", "campaign/pr\u{43e}mo name"]);
    }

    #[test]
    fn whole_words_that_read_the_same_are_told_in_whatever_script() {
        let found = project(json!({ "outcome/COP": {}, "outcome/\u{421}\u{41e}\u{420}": {} })).found(&RULE);
        assert_eq!(found, ["outcome/\u{421}\u{41e}\u{420} code"]);
    }

    #[test]
    fn plain_codes_and_words_of_one_script_pass() {
        let plain = json!({
            "outcome/SI": {}, "outcome/S1": {}, "outcome/O0": {}, "outcome/OO": {}, "campaign/caf\u{e9}": {},
            "outcome/\u{41f}\u{440}\u{43e}\u{434}\u{430}\u{436}\u{430}": {}, "campaign/\u{65e5}\u{672c}\u{30ab}": {},
        });
        assert!(project(plain).found(&RULE).is_empty());
    }
}
