//! JSON as CEL values, and CEL values as text.

use std::collections::HashMap;
use std::sync::Arc;

use cel::Value;
use cel::objects::{Key, Map};

/// Whole numbers are `int` wherever they fit, so that a rule needs no `u` behind its own.
pub(crate) fn of(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(whole)) => Value::UInt(whole),
            (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::String(Arc::new(text.clone())),
        serde_json::Value::Array(items) => Value::List(Arc::new(items.iter().map(of).collect())),
        serde_json::Value::Object(members) => {
            let members: HashMap<Key, Value> =
                members.iter().map(|(name, value)| (Key::from(name.as_str()), of(value))).collect();
            Value::Map(Map { map: Arc::new(members) })
        }
    }
}

/// A value within a message.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(whole) => whole.to_string(),
        Value::UInt(whole) => whole.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Null => "nothing".to_owned(),
        Value::List(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => kind(other).to_owned(),
    }
}

/// What a value is, where another kind was needed.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "true or false",
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => "a number",
        Value::String(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Null => "null",
        _ => "something else",
    }
}
