//! Values of filter rules, and what is certain about two of them.

use std::cmp::Ordering;
use std::collections::HashMap;

use cxform_model::instant;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Number, Value};

/// A value that filter rules compare a contact's field with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Bool(bool),
    Number(Number),
    Date(Date),
    Instant(Timestamp),
    Text(String),
}

/// How one value relates to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// Equal, less or greater.
    Ordered(Ordering),
    /// Not equal; the order depends on the dialect.
    Different,
    /// Even equality depends on the dialect: `5` and `"5"`, `Sale` and `sale`.
    Unknown,
}

/// What two operands share unless they are certainly different. Says nothing across kinds.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Likeness {
    Bool(bool),
    Number(u64),
    Date(Date),
    Instant(Timestamp),
    Text(String),
}

impl Operand {
    pub(super) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(bool) => Some(Self::Bool(*bool)),
            Value::Number(number) => Some(Self::Number(number.clone())),
            Value::String(text) => Some(Self::text(text.trim())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn text(text: &str) -> Self {
        // jiff reads more forms than these; a form that the remote may take for plain text is plain text here.
        match text.len() {
            10 if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => text.parse().ok().map(Self::Date),
            20.. if text.as_bytes()[10].eq_ignore_ascii_case(&b'T') => instant(text).map(Self::Instant),
            _ => None,
        }
        .unwrap_or_else(|| Self::Text(text.to_owned()))
    }

    /// Whether the order of two such values is the same in every dialect.
    pub(super) const fn has_order(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Date(_) | Self::Instant(_))
    }

    pub(super) fn relate(&self, other: &Self) -> Relation {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => relate_numbers(left, right),
            (Self::Date(left), Self::Date(right)) => Relation::Ordered(left.cmp(right)),
            (Self::Instant(left), Self::Instant(right)) => Relation::Ordered(left.cmp(right)),
            _ if self == other => Relation::Ordered(Ordering::Equal),
            (Self::Bool(_), Self::Bool(_)) => Relation::Different,
            (Self::Text(_), Self::Text(_)) if self.likeness() != other.likeness() => Relation::Different,
            _ => Relation::Unknown,
        }
    }

    fn likeness(&self) -> Likeness {
        match self {
            Self::Bool(bool) => Likeness::Bool(*bool),
            Self::Number(number) => Likeness::Number(bits(number.as_f64().unwrap_or(f64::NAN))),
            Self::Date(date) => Likeness::Date(*date),
            Self::Instant(instant) => Likeness::Instant(*instant),
            // `007` and `7` are one value to a dialect that reads numbers out of texts.
            Self::Text(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Likeness::Number(bits(number)),
                _ => Likeness::Text(text.to_lowercase()),
            },
        }
    }
}

/// Zero has two signs and is one number.
fn bits(number: f64) -> u64 {
    if number == 0.0 { 0 } else { number.to_bits() }
}

fn relate_numbers(left: &Number, right: &Number) -> Relation {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: from here on one float stands for several whole numbers
    if let (Some(left), Some(right)) = (left.as_i128(), right.as_i128()) {
        return Relation::Ordered(left.cmp(&right));
    }
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) if left == right && left.abs() >= EXACT => Relation::Unknown,
        (Some(left), Some(right)) => left.partial_cmp(&right).map_or(Relation::Unknown, Relation::Ordered),
        _ => Relation::Unknown,
    }
}

/// The values of an `eq`, `ne`, `in` or `notIn`, ready to be asked for one value among very many.
#[derive(Debug)]
pub(super) struct Operands {
    all: Vec<Operand>,
    alike: HashMap<Likeness, Vec<usize>>,
    /// Whether all are of one kind; otherwise nothing is certainly absent.
    uniform: bool,
}

impl Operands {
    pub(super) fn new(all: Vec<Operand>) -> Self {
        let uniform = all.windows(2).all(|pair| same_kind(&pair[0], &pair[1]));
        let mut alike: HashMap<_, Vec<_>> = HashMap::new();
        for (index, operand) in all.iter().enumerate() {
            alike.entry(operand.likeness()).or_default().push(index);
        }
        Self { all, alike, uniform }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Operand> {
        self.all.iter()
    }

    /// Whether `operand` is among them; `None` where that depends on the dialect.
    pub(super) fn contains(&self, operand: &Operand) -> Option<bool> {
        let mut certain = self.uniform && self.all.first().is_none_or(|first| same_kind(first, operand));
        for &index in self.alike.get(&operand.likeness()).into_iter().flatten() {
            match self.all[index].relate(operand) {
                Relation::Ordered(Ordering::Equal) => return Some(true),
                Relation::Unknown => certain = false,
                Relation::Ordered(_) | Relation::Different => {}
            }
        }
        certain.then_some(false)
    }
}

fn same_kind(left: &Operand, right: &Operand) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn relation(left: Value, right: Value) -> Relation {
        Operand::read(&left).unwrap().relate(&Operand::read(&right).unwrap())
    }

    #[test]
    fn numbers_dates_and_instants_are_ordered() {
        for (less, greater) in [
            (json!(9), json!(10)),
            (json!(0.5), json!(1)),
            (json!(9_007_199_254_740_992_i64), json!(9_007_199_254_740_993_i64)),
            (json!("2023-09-30"), json!("2023-10-01")),
            (json!("2023-01-01T23:00:00-05:00"), json!("2023-01-02T04:30:00Z")),
        ] {
            assert_eq!(relation(less.clone(), greater.clone()), Relation::Ordered(Ordering::Less));
            assert_eq!(relation(greater, less), Relation::Ordered(Ordering::Greater));
        }
        assert_eq!(relation(json!(1.0), json!(1)), Relation::Ordered(Ordering::Equal));
    }

    #[test]
    fn what_a_dialect_decides_stays_open() {
        for (left, right) in [
            (json!(5), json!("5")),
            (json!("Sale"), json!("sale")),
            (json!("007"), json!("7")),
            (json!(true), json!("true")),
            (json!("2023-01-01"), json!("2023-01-01T00:00:00Z")),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0)),
        ] {
            assert_eq!(relation(left.clone(), right.clone()), Relation::Unknown, "{left} {right}");
        }
        assert_eq!(relation(json!("10"), json!("9")), Relation::Different);
    }

    #[test]
    fn membership_is_certain_only_among_values_of_one_kind() {
        let list = |values: Value| Operands::new(values.as_array().unwrap().iter().filter_map(Operand::read).collect());
        let has = |values, value: Value| list(values).contains(&Operand::read(&value).unwrap());
        assert_eq!(has(json!(["a", "b"]), json!("b")), Some(true));
        assert_eq!(has(json!(["a", "b"]), json!("c")), Some(false));
        assert_eq!(has(json!(["a", "B"]), json!("b")), None);
        assert_eq!(has(json!([1, 2]), json!("c")), None);
        assert_eq!(has(json!([1, "b"]), json!(1.0)), Some(true));
        assert_eq!(has(json!([1, "b"]), json!(3)), None);
    }
}
