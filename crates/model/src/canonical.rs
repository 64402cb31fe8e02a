//! The canonical form of values: two values mean the same exactly when their canonical forms are equal.
//!
//! Implements the rows *case*, *numbers*, *times*, *empty values*, *text* and *lists* of the API contract.
//! A value that does not fit its shape is its own canonical form, so it differs from every value that does.

use serde_json::{Map, Number, Value};

use crate::{Field, Member, Shape};

/// The canonical form of a field's value; an absent or empty one is the field's documented default, or null.
#[must_use]
pub fn canonical_field(field: Field, value: Option<&Value>) -> Value {
    let policy = field.policy();
    match value.map_or(Value::Null, |value| canonical(&policy.shape, value)) {
        Value::Null => policy.default.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null),
        value => value,
    }
}

/// Whether two values of a field mean the same.
#[must_use]
pub fn same(field: Field, left: Option<&Value>, right: Option<&Value>) -> bool {
    left == right || canonical_field(field, left) == canonical_field(field, right)
}

/// The canonical form of a value of this shape. Empty values of every shape are null.
#[must_use]
pub fn canonical(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Set(item), Value::Array(items)) => {
            let mut items: Vec<_> = items.iter().map(|value| canonical(item, value)).collect();
            items.sort_by_cached_key(Value::to_string);
            items.dedup();
            array(items)
        }
        (Shape::List(item), Value::Array(items)) => array(items.iter().map(|value| canonical(item, value)).collect()),
        (Shape::Scalar, Value::Array(items)) => array(items.iter().map(|value| canonical(shape, value)).collect()),
        (Shape::Record(members), Value::Object(record)) => object(members, record),
        (_, Value::String(text)) => text_of(shape, text.trim()),
        (_, Value::Number(number)) => Value::Number(number_of(number)),
        (_, Value::Array(items)) if items.is_empty() => Value::Null,
        (_, Value::Object(members)) if members.is_empty() => Value::Null,
        (_, other) => other.clone(),
    }
}

fn array(items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { Value::Array(items) }
}

/// Members that cxform does not know are the server's business, not a difference.
fn object(members: &[Member], record: &Map<String, Value>) -> Value {
    let known: Map<String, Value> = members
        .iter()
        .filter_map(|member| Some((member.name.to_owned(), canonical(&member.shape, record.get(member.name)?))))
        .filter(|(_, value)| !value.is_null())
        .collect();
    if known.is_empty() { Value::Null } else { Value::Object(known) }
}

fn text_of(shape: &Shape, text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    Value::String(match shape {
        Shape::Choice(words) => words
            .iter()
            .find(|word| word.eq_ignore_ascii_case(text))
            .map_or_else(|| text.to_owned(), |word| (*word).to_owned()),
        Shape::Word | Shape::Colour => text.to_uppercase(),
        Shape::Instant => instant(text).map_or_else(|| text.to_owned(), |instant| instant.to_string()),
        Shape::WallClock => {
            wall_clock(text).map_or_else(|| text.to_owned(), |(hour, minute)| format!("{hour:02}:{minute:02}"))
        }
        _ => text.to_owned(),
    })
}

/// An RFC 3339 instant.
#[must_use]
pub fn instant(text: &str) -> Option<jiff::Timestamp> {
    text.trim().parse().ok()
}

/// Hour and minute of `HH:MM`, `H:MM` or `HH:MM:00`; `24:00` is the end of the day.
#[must_use]
pub fn wall_clock(text: &str) -> Option<(u8, u8)> {
    let mut parts = text.trim().split(':');
    let hour = digits(parts.next()?, 1..=2)?;
    let minute = digits(parts.next()?, 2..=2)?;
    let second = parts.next().map_or(Some(0), |second| digits(second, 2..=2))?;
    let valid = parts.next().is_none() && second == 0 && minute < 60 && (hour < 24 || (hour, minute) == (24, 0));
    valid.then_some((hour, minute))
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u8> {
    (length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// `1.0` is `1`, and `0.60` is `0.6`.
fn number_of(number: &Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: beyond it a float is not one whole number
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
            let whole = float as i64;
            Number::from(whole)
        }
        _ => number.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Kind;

    #[track_caller]
    fn assert_same(kind: Kind, path: &str, left: Value, right: Value) {
        let field = Field::find(kind, path).unwrap();
        assert!(same(field, Some(&left), Some(&right)), "{left} and {right}");
    }

    #[test]
    fn values_that_differ_only_in_form_are_the_same() {
        use Kind::{Campaign, Outcome};
        assert_same(Campaign, "type", json!("PREDICTIVE"), json!("predictive"));
        assert_same(Campaign, "dialerSettings.strategy", json!("Predictive"), json!("PREDICTIVE"));
        assert_same(Campaign, "dialerSettings.concurrency", json!(50.0), json!(50));
        assert_same(Campaign, "startDateTime", json!("2026-12-01T09:00:00-05:00"), json!("2026-12-01T14:00:00.000Z"));
        assert_same(Campaign, "contactSelection.targetListIds", json!(["b", "a", "a"]), json!(["a", "b"]));
        assert_same(
            Campaign,
            "complianceSettings.allowedCallTimes",
            json!([{"days": ["MON", "tue"], "start": "8:00", "end": "21:00", "note": "server's"}]),
            json!([{"start": "08:00:00", "end": "21:00", "days": ["tue", "mon"]}]),
        );
        assert_same(
            Campaign,
            "contactSelection.filterRules",
            json!([{"field": "age", "operator": "IN", "value": [18.0, "x"]}]),
            json!([{"field": "age", "operator": "in", "value": [18, "x"]}]),
        );
        assert_same(Outcome, "uiConfig.colorCode", json!("#2ecc71"), json!("#2ECC71"));
        assert_same(Outcome, "name", json!("  Sale "), json!("Sale"));
        assert_same(Outcome, "description", json!(""), json!(null));
        assert_same(Outcome, "validationRules.requiredFields", json!([]), json!(null));
        assert_same(Outcome, "validationRules.retentionPeriodDays", json!(null), json!(365));
    }

    #[test]
    fn order_of_a_list_and_case_of_a_name_are_differences() {
        for (path, left, right) in [
            ("contactSelection.priorityOrder", json!(["a", "b"]), json!(["b", "a"])),
            ("targetListId", json!("List"), json!("list")),
            ("complianceSettings.timeZone", json!("America/new_york"), json!("America/New_York")),
            ("dialerSettings.callRate", json!("0.6"), json!(0.6)),
        ] {
            let field = Field::find(Kind::Campaign, path).unwrap();
            assert!(!same(field, Some(&left), Some(&right)), "{path}");
        }
    }

    #[test]
    fn only_wall_clock_times_are_read_as_such() {
        assert_eq!(wall_clock("8:05"), Some((8, 5)));
        assert_eq!(wall_clock("24:00"), Some((24, 0)));
        for text in ["", "8", "24:01", "08:60", "8:5", "+8:00", "08:00:30", "08:00:00:00"] {
            assert_eq!(wall_clock(text), None, "{text}");
        }
    }
}
