//! Filter rules as sets of values: emptiness and inclusion.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use cxform_model::{Shape, canonical};
use serde_json::Value;

use super::PATH;
use super::operand::{Operand, Operands, Relation};
use crate::StandingObject;

/// Rules beyond this are not compared with each other: another rule already refuses so many.
const COMPARED: usize = 100;

/// One filter rule as written.
pub(crate) struct Condition<'a> {
    /// Its place in the list.
    pub index: usize,
    /// The contact's field.
    pub field: &'a str,
    operator: String,
    value: Value,
    test: Option<Test>,
}

/// What a value must meet.
enum Test {
    OneOf(Operands),
    NoneOf(Operands),
    Beyond(Bound),
}

/// `gt`, `gte`, `lt`, `lte`.
struct Bound {
    /// `Greater` for a lower bound: what passes is greater than it.
    side: Ordering,
    inclusive: bool,
    at: Operand,
}

/// The complete filter rules of a campaign, in order.
pub(crate) fn conditions(campaign: StandingObject<'_>) -> Vec<Condition<'_>> {
    campaign.items(PATH).iter().take(COMPARED).enumerate().filter_map(|(index, rule)| read(index, rule)).collect()
}

/// The rules about one field together, in order.
pub(crate) fn by_field<'c, 'a>(conditions: &'c [Condition<'a>]) -> BTreeMap<&'a str, Vec<&'c Condition<'a>>> {
    let mut fields: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for condition in conditions {
        fields.entry(condition.field).or_default().push(condition);
    }
    fields
}

fn read(index: usize, rule: &Value) -> Option<Condition<'_>> {
    let field = rule.get("field")?.as_str()?.trim();
    let operator = rule.get("operator")?.as_str()?.trim().to_uppercase();
    let value = canonical(&Shape::Scalar, rule.get("value")?);
    let test = test(&operator, &value);
    (!field.is_empty() && !operator.is_empty() && !value.is_null()).then_some(Condition {
        index,
        field,
        operator,
        value,
        test,
    })
}

fn test(operator: &str, value: &Value) -> Option<Test> {
    let one = || Some(Operands::new(vec![Operand::read(value)?]));
    let many = || Some(Operands::new(value.as_array()?.iter().map(Operand::read).collect::<Option<_>>()?));
    let bound = |side, inclusive| {
        let at = Operand::read(value).filter(Operand::has_order)?;
        Some(Test::Beyond(Bound { side, inclusive, at }))
    };
    match operator {
        "EQ" => one().map(Test::OneOf),
        "NE" => one().map(Test::NoneOf),
        "IN" => many().map(Test::OneOf),
        "NOTIN" => many().map(Test::NoneOf),
        "GT" => bound(Ordering::Greater, false),
        "GTE" => bound(Ordering::Greater, true),
        "LT" => bound(Ordering::Less, false),
        "LTE" => bound(Ordering::Less, true),
        _ => None,
    }
}

impl Condition<'_> {
    /// Whether both say the same in the same words.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        (self.field, &self.operator, &self.value) == (other.field, &other.operator, &other.value)
    }

    /// Whether every contact that passes `self` certainly passes `other`, a rule about the same field.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        match (&self.test, &other.test) {
            (Some(test), Some(other)) => test.implies(other),
            _ => false,
        }
    }

    /// Whether certainly nobody passes all of these rules, which are about one field.
    pub(crate) fn exclude_everybody(rules: &[&Self]) -> bool {
        let tests: Vec<&Test> = rules.iter().filter_map(|rule| rule.test.as_ref()).collect();
        let refused = |operand: &Operand| tests.iter().any(|test| test.admits(operand) == Some(false));
        tests.iter().any(|test| match test {
            Test::OneOf(operands) => operands.iter().all(refused),
            Test::Beyond(low) if low.side == Ordering::Greater => tests.iter().any(|other| match other {
                Test::Beyond(high) if high.side == Ordering::Less => match low.at.relate(&high.at) {
                    Relation::Ordered(Ordering::Greater) => true,
                    // The one value left may be refused by a bound itself or by a third rule.
                    Relation::Ordered(Ordering::Equal) => refused(&low.at),
                    _ => false,
                },
                _ => false,
            }),
            Test::Beyond(_) | Test::NoneOf(_) => false,
        })
    }
}

impl Test {
    /// Whether the value passes; `None` where that depends on the dialect.
    fn admits(&self, operand: &Operand) -> Option<bool> {
        match self {
            Self::OneOf(operands) => operands.contains(operand),
            Self::NoneOf(operands) => operands.contains(operand).map(|found| !found),
            Self::Beyond(Bound { side, inclusive, at }) => match operand.relate(at) {
                Relation::Ordered(Ordering::Equal) => Some(*inclusive),
                Relation::Ordered(order) => Some(order == *side),
                Relation::Different | Relation::Unknown => None,
            },
        }
    }

    fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::OneOf(operands), _) => operands.iter().all(|operand| other.admits(operand) == Some(true)),
            (_, Self::NoneOf(refused)) => refused.iter().all(|operand| self.admits(operand) == Some(false)),
            (Self::Beyond(bound), Self::Beyond(other)) if bound.side == other.side => {
                match bound.at.relate(&other.at) {
                    Relation::Ordered(Ordering::Equal) => other.inclusive || !bound.inclusive,
                    relation => relation == Relation::Ordered(bound.side),
                }
            }
            _ => false,
        }
    }
}
