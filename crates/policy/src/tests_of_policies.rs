//! The tests that policies bring along.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::document::{Each, Expected, Policies, Test};
use crate::judge::denial;
use crate::subject::{Subject, scope, within};

/// How one test came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The file that it stands in.
    pub file: String,
    /// The test.
    pub name: String,
    /// The policy that it is for.
    pub policy: String,
    /// What it found other than it expects; `None` where it holds.
    pub fault: Option<String>,
}

/// Tries out every test, in the order of file and document.
#[must_use]
pub fn try_out(policies: &Policies) -> Vec<Tried> {
    let tried = policies.tests.iter().map(|(file, test)| Tried {
        file: file.clone(),
        name: test.name.clone(),
        policy: test.policy.clone(),
        fault: fault(policies, test),
    });
    tried.collect()
}

fn fault(policies: &Policies, test: &Test) -> Option<String> {
    let policy = policies.policies.get(&test.policy)?;
    let plan = plan_of(test);
    let now = test.now.unwrap_or(Timestamp::UNIX_EPOCH);
    let outer = scope(&plan, now);
    let found = match (policy.each, &test.change) {
        (Each::Plan, _) => denial(policy, &outer, None),
        (Each::Change, None) => return Some("the policy looks at changes, and the test has no `change`".to_owned()),
        (Each::Change, Some(change)) => {
            let mut facts = Subject::of(&plan, now).facts(change);
            facts.object = test.object.clone().unwrap_or(facts.object);
            facts.calling = test.calling.unwrap_or(facts.calling);
            denial(policy, &within(&outer, change, &facts), Some(change))
        }
    };
    match (test.expect, found) {
        (_, Err(error)) => Some(error.to_string()),
        (Expected::Passed, Ok(None)) => None,
        (Expected::Passed, Ok(Some(denial))) => Some(format!("it is denied: {}", denial.message)),
        (Expected::Denied, Ok(None)) => Some("it passes".to_owned()),
        (Expected::Denied, Ok(Some(denial))) => {
            let wanted = test.message.as_ref().filter(|message| **message != denial.message)?;
            Some(format!("the message is `{}`, and not `{wanted}`", denial.message))
        }
    }
}

/// The plan of a test: what it gives, on top of one that holds its change alone.
fn plan_of(test: &Test) -> Value {
    let given = test.plan.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
    let changes = given.get("changes").cloned().unwrap_or_else(|| test.change.iter().cloned().collect());
    let count = |action: &str| {
        let of = |change: &&Value| change.get("action").and_then(Value::as_str) == Some(action);
        changes.as_array().map_or(0, |changes| changes.iter().filter(of).count())
    };
    let mut plan = json!({
        "formatVersion": 1, "project": "test", "environment": "test", "tenant": "test",
        "summary": {
            "create": count("create"), "update": count("update"), "retire": count("retire"), "assign": count("assign"),
            "unassign": count("unassign"), "transition": count("transition"), "unchanged": 0,
        },
        "estimate": { "requests": 0, "seconds": 0.0, "byEndpoint": {} },
        "changes": changes, "steps": [], "warnings": [], "live": [],
    });
    if let Value::Object(members) = &mut plan {
        members.extend(given);
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    const FILE: &str = r#"
apiVersion: cxform/v1
kind: PolicySet
metadata: { name: t }
spec:
  policies:
    - { id: off, severity: error, deny: 'change.fields.exists(f, f.before == true && f.after != true)', message: '${change.address}' }
    - { id: many, severity: error, each: plan, deny: 'plan.summary.retire > 1', message: many }
  tests:
    - { name: denied, policy: off, expect: denied, message: campaign/q, change: { address: campaign/q, action: update, fields: [{ path: p, before: true, after: null }] } }
    - { name: passed, policy: off, expect: passed, change: { address: campaign/q, action: update, fields: [{ path: p, before: false, after: true }] } }
    - { name: wrong, policy: off, expect: passed, change: { address: campaign/q, action: update, fields: [{ path: p, before: true, after: false }] } }
    - { name: other words, policy: off, expect: denied, message: x, change: { address: campaign/q, fields: [{ before: true, after: false }] } }
    - { name: no change, policy: off, expect: passed }
    - { name: counted, policy: many, expect: denied, plan: { changes: [{ action: retire }, { action: retire }] } }
    - { name: slip, policy: off, expect: denied, change: { address: campaign/q, feilds: [] } }
"#;

    #[test]
    fn a_test_tells_what_it_found() {
        let policies = read([("t.yaml", FILE)]).unwrap();
        let faults: Vec<_> = try_out(&policies).into_iter().map(|tried| (tried.name, tried.fault)).collect();
        let fault = |name: &str| faults.iter().find(|(one, _)| one == name).unwrap().1.clone();
        for name in ["denied", "passed", "counted"] {
            assert_eq!(fault(name), None, "{name}");
        }
        assert_eq!(fault("wrong").unwrap(), "it is denied: campaign/q");
        assert_eq!(fault("other words").unwrap(), "the message is `campaign/q`, and not `x`");
        assert!(fault("no change").unwrap().contains("no `change`"));
        assert!(fault("slip").unwrap().contains("No such key: fields"));
    }

    #[test]
    fn what_is_wrong_with_files_is_told_all_at_once() {
        let bad = FILE.replace("id: many", "id: off").replace("plan.summary.retire > 1", "pln > 1");
        let errors = read([("a.yaml", bad.as_str()), ("b.yaml", "kind: PolicySet\n"), ("c.yaml", FILE)]).unwrap_err();
        let said: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert!(said[0].contains("speaks of `pln`"), "{said:?}");
        assert!(said[1].starts_with("`b.yaml` is no policy file: missing field"), "{said:?}");
        assert!(said[2].contains("two policies are called `off`"), "{said:?}");
        let unknown = FILE.replace("policy: many", "policy: mnay");
        assert!(
            read([("a.yaml", unknown.as_str())]).unwrap_err()[0].to_string().contains("`mnay`, which does not exist")
        );
    }
}
