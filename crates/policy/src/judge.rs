//! Policies against a plan.

use cel::Context;
use jiff::Timestamp;
use serde_json::Value;

use crate::PolicyError;
use crate::document::{Each, Policies, Policy, Severity};
use crate::subject::{Subject, scope, within};

/// Beyond this a rule that compares every change with every other would not end in time.
const MOST_CHANGES: usize = 20_000;

/// A policy that a plan breaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Denial {
    /// The policy.
    pub policy: String,
    /// What it means.
    pub severity: Severity,
    /// What the policy says of it.
    pub message: String,
    /// The change; `None` is the plan as a whole.
    pub address: Option<String>,
    /// Where the change is asked for.
    pub place: Option<Place>,
}

/// A place in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// Judges a plan, given as its JSON, at a moment. Denials come in the order of changes and then of ids.
///
/// # Errors
/// A policy that cannot be evaluated: whether it denies is not known, so nothing may be applied.
pub fn judge(policies: &Policies, plan: &Value, now: Timestamp) -> Result<Vec<Denial>, PolicyError> {
    if policies.is_empty() {
        return Ok(Vec::new());
    }
    let changes = plan.get("changes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if changes.len() > MOST_CHANGES {
        return Err(PolicyError::TooLarge { changes: changes.len(), most: MOST_CHANGES });
    }
    let of = |each| policies.policies.values().filter(move |policy| policy.each == each);
    let outer = scope(plan, now);
    let mut denials = Vec::new();
    for policy in of(Each::Plan) {
        denials.extend(denial(policy, &outer, None)?);
    }
    let subject = Subject::of(plan, now);
    for change in changes {
        let inner = within(&outer, change, &subject.facts(change));
        for policy in of(Each::Change) {
            denials.extend(denial(policy, &inner, Some(change))?);
        }
    }
    Ok(denials)
}

/// What one policy says.
pub(crate) fn denial(
    policy: &Policy,
    scope: &Context<'_, '_>,
    change: Option<&Value>,
) -> Result<Option<Denial>, PolicyError> {
    let address = change.and_then(|change| Some(change.get("address")?.as_str()?.to_owned()));
    let failed = |part: &'static str| {
        let (policy, address) = (policy.id.clone(), address.clone());
        move |reason| PolicyError::Evaluation { policy, address, part, reason }
    };
    if let Some(when) = &policy.when
        && !when.truth(scope).map_err(failed("when"))?
    {
        return Ok(None);
    }
    if !policy.deny.truth(scope).map_err(failed("deny"))? {
        return Ok(None);
    }
    let message = policy.message.text(scope).map_err(failed("message"))?;
    let place = change.and_then(place);
    Ok(Some(Denial { policy: policy.id.clone(), severity: policy.severity, message, address, place }))
}

/// The line of the field where only one changes, else that of the object.
fn place(change: &Value) -> Option<Place> {
    let only = change.get("fields").and_then(Value::as_array).and_then(|fields| match fields.as_slice() {
        [field] => field.get("source"),
        _ => None,
    });
    let source = only.or_else(|| change.get("source"))?;
    let number = |name: &str| u32::try_from(source.get(name)?.as_u64()?).ok();
    Some(Place {
        file: source.get("file")?.as_str()?.to_owned(),
        line: number("line")?,
        column: number("column").unwrap_or(1),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::read;

    const NOW: &str = "2026-11-25T15:00:00Z";

    fn policies(rules: &str) -> Policies {
        let text =
            format!("apiVersion: cxform/v1\nkind: PolicySet\nmetadata: {{ name: t }}\nspec:\n  policies:\n{rules}");
        read([("t.yaml", text.as_str())]).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    fn plan() -> Value {
        let change = |address: &str, action: &str, line: u32| {
            json!({ "address": address, "action": action, "reason": "", "source": { "file": "m.yaml", "line": line, "column": 3 },
                    "fields": [{ "path": "dialerSettings.callRate", "before": 0.4, "after": 1 }] })
        };
        json!({
            "summary": { "retire": 2 },
            "changes": [change("campaign/q3", "update", 4), change("outcome/SI", "retire", 9)],
            "steps": [{ "address": "campaign/q3", "base": {
                "status": "active", "complianceSettings.timeZone": "UTC",
                "complianceSettings.allowedCallTimes": [{ "days": ["wed"], "start": "09:00", "end": "17:00" }] } }],
            "live": [{ "address": "campaign/q3" }],
        })
    }

    fn judged(rules: &str, now: &str) -> Result<Vec<String>, PolicyError> {
        let denials = judge(&policies(rules), &plan(), now.parse().unwrap())?;
        Ok(denials.into_iter().map(|one| format!("{} {:?} {}", one.policy, one.address, one.message)).collect())
    }

    #[test]
    fn every_change_is_judged_and_the_plan_once() {
        let rules = "
    - { id: jump, severity: error, deny: 'change.fields.exists(f, double(f.after) > double(f.before) * 1.2)', message: 'from ${change.fields[0].before} on ${campaign}' }
    - { id: many, severity: warning, each: plan, deny: 'plan.summary.retire > 1', message: '${plan.summary.retire} retirements' }
";
        assert_eq!(
            judged(rules, NOW).unwrap(),
            [
                "many None 2 retirements",
                "jump Some(\"campaign/q3\") from 0.4 on q3",
                "jump Some(\"outcome/SI\") from 0.4 on "
            ]
        );
        let place = judge(&policies(rules), &plan(), NOW.parse().unwrap()).unwrap()[1].place.clone().unwrap();
        assert_eq!((place.file.as_str(), place.line), ("m.yaml", 4));
    }

    #[test]
    fn when_guards_deny() {
        let rules = "
    - { id: r, severity: error, when: 'change.action == \"retire\"', deny: 'true', message: 'no' }
";
        assert_eq!(judged(rules, NOW).unwrap(), ["r Some(\"outcome/SI\") no"]);
    }

    #[test]
    fn calling_follows_the_clock() {
        let rules = "
    - { id: c, severity: error, when: calling, deny: 'object.status == \"active\"', message: 'at ${now}' }
";
        assert_eq!(judged(rules, NOW).unwrap(), ["c Some(\"campaign/q3\") at 2026-11-25T15:00:00Z"]);
        assert!(judged(rules, "2026-11-25T18:00:00Z").unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_evaluated_is_an_error_and_no_pass() {
        let rules = "
    - { id: slip, severity: error, deny: 'change.actoin == \"retire\"', message: 'no' }
";
        let error = judged(rules, NOW).unwrap_err().to_string();
        assert_eq!(error, "policy `slip` cannot be evaluated on `campaign/q3`: `deny`: No such key: actoin");
    }

    #[test]
    fn a_plan_that_is_too_large_is_refused() {
        let rules = "
    - { id: r, severity: error, deny: 'false', message: 'no' }
";
        let large = json!({ "changes": vec![json!({}); MOST_CHANGES + 1] });
        assert!(matches!(judge(&policies(rules), &large, NOW.parse().unwrap()), Err(PolicyError::TooLarge { .. })));
    }
}
