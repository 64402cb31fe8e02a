use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::yaml::{Content, Node, Plain, plain};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

#[test]
fn the_committed_schemas_are_fresh() {
    let update = std::env::var_os("CXFORM_UPDATE_SCHEMAS").is_some();
    for (name, schema) in generate() {
        let path = folder().join(&name);
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if update {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "schemas/{name} is stale: run `CXFORM_UPDATE_SCHEMAS=1 cargo test -p cxform-manifest schema`"
        );
    }
}

/// What an editor sees: the typed values of a document.
fn as_json(node: &Node) -> Value {
    match &node.content {
        Content::Sequence(items) => items.iter().map(as_json).collect(),
        Content::Mapping(entries) => {
            entries.iter().map(|entry| (entry.key.to_string(), as_json(&entry.value))).collect::<Map<_, _>>().into()
        }
        Content::Scalar { text, plain: true } => match plain(text) {
            Plain::Null => Value::Null,
            Plain::Bool(value) => json!(value),
            Plain::Number(number) => Value::Number(number),
            Plain::Text | Plain::Ambiguous(_) => json!(**text),
        },
        Content::Scalar { text, .. } => json!(**text),
        Content::Unknown => Value::Null,
    }
}

fn documents(text: &str) -> Vec<Value> {
    let mut sink = crate::diagnostic::Sink::default();
    let mut budget = crate::limits::Budget::new(10_000);
    let parsed = crate::yaml::parse(cxform_model::FileId(0), text, &mut budget, &mut sink);
    assert_eq!(sink.errors(), 0);
    parsed.documents.iter().map(|document| as_json(&document.root)).collect()
}

fn combined() -> jsonschema::Validator {
    jsonschema::validator_for(&generate()["cxform.schema.json"]).unwrap()
}

#[test]
fn every_schema_accepts_the_manual_and_the_sample_project() {
    let schema = combined();
    let mut texts = vec![crate::tests::MANUAL.to_owned(), crate::tests::MANUAL_PROJECT.to_owned()];
    for name in [
        "cxform.yaml",
        "callcodes/q3.yaml",
        "campaigns/sales.yaml",
        "campaigns/collections.yaml",
        "campaigns/tuning.yaml",
        "dispositions/outbound-sales.yaml",
        "overlays/prod/sales.yaml",
    ] {
        texts.push(std::fs::read_to_string(folder().join("../manifests").join(name)).unwrap());
    }
    for document in texts.iter().flat_map(|text| documents(text)) {
        let problems: Vec<_> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{document:#}\n{problems:#?}");
        let file = DOCUMENTS.iter().find(|described| document["kind"] == described.kind).unwrap().file;
        let own = jsonschema::validator_for(&generate()[&format!("manifest/{file}.schema.json")]).unwrap();
        assert!(own.is_valid(&document));
    }
}

/// Every mapping of the manual with one more key.
fn misspelt(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if key == "annotations" || key == "variables" || key == "environments" {
                    continue; // their keys are free
                }
                for changed in misspelt(member) {
                    let mut copy = members.clone();
                    copy.insert(key.clone(), changed);
                    found.push(Value::Object(copy));
                }
            }
            let mut copy = members.clone();
            copy.insert("misspelt".to_owned(), json!(1));
            found.push(Value::Object(copy));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                for changed in misspelt(item) {
                    let mut copy = items.clone();
                    copy[at] = changed;
                    found.push(Value::Array(copy));
                }
            }
        }
        _ => {}
    }
    found
}

#[test]
fn unknown_keys_are_refused_at_every_level() {
    let schema = combined();
    let documents = documents(crate::tests::MANUAL).into_iter().chain(documents(crate::tests::MANUAL_PROJECT));
    let mut tried = 0;
    for wrong in documents.flat_map(|document| misspelt(&document)) {
        tried += 1;
        assert!(!schema.is_valid(&wrong), "{wrong:#}");
    }
    assert!(tried > 30, "{tried}");
}
