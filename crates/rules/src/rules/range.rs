//! Numbers lie within the bounds of their field's table.

use cxform_model::{Envelope, Field, Setting, Shape};
use serde_json::{Number, Value};

use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX033",
    name: "range",
    severity: Severity::Error,
    about: "A number lies within the bounds of its field, and so do both bounds of an envelope: `agentCapacity` and \
            `concurrency` 1..500, `callRate` 0.1..1, `answerRate` 0..1 (predictive 0.3..0.95), `agentEfficiency` 0.5..1, \
            `retentionPeriodDays` at least 1, times at least 0.",
    origin: "[000][002][003]",
};

pub(super) fn judge(object: StandingObject<'_>, findings: &mut Vec<Finding>) {
    for field in Field::all(object.address.kind()) {
        let Some((min, max)) = bounds(field) else { continue };
        for (number, inside) in numbers(object, field) {
            let fault = match number.as_f64() {
                Some(value) if value < min => format!("less than `{min}`"),
                Some(value) if value > max => format!("more than `{max}`"),
                _ => continue,
            };
            let hint = if max.is_finite() { format!("write {min} to {max}") } else { format!("write {min} or more") };
            findings.push(
                Finding::new(&RULE, object.spot_of(field, inside), format!("`{field}` is `{number}`, {fault}"))
                    .hint(hint),
            );
        }
    }
}

/// The bounds of a number, both included.
fn bounds(field: Field) -> Option<(f64, f64)> {
    // The table says "no upper bound" with the greatest whole number there is.
    const fn float(bound: i64) -> f64 {
        if bound == i64::MAX { f64::INFINITY } else { bound as f64 }
    }
    match field.policy().shape {
        Shape::Integer { min, max } => Some((float(min), float(max))),
        Shape::Number { min, max } => Some((min, max)),
        _ => None,
    }
}

/// The numbers that a field may take, with their places in its value.
fn numbers(object: StandingObject<'_>, field: Field) -> impl Iterator<Item = (&Number, &'static str)> {
    let [first, second] = match object.setting(field) {
        // Reading has put the initial value between the two.
        Some(Setting::Between(Envelope { low, high, initial: _ })) => {
            [Some((low, "/between/0")), Some((high, "/between/1"))]
        }
        _ => [object.value_of(field).and_then(Value::as_number).map(|number| (number, "")), None],
    };
    first.into_iter().chain(second)
}

#[cfg(test)]
mod tests {
    use cxform_model::{Kind, Shape, table};
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    fn campaign(path: &str, value: Value) -> Vec<String> {
        project(json!({ "campaign/q3": { path: value } })).found(&RULE)
    }

    #[test]
    fn every_bounded_field_is_held_to_its_bounds() {
        let mut bounded = 0;
        for kind in [Kind::Outcome, Kind::CallCode, Kind::Campaign, Kind::Webhook] {
            for policy in table(kind) {
                let (min, max, step) = match policy.shape {
                    Shape::Integer { min, max } => (json!(min), json!(max), 1.0),
                    Shape::Number { min, max } => (json!(min), json!(max), 0.01),
                    _ => continue,
                };
                bounded += 1;
                let path = policy.path;
                let address = format!("{kind}/XX");
                let found = |value: Value| project(json!({ address.clone(): { path: value } })).found(&RULE);
                let spot = format!("{address} {path}");
                assert_eq!(found(json!(min.as_f64().unwrap() - step)), [spot.as_str()], "below {path}");
                assert!(found(min).is_empty(), "least {path}");
                assert!(found(max.clone()).is_empty(), "greatest {path}");
                if max != json!(i64::MAX) {
                    assert_eq!(found(json!(max.as_f64().unwrap() + step)), [spot.as_str()], "above {path}");
                }
            }
        }
        assert!(bounded >= 9, "{bounded}");
    }

    #[test]
    fn both_bounds_of_an_envelope_are_held_to_the_range() {
        assert_eq!(
            campaign("dialerSettings.concurrency", json!({ "between": [0, 501] })),
            ["campaign/q3 dialerSettings.concurrency/between/0", "campaign/q3 dialerSettings.concurrency/between/1"]
        );
        assert!(campaign("dialerSettings.concurrency", json!({ "between": [1, 500] })).is_empty());
    }

    #[test]
    fn a_cleared_number_has_no_range() {
        assert!(campaign("dialerSettings.callRate", json!(null)).is_empty());
    }

    #[test]
    fn what_the_tenant_has_is_judged_where_no_manifest_says_otherwise() {
        let tenant = json!({ "dialerSettings.callRate": 3 });
        let open = project(json!({ "campaign/q3": {} })).observed("campaign/q3", &tenant);
        assert_eq!(open.found(&RULE), ["campaign/q3 dialerSettings.callRate"]);
        let settled = project(json!({ "campaign/q3": { "dialerSettings.callRate": 0.5 } }));
        assert!(settled.observed("campaign/q3", &tenant).found(&RULE).is_empty());
    }
}
