//! Values as text that a terminal shows as what it is.

use cxform_model::{Field, Kind, Member, Shape, canonical_field, is_unprintable};
use serde_json::Value;

/// Text with every character that would act on a terminal, or hide, written out.
#[must_use]
pub fn printable(text: &str) -> String {
    if !text.chars().any(is_unprintable) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            _ if is_unprintable(character) => shown.push_str(&format!("\\u{{{:x}}}", u32::from(character))),
            _ => shown.push(character),
        }
    }
    shown
}

/// A value on one line. Lists of plain values are written as in YAML's flow style.
#[must_use]
pub fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", printable(&text.replace('\\', "\\\\").replace('"', "\\\""))),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(name, value)| format!("{}: {}", printable(name), inline(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        plain => plain.to_string(),
    }
}

/// The records of a list, one on a line, in the form in which they are compared, so that what differs in form alone
/// does not show; `None` for any other field or value.
pub(super) fn records(kind: Kind, path: &str, value: &Value) -> Option<Vec<String>> {
    let field = Field::find(kind, path)?;
    let Shape::List(Shape::Record(members)) = field.policy().shape else { return None };
    match canonical_field(field, Some(value)) {
        Value::Null => Some(Vec::new()),
        Value::Array(records) => Some(records.iter().map(|one| record(members, one)).collect()),
        _ => None,
    }
}

fn record(members: &[Member], value: &Value) -> String {
    let given = members.iter().filter_map(|member| Some((member, value.get(member.name)?)));
    let shown: Vec<_> =
        given.map(|(member, value)| format!("{}: {}", member.name, plain(&member.shape, value))).collect();
    if shown.is_empty() { inline(value) } else { format!("{{ {} }}", shown.join(", ")) }
}

/// A value whose shape tells its type needs no quotes around plain words.
fn plain(shape: &Shape, value: &Value) -> String {
    match (shape, value) {
        (Shape::Set(item @ Shape::Choice(words)), Value::Array(items)) => {
            let mut items: Vec<_> = items.iter().collect();
            items.sort_by_key(|item| words.iter().position(|word| item.as_str() == Some(word)));
            let items: Vec<_> = items.into_iter().map(|value| plain(item, value)).collect();
            format!("[{}]", items.join(", "))
        }
        (Shape::Scalar, _) => inline(value),
        (_, Value::String(text)) if text.chars().all(|one| one.is_ascii_alphanumeric() || "_-.:/".contains(one)) => {
            text.clone()
        }
        _ => inline(value),
    }
}

/// A value over several lines: text as its own lines, anything nested as YAML.
pub(super) fn lines(value: &Value) -> Vec<String> {
    let text = match value {
        Value::Null => return Vec::new(),
        Value::String(text) => text.clone(),
        nested => serde_yaml::to_string(nested).unwrap_or_else(|_| nested.to_string()),
    };
    text.lines().map(printable).collect()
}

/// Whether a value is better told over several lines than on one of `room` characters.
pub(crate) fn is_long(value: &Value, room: usize) -> bool {
    match value {
        Value::String(text) => text.contains('\n') || text.chars().count() > room,
        Value::Array(items) => {
            items.iter().any(|item| item.is_object() || item.is_array()) || inline(value).chars().count() > room
        }
        Value::Object(members) => !members.is_empty(),
        _ => false,
    }
}
