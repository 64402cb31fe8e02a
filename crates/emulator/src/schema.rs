//! Request bodies against `schemas/remote-v2/*.json`: what is wrong with them, and what is left of them without unknown fields.
//!
//! Refuses to know what a body is used for, and which status its problems deserve.

use std::sync::LazyLock;

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind, paths::LocationSegment};
use serde_json::{Map, Value};

use crate::error::EmulatorError;

/// One problem of a body, at a dotted path such as `dialerSettings.callRate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) message: String,
}

/// The schema of one kind of body. A broken schema accepts nothing, which the tests would notice.
pub(crate) struct Body {
    document: Value,
    whole: Option<Validator>,
    part: Option<Validator>,
}

macro_rules! body {
    ($name:ident, $file:literal) => {
        pub(crate) static $name: LazyLock<Body> =
            LazyLock::new(|| Body::new(include_str!(concat!("../../../schemas/remote-v2/", $file))));
    };
}

body!(OUTCOME_CREATE, "outcome-create.json");
body!(OUTCOME_PUT, "outcome-put.json");
body!(DESKTOP, "desktop-config.json");
body!(ASSIGNMENT, "assignment.json");
body!(CALLCODE, "callcode.json");
body!(CAMPAIGN, "campaign.json");
body!(WEBHOOK, "webhook.json");
body!(STATE, "state.json");

impl Body {
    fn new(text: &str) -> Self {
        let document: Value = serde_json::from_str(text).unwrap_or(Value::Bool(false));
        let mut partial = document.clone();
        // A merge patch names any subset; what it names follows the same rules.
        if let Some(fields) = partial.as_object_mut() {
            fields.remove("required");
        }
        Self { whole: compile(&document), part: compile(&partial), document }
    }

    /// Checks a body that must be complete. Nulls count as absent; unknown fields are left out of the result.
    pub(crate) fn whole(&self, body: &Value) -> Result<Map<String, Value>, Vec<FieldError>> {
        let body = without_nulls(body);
        check(self.whole.as_ref(), &body)?;
        object(known(body, &self.document))
    }

    /// Checks a merge patch: any part, where null clears whatever may be missing. Nulls stay in the result.
    pub(crate) fn part(&self, body: &Value) -> Result<Map<String, Value>, Vec<FieldError>> {
        check(self.part.as_ref(), &without_nulls(body))?;
        let cleared: Vec<_> = self
            .document
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .filter(|name| body.get(name).is_some_and(Value::is_null))
            .map(|name| FieldError { field: name.to_owned(), message: "may not be null".to_owned() })
            .collect();
        if !cleared.is_empty() {
            return Err(cleared);
        }
        object(known(body.clone(), &self.document))
    }

    /// Checks a body and keeps every field of it, known or not.
    pub(crate) fn check_whole(&self, body: &Value) -> Result<(), Vec<FieldError>> {
        self.whole(body).map(drop)
    }

    /// Checks a part of a body and keeps every field of it, known or not.
    pub(crate) fn check_part(&self, body: &Value) -> Result<(), Vec<FieldError>> {
        self.part(body).map(drop)
    }
}

/// Checks a seed or state document; the first problem is reported with its place.
pub(crate) fn check_state(document: &Value) -> Result<(), EmulatorError> {
    let malformed = |place: String, message: String| EmulatorError::Malformed {
        document: "state".to_owned(),
        place: if place.is_empty() { "/".to_owned() } else { place },
        message,
    };
    let Some(validator) = &STATE.whole else {
        return Err(malformed(String::new(), "the schema of the state is broken".to_owned()));
    };
    match validator.iter_errors(document).next() {
        None => Ok(()),
        Some(problem) => Err(malformed(problem.instance_path().as_str().to_owned(), problem.masked().to_string())),
    }
}

fn compile(schema: &Value) -> Option<Validator> {
    jsonschema::options()
        .should_validate_formats(true)
        .with_format("time-zone", |name: &str| jiff::tz::TimeZone::get(name).is_ok())
        .with_format("wall-clock", is_wall_clock)
        .with_format("day", is_day)
        .build(schema)
        .ok()
}

/// `8:00` and `08:00`; `24:00` ends a day.
fn is_wall_clock(text: &str) -> bool {
    let Some((hours, minutes)) = text.split_once(':') else { return false };
    let digits =
        |part: &str, least: usize| (least..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours, 1) || !digits(minutes, 2) {
        return false;
    }
    let number = |part: &str| part.parse::<u8>().unwrap_or(u8::MAX);
    let (hours, minutes) = (number(hours), number(minutes));
    (hours < 24 && minutes < 60) || (hours == 24 && minutes == 0)
}

/// Days by their English names or the first three letters, in any case.
fn is_day(text: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let text = text.to_ascii_lowercase();
    DAYS.iter().any(|day| text == *day || text == day[..3])
}

fn check(validator: Option<&Validator>, body: &Value) -> Result<(), Vec<FieldError>> {
    let Some(validator) = validator else {
        return Err(vec![FieldError { field: String::new(), message: "the schema is broken".to_owned() }]);
    };
    let problems: Vec<_> = validator.iter_errors(body).map(|problem| field_error(&problem)).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn field_error(problem: &ValidationError<'_>) -> FieldError {
    let mut field = String::new();
    let mut push_name = |name: &str| {
        if !field.is_empty() {
            field.push('.');
        }
        field.push_str(name);
    };
    let location = problem.instance_path();
    for segment in location.segments() {
        match segment {
            LocationSegment::Property(name) => push_name(&name),
            LocationSegment::Index(index) => push_name(&index.to_string()),
        }
    }
    if let ValidationErrorKind::Required { property } = problem.kind() {
        push_name(property.as_str().unwrap_or_default());
        return FieldError { field, message: "is required".to_owned() };
    }
    // The value itself may be a secret or very long, so it is not repeated.
    FieldError { field, message: problem.masked().to_string() }
}

fn object(body: Value) -> Result<Map<String, Value>, Vec<FieldError>> {
    match body {
        Value::Object(fields) => Ok(fields),
        _ => Err(vec![FieldError { field: String::new(), message: "must be an object".to_owned() }]),
    }
}

/// The body without null members; items of lists stay as they are, since a list replaces a list.
fn without_nulls(body: &Value) -> Value {
    match body {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The body reduced to what the schema names.
fn known(body: Value, schema: &Value) -> Value {
    match body {
        Value::Object(fields) => {
            let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
                return Value::Object(fields);
            };
            Value::Object(
                fields
                    .into_iter()
                    .filter_map(|(name, value)| {
                        let schema = properties.get(&name)?;
                        Some((name, known(value, schema)))
                    })
                    .collect(),
            )
        }
        Value::Array(items) => match schema.get("items") {
            Some(schema) => Value::Array(items.into_iter().map(|item| known(item, schema)).collect()),
            None => Value::Array(items),
        },
        other => other,
    }
}
