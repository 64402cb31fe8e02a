//! Shapes of fields as schemas.

use cxform_model::{Field, FieldPolicy, Shape};
use serde_json::{Map, Value, json};

use super::{object, properties};
use crate::read::is_clearable;

/// A scalar with a reference, which may stand wherever a value may.
pub(super) fn variable() -> Value {
    json!({
        "type": "string",
        "pattern": r"\$\{(var|env)\.[A-Za-z_][A-Za-z0-9_-]*\}",
        "description": "`${var.NAME}`: a variable of the environment."
    })
}

/// A field: its shape, a variable, perhaps null, perhaps an envelope.
pub(super) fn field(field: Field) -> Value {
    let FieldPolicy { shape, about, default, .. } = field.policy();
    let mut forms = forms(shape);
    if matches!(shape, Shape::Integer { .. } | Shape::Number { .. }) {
        forms.push(envelope(shape));
    }
    if is_clearable(field) {
        forms.push(json!({ "type": "null" }));
    }
    let mut schema = json!({ "anyOf": forms, "description": about });
    if let Some(default) = default.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        schema["default"] = default;
    }
    schema
}

fn value(shape: &Shape) -> Value {
    json!({ "anyOf": forms(shape) })
}

/// The forms that a value of this shape may have.
fn forms(shape: &Shape) -> Vec<Value> {
    let reference = json!({ "$ref": "#/$defs/variable" });
    match shape {
        // A plain number is taken as it is written.
        Shape::Text => vec![json!({ "type": ["string", "number"] })],
        Shape::Word | Shape::Zone => vec![json!({ "type": "string" })],
        Shape::Bool => vec![json!({ "type": "boolean" }), reference],
        Shape::Integer { min, max } => {
            let mut schema = json!({ "type": "integer", "minimum": min });
            if *max != i64::MAX {
                schema["maximum"] = json!(max);
            }
            vec![schema, reference]
        }
        Shape::Number { min, max } => vec![json!({ "type": "number", "minimum": min, "maximum": max }), reference],
        Shape::Choice(words) => {
            vec![json!({ "enum": words }), json!({ "type": "string", "pattern": any_case(words) }), reference]
        }
        Shape::Colour => vec![json!({ "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$" }), reference],
        Shape::Instant => vec![json!({ "type": "string", "format": "date-time" }), reference],
        Shape::WallClock => {
            vec![json!({ "type": "string", "pattern": "^([01]?[0-9]|2[0-4]):[0-5][0-9](:00)?$" }), reference]
        }
        Shape::Scalar => {
            let scalar = json!({ "type": ["string", "number", "boolean"] });
            vec![scalar.clone(), json!({ "type": "array", "items": scalar })]
        }
        Shape::Set(item) | Shape::List(item) => vec![json!({ "type": "array", "items": value(item) }), reference],
        Shape::Record(members) => {
            let known: Map<_, _> = members
                .iter()
                .map(|member| {
                    let mut schema = value(&member.shape);
                    schema["description"] = json!(member.about);
                    (member.name.to_owned(), schema)
                })
                .collect();
            let required: Vec<_> = members.iter().filter(|member| member.required).map(|member| member.name).collect();
            vec![object(known, &required)]
        }
    }
}

fn envelope(shape: &Shape) -> Value {
    let bound = value(shape);
    let between = json!({
        "type": "array", "items": bound, "minItems": 2, "maxItems": 2,
        "description": "The lower and the upper bound, both included."
    });
    let known = properties([("between", between), ("initial", bound)]);
    let mut schema = object(known, &["between"]);
    schema["description"] = json!("An envelope: any live value inside is in sync.");
    schema
}

/// A pattern for words in any case; schemas have no flag for it.
fn any_case(words: &[&str]) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphabetic() {
            format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase())
        } else {
            letter.to_string()
        }
    };
    let words: Vec<String> = words.iter().map(|word| word.chars().map(letter).collect()).collect();
    format!("^({})$", words.join("|"))
}
