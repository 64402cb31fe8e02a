//! JSON Schemas for editors, made from the same tables that reading follows.
//!
//! A schema is a help while typing; what is valid is decided by reading and by the rules alone.

mod documents;
mod explain;
mod project;
mod shape;
mod tuning;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub use explain::{ExplainError, Explained, Member, explain, kinds};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A kind of document: its file, its word, what it is for, and its spec.
struct Described {
    file: &'static str,
    kind: &'static str,
    about: &'static str,
    document: fn() -> Value,
}

const DOCUMENTS: &[Described] = &[
    Described {
        file: "disposition-tree",
        kind: "DispositionTree",
        about: "What agents choose after a call, and on which desktops.",
        document: documents::disposition_tree,
    },
    Described {
        file: "call-code-set",
        kind: "CallCodeSet",
        about: "What the dialer itself concludes from a call.",
        document: documents::call_code_set,
    },
    Described { file: "campaign", kind: "Campaign", about: "An outbound campaign.", document: documents::campaign },
    Described {
        file: "selection-rules",
        kind: "SelectionRules",
        about: "Which contacts campaigns call.",
        document: documents::selection_rules,
    },
    Described {
        file: "webhook-subscription",
        kind: "WebhookSubscription",
        about: "Where the tenant posts which events.",
        document: documents::webhook_subscription,
    },
    Described {
        file: "tuning-policy",
        kind: "TuningPolicy",
        about: "How far, and by what, `cxform tune` may turn dialers while campaigns dial.",
        document: tuning::tuning_policy,
    },
    Described {
        file: "project",
        kind: "Project",
        about: "The project itself, `cxform.yaml`.",
        document: project::project,
    },
];

/// Every schema by its path below `schemas/`.
#[must_use]
pub fn generate() -> BTreeMap<String, Value> {
    let mut files = BTreeMap::new();
    let mut all = definitions();
    for Described { file, kind, about, document } in DOCUMENTS {
        let mut schema = json!({
            "$schema": DRAFT,
            "title": format!("cxform {kind}"),
            "description": about,
        });
        merge(&mut schema, document());
        schema["$defs"] = json!(reachable(&schema, &definitions()));
        files.insert(format!("manifest/{file}.schema.json"), schema);
        all.insert((*kind).to_owned(), document());
    }
    let references: Vec<_> =
        DOCUMENTS.iter().map(|described| json!({ "$ref": format!("#/$defs/{}", described.kind) })).collect();
    let combined = json!({
        "$schema": DRAFT,
        "title": "cxform",
        "description": "Any document of cxform.",
        "oneOf": references,
        "$defs": all,
    });
    files.insert("cxform.schema.json".to_owned(), combined);
    files
}

/// What several schemas refer to.
fn definitions() -> Map<String, Value> {
    let mut all = documents::definitions();
    all.insert("variable".to_owned(), shape::variable());
    all
}

/// The definitions that a schema needs.
fn reachable(schema: &Value, all: &Map<String, Value>) -> Map<String, Value> {
    let mut found = Map::new();
    let mut waiting = vec![schema];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => waiting.extend(members.values()),
            Value::Array(items) => waiting.extend(items),
            Value::String(text) => {
                let name = text.strip_prefix("#/$defs/");
                if let Some((name, definition)) = name.and_then(|name| all.get_key_value(name))
                    && found.insert(name.clone(), definition.clone()).is_none()
                {
                    waiting.push(definition);
                }
            }
            _ => {}
        }
    }
    found
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// An object with these properties and no others.
fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn properties<const N: usize>(properties: [(&str, Value); N]) -> Map<String, Value> {
    properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn described(mut schema: Value, about: &str) -> Value {
    schema["description"] = json!(about);
    schema
}

#[cfg(test)]
mod tests;
