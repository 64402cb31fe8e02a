//! Values of the tenant as a manifest writes them.
//!
//! A value is expressed so that reading it back gives the same; what manifests have no form for is refused with the reason.

use cxform_model::{Field, Member, Shape, canonical};
use serde_json::{Map, Value};

use crate::yaml::{Node, scalar_of};

/// A field's value, in its tidiest form.
pub(crate) fn express(field: Field, value: &Value) -> Result<Node, String> {
    node(&field.policy().shape, value)
}

/// A text, with what would be a reference to a variable escaped.
pub(crate) fn text(text: &str) -> Node {
    scalar_of(&Value::from(text.replace("${", "$${")))
}

/// Whether a value says nothing: what the API tells in several ways.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn node(shape: &Shape, value: &Value) -> Result<Node, String> {
    match (shape, value) {
        (Shape::Text | Shape::Word | Shape::Instant | Shape::Zone, Value::String(written)) => Ok(text(written.trim())),
        (Shape::Colour | Shape::WallClock, Value::String(_)) => {
            canonical(shape, value).as_str().map(text).ok_or_else(|| "it is empty".to_owned())
        }
        (Shape::Choice(words), Value::String(_)) => match canonical(shape, value) {
            Value::String(word) if words.contains(&word.as_str()) => Ok(text(&word)),
            _ => Err(format!("{value} is none of {}", words.join(", "))),
        },
        (Shape::Bool, Value::Bool(_)) => Ok(scalar_of(value)),
        (Shape::Integer { .. }, Value::Number(_)) => match canonical(shape, value) {
            Value::Number(number) if !number.is_f64() => Ok(scalar_of(&Value::Number(number))),
            _ => Err(format!("{value} is no whole number")),
        },
        (Shape::Number { .. }, Value::Number(_)) => Ok(scalar_of(&canonical(shape, value))),
        (Shape::Scalar, Value::Array(items)) => {
            let items: Result<Vec<_>, _> = items.iter().map(scalar).collect();
            Ok(Node::sequence(true, items?))
        }
        (Shape::Scalar, value) => scalar(value),
        (Shape::Set(item), Value::Array(items)) => {
            // A set has no order of its own: one of its own keeps exports of one tenant alike.
            let mut sorted: Vec<_> = items.iter().map(|value| (canonical(item, value).to_string(), value)).collect();
            sorted.sort_by(|left, right| left.0.cmp(&right.0));
            sorted.dedup_by(|left, right| left.0 == right.0);
            if let Shape::Choice(words) = item {
                // Days of the week come as they come.
                sorted.sort_by_key(|(known, _)| words.iter().position(|word| known.trim_matches('"') == *word));
            }
            let items: Result<Vec<_>, _> = sorted.into_iter().map(|(_, value)| node(item, value)).collect();
            Ok(Node::sequence(true, items?))
        }
        (Shape::List(item), Value::Array(items)) => {
            let items: Result<Vec<_>, _> = items.iter().map(|value| node(item, value)).collect();
            Ok(Node::sequence(true, items?))
        }
        (Shape::Record(members), Value::Object(record)) => self::record(members, record),
        (shape, value) => Err(format!("{} stands where {} belongs", noun(value), expected(shape))),
    }
}

fn scalar(value: &Value) -> Result<Node, String> {
    match value {
        Value::String(written) => Ok(text(written.trim())),
        Value::Bool(_) | Value::Number(_) => Ok(scalar_of(value)),
        other => Err(format!("{} stands where a scalar belongs", noun(other))),
    }
}

/// Members that manifests do not know are the server's own.
fn record(members: &[Member], record: &Map<String, Value>) -> Result<Node, String> {
    let mut entries = Vec::new();
    for member in members {
        match record.get(member.name).filter(|value| !is_empty(value)) {
            Some(value) => {
                let value = node(&member.shape, value).map_err(|why| format!("`{}`: {why}", member.name))?;
                entries.push((member.name.to_owned(), value));
            }
            None if member.required => return Err(format!("`{}` is missing", member.name)),
            None => {}
        }
    }
    Ok(Node::mapping(true, entries))
}

fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Bool => "`true` or `false`",
        Shape::Integer { .. } | Shape::Number { .. } => "a number",
        Shape::Set(_) | Shape::List(_) => "a list",
        Shape::Record(_) => "an object",
        Shape::Scalar => "a scalar",
        _ => "text",
    }
}
