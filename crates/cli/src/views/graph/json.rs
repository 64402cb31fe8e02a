//! A graph for programs: `schemas/graph.schema.json`.

use cxform_manifest::FORMAT_VERSION;
use serde_json::{Map, Value, json};

use super::{Graph, Node};

/// The document.
pub fn json(graph: &Graph) -> serde_json::Result<String> {
    let part = |part: &super::Part| json!({ "title": part.title, "nodes": nodes(&part.nodes) });
    let parts: Vec<Value> = graph.0.iter().map(part).collect();
    Ok(serde_json::to_string_pretty(&json!({ "formatVersion": FORMAT_VERSION, "parts": parts }))? + "\n")
}

fn nodes(nodes: &[Node]) -> Vec<Value> {
    nodes.iter().map(node).collect()
}

fn node(node: &Node) -> Value {
    let Node { address, key, notes, changes, below } = node;
    let mut members = Map::new();
    if let Some(address) = address {
        members.insert("address".to_owned(), address.to_string().into());
    }
    members.insert("key".to_owned(), key.as_str().into());
    let changes: Vec<&str> = changes.iter().map(|action| action.word()).collect();
    for (name, list) in [("notes", json!(notes)), ("changes", json!(changes)), ("below", Value::Array(nodes(below)))] {
        if list.as_array().is_some_and(|list| !list.is_empty()) {
            members.insert(name.to_owned(), list);
        }
    }
    Value::Object(members)
}
