//! Compliance flags of an audit record \[004\]: what was checked of the object as it was about to stand.
//!
//! The planner runs every rule on every object as it will stand, and refuses what breaks one. A flag is therefore true
//! where the object has what the rules of its group speak of, and no rule of the group was lowered for it. Dial windows of
//! which nobody knows the law pass with a warning, so their proof is made once more.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Address, DesiredObject, Fields, FileId, Kind, RemoteId, Source};
use cxform_plan::{Waiver, observed_from};
use cxform_rules::windows::{Proof, proof};
use cxform_rules::{Context, StandingObject};
use serde_json::{Map, Value, json};

/// A flag, the rules behind it by name, and the fields that they speak of.
struct Group {
    flag: &'static str,
    rules: &'static [&'static str],
    fields: &'static [&'static str],
}

const WINDOWS: &str = "windows";

/// What a write was decided by, beside the flags.
pub const EVIDENCE: &str = "evidence";

const GROUPS: [Group; 4] = [
    Group {
        flag: "overlap",
        rules: &["list-overlap"],
        fields: &["contactSelection.targetListIds", "contactSelection.exclusionListIds", "targetListId"],
    },
    Group {
        flag: "complexity",
        rules: &["filter-rule-count", "priority-count", "filter-rule-incomplete", "filter-contradiction"],
        fields: &["contactSelection.filterRules", "contactSelection.priorityOrder"],
    },
    Group {
        flag: WINDOWS,
        rules: &["time-zone", "wall-clock", "call-window", "pause-rule", "dial-window"],
        fields: &["complianceSettings.allowedCallTimes", "complianceSettings.pauseRules"],
    },
    Group {
        flag: "doNotCall",
        rules: &["do-not-call", "do-not-call-off"],
        fields: &["complianceSettings.doNotCallCompliance", "complianceSettings.doNotCallListCheck"],
    },
];

/// The flags of one object that will hold `standing`, and the ids of the rules behind those that are true.
pub fn flags(address: &Address, standing: &BTreeMap<String, Value>, waivers: &[Waiver], context: &Context) -> Value {
    if address.kind() != Kind::Campaign {
        return json!({});
    }
    let lowered: BTreeSet<&str> =
        waivers.iter().filter(|waiver| waiver.addresses.picks(address)).map(|waiver| waiver.rule.as_str()).collect();
    let mut flags = Map::new();
    let (mut checked, mut waived) = (Vec::new(), Vec::new());
    for Group { flag, rules, fields } in GROUPS {
        let known = fields.iter().any(|field| standing.get(*field).is_some_and(|value| !value.is_null()));
        let rules: Vec<_> =
            cxform_rules::catalogue().iter().filter(|rule| rules.contains(&rule.name)).map(|rule| rule.id).collect();
        let exempt: Vec<_> = rules.iter().filter(|rule| lowered.contains(**rule)).copied().collect();
        let holds = known && exempt.is_empty() && (flag != WINDOWS || windows_are_proven(address, standing, context));
        if holds {
            checked.extend(rules);
        }
        waived.extend(exempt);
        flags.insert(flag.to_owned(), holds.into());
    }
    flags.insert("rules".to_owned(), json!(checked));
    if !waived.is_empty() {
        flags.insert("waived".to_owned(), json!(waived));
    }
    Value::Object(flags)
}

fn windows_are_proven(address: &Address, standing: &BTreeMap<String, Value>, context: &Context) -> bool {
    let observed = observed_from(Kind::Campaign, RemoteId(String::new()), None, standing);
    let desired = DesiredObject {
        previous: Vec::new(),
        parent: None,
        fields: Fields::new(),
        declared: true,
        protected: false,
        pause: None,
        ignored: BTreeSet::new(),
        source: Source { file: FileId(0), line: 0, column: 0 },
    };
    proof(StandingObject { address, desired: &desired, observed: Some(&observed) }, context) == Proof::Proven
}

/// Whether the selection of a campaign was checked for overlap and complexity.
pub fn verifies_selection(flags: &Value) -> bool {
    flags["overlap"] == true && flags["complexity"] == true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_a_group_exists() {
        for group in GROUPS {
            for name in group.rules {
                assert!(cxform_rules::catalogue().iter().any(|rule| rule.name == *name), "{name}");
            }
        }
    }

    #[test]
    fn a_flag_is_true_where_there_was_something_to_check_and_no_rule_was_lowered() {
        let address = Address::campaign("q3");
        let standing = BTreeMap::from([
            ("contactSelection.filterRules".to_owned(), json!([])),
            ("contactSelection.targetListIds".to_owned(), json!(["list_1"])),
            ("complianceSettings.doNotCallListCheck".to_owned(), json!(true)),
        ]);
        let found = flags(&address, &standing, &[], &Context::default());
        assert_eq!(
            (&found["overlap"], &found["complexity"], &found["windows"], &found["doNotCall"]),
            (&json!(true), &json!(true), &json!(false), &json!(true))
        );
        assert!(verifies_selection(&found));
        let overlap = cxform_rules::catalogue().iter().find(|rule| rule.name == "list-overlap").unwrap().id;
        let waiver = Waiver { rule: overlap.to_owned(), addresses: "campaign/*".parse().unwrap() };
        let found = flags(&address, &standing, &[waiver], &Context::default());
        assert_eq!((&found["overlap"], &found["waived"]), (&json!(false), &json!([overlap])));
        assert!(!verifies_selection(&found));
        assert_eq!(flags(&Address::outcome("A"), &standing, &[], &Context::default()), json!({}));
    }

    #[test]
    fn windows_that_nobody_could_prove_are_not_said_to_be_checked() {
        let flag = |regime: &str, start: &str| {
            let standing = BTreeMap::from([
                ("complianceSettings.timeZone".to_owned(), json!("America/New_York")),
                ("complianceSettings.regulatoryCompliance".to_owned(), json!(regime)),
                (
                    "complianceSettings.allowedCallTimes".to_owned(),
                    json!([{ "days": ["mon"], "start": start, "end": "20:00" }]),
                ),
            ]);
            flags(&Address::campaign("q3"), &standing, &[], &Context::default())["windows"].clone()
        };
        assert_eq!(
            [flag("TCPA", "09:00"), flag("OFCOM", "09:00"), flag("", "09:00"), flag("TCPA", "07:00")],
            [true, false, false, false].map(Value::from)
        );
    }
}
