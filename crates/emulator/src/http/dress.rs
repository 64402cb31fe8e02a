//! How objects look on the way in and out of a tenant with quirks.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::quirks::Quirks;

/// The text of an object as this tenant shows it.
pub(super) fn shown<'a>(text: &'a str, quirks: &Quirks) -> Cow<'a, str> {
    if !quirks.dresses() {
        return Cow::Borrowed(text);
    }
    let Ok(mut object) = serde_json::from_str::<Value>(text) else { return Cow::Borrowed(text) };
    if quirks.upper_case_enums {
        upper_case_enums(&mut object);
    }
    if let Some(fields) = object.as_object_mut().filter(|_| quirks.extra_fields) {
        fields.entry("tenantId").or_insert(json!("T-4711"));
        fields.entry("_links").or_insert(json!({ "self": { "href": "about:blank" } }));
    }
    Cow::Owned(object.to_string())
}

fn upper_case_enums(value: &mut Value) {
    const ENUMS: [&str; 5] = ["type", "status", "strategy", "dialingMethod", "days"];
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if ENUMS.contains(&name.as_str()) {
                    upper_case(value);
                } else {
                    upper_case_enums(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(upper_case_enums),
        _ => {}
    }
}

fn upper_case(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.to_uppercase(),
        Value::Array(items) => items.iter_mut().for_each(upper_case),
        _ => {}
    }
}

/// A body with all texts trimmed.
pub(super) fn trimmed(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.trim().to_owned()),
        Value::Array(items) => items.into_iter().map(trimmed).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, trimmed(value))).collect(),
        other => other,
    }
}
