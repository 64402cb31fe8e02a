//! Documents as a person would write them: block style, two spaces.

use std::fmt::Write as _;

use serde_json::Value;

/// Several documents as one file.
pub fn file<'d>(documents: impl IntoIterator<Item = &'d Value>) -> String {
    documents.into_iter().map(|document| format!("---\n{}", text(document))).collect()
}

fn text(document: &Value) -> String {
    let mut out = String::new();
    block(&mut out, document, 0);
    out
}

fn block(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let _ = write!(out, "{:indent$}{name}:", "");
                below(out, value, indent);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for value in items {
                let _ = write!(out, "{:indent$}-", "");
                below(out, value, indent);
            }
        }
        scalar => {
            let _ = writeln!(out, "{:indent$}{scalar}", "");
        }
    }
}

fn below(out: &mut String, value: &Value, indent: usize) {
    let nested = value.as_object().is_some_and(|members| !members.is_empty())
        || value.as_array().is_some_and(|items| !items.is_empty());
    if nested {
        out.push('\n');
        block(out, value, indent + 2);
    } else {
        let _ = writeln!(out, " {value}");
    }
}
