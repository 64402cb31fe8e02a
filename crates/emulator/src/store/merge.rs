//! Merge patches, and what differs between two objects.

use serde_json::{Map, Value, json};

/// Merges a patch into an object: objects merge, everything else replaces, null clears.
pub(super) fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(patch) => {
                let slot = target.entry(name.clone()).or_insert(Value::Null);
                if !slot.is_object() {
                    *slot = json!({});
                }
                if let Value::Object(target) = slot {
                    merge(target, patch);
                }
            }
            other => {
                target.insert(name.clone(), other.clone());
            }
        }
    }
}

/// The fields that differ, by dotted path; lists are compared as a whole.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    walk("", before, after, &mut found);
    found
}

fn walk(path: &str, before: &Value, after: &Value, found: &mut Vec<Value>) {
    let empty = Map::new();
    let (left, right) = match (before, after) {
        _ if before == after => return,
        (Value::Object(left), Value::Object(right)) => (left, right),
        (Value::Null, Value::Object(right)) => (&empty, right),
        (Value::Object(left), Value::Null) => (left, &empty),
        _ => {
            found.push(json!({ "field": path, "before": before, "after": after }));
            return;
        }
    };
    let added = right.keys().filter(|name| !left.contains_key(*name));
    for name in left.keys().chain(added) {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        walk(&path, left.get(name).unwrap_or(&Value::Null), right.get(name).unwrap_or(&Value::Null), found);
    }
}
