//! What a person asks about the manifest language: a kind or a field by its path, answered from the schemas.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{DOCUMENTS, Described, definitions};
use crate::suggest;

/// What the schemas say about one place of the manifest language.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The path with the kind in front, as it is written in a manifest: `Campaign.spec.dialerSettings.callRate`.
    pub path: String,
    /// What it is for.
    pub about: String,
    /// The forms that a value may take, in words.
    pub forms: Vec<String>,
    /// What an absent value equals.
    pub default: Option<Value>,
    /// What stands below it, in the order of the alphabet.
    pub members: Vec<Member>,
}

/// Something below an explained place.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// The forms of its value, in words.
    pub forms: Vec<String>,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether there is more below it.
    pub has_members: bool,
}

/// Why there is nothing to explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// There is no kind of this name.
    #[error("there is no kind `{kind}`")]
    Kind {
        /// What was asked for.
        kind: String,
        /// What was probably meant, or what there is.
        hint: Option<String>,
    },
    /// There is nothing of this name there.
    #[error("`{parent}` has no `{name}`")]
    Member {
        /// The place as far as it exists.
        parent: String,
        /// The name that it does not have.
        name: String,
        /// What was probably meant, or what there is.
        hint: Option<String>,
    },
}

impl ExplainError {
    /// What to try instead.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Kind { hint, .. } | Self::Member { hint, .. } => hint.as_deref(),
        }
    }
}

/// Every kind of document with what it is for, in the order in which people meet them.
pub fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    DOCUMENTS.iter().map(|described| (described.kind, described.about))
}

/// Explains `KIND` or `KIND.path.to.field`. The `spec` between the two may be left out; lists are passed through.
///
/// # Errors
/// An unknown kind or field, with the nearest known one.
pub fn explain(path: &str) -> Result<Explained, ExplainError> {
    let (kind, rest) = path.split_once('.').unwrap_or((path, ""));
    let known = || DOCUMENTS.iter().map(|described| described.kind);
    let Some(Described { kind, about, document, .. }) =
        DOCUMENTS.iter().find(|described| described.kind.eq_ignore_ascii_case(kind))
    else {
        let hint = suggest::hint(kind, known(), "kinds");
        return Err(ExplainError::Kind { kind: kind.to_owned(), hint });
    };
    let definitions = definitions();
    let document = document();
    let mut here = Place { schema: &document, definitions: &definitions };
    let mut at = (*kind).to_owned();
    for name in rest.split('.').filter(|name| !name.is_empty()) {
        let members = here.members();
        let found = members.get(name).copied();
        // People name fields, not the envelope that they stand in.
        let spec = if at == *kind { members.get("spec").map(|spec| spec.members()) } else { None }.unwrap_or_default();
        if let Some(found) = found {
            here = found;
        } else if let Some(found) = spec.get(name) {
            at.push_str(".spec");
            here = *found;
        } else {
            let names: Vec<_> = spec.keys().chain(members.keys()).map(String::as_str).collect();
            let hint = suggest::hint(name, names.iter().copied(), "it has");
            return Err(ExplainError::Member { parent: at, name: name.to_owned(), hint });
        }
        at.push('.');
        at.push_str(name);
    }
    let about = if rest.is_empty() { (*about).to_owned() } else { here.about() };
    let required = here.required();
    let members = here
        .members()
        .into_iter()
        .map(|(name, place)| Member {
            about: place.about(),
            forms: place.forms(),
            required: required.contains(&name),
            has_members: !place.members().is_empty(),
            name,
        })
        .collect();
    Ok(Explained { path: at, about, forms: here.forms(), default: here.schema.get("default").cloned(), members })
}

/// A schema with what it may refer to.
#[derive(Clone, Copy)]
struct Place<'a> {
    schema: &'a Value,
    definitions: &'a Map<String, Value>,
}

impl<'a> Place<'a> {
    fn with(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }

    /// The schema itself, or what it refers to.
    fn resolved(self) -> Self {
        let name = self.schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
        name.and_then(|name| self.definitions.get(name)).map_or(self, |schema| self.with(schema))
    }

    /// The alternatives of a value, itself where there is one.
    fn alternatives(self) -> Vec<Self> {
        let here = self.resolved();
        match here.schema.get("anyOf").and_then(Value::as_array) {
            Some(alternatives) => alternatives.iter().flat_map(|each| here.with(each).alternatives()).collect(),
            None => vec![here],
        }
    }

    /// What stands below, through lists. Of an envelope's members nobody asks by name.
    fn members(self) -> BTreeMap<String, Self> {
        let mut members = BTreeMap::new();
        for form in self.alternatives() {
            if let Some(items) = form.schema.get("items") {
                members.extend(form.with(items).members());
            }
            if let Some(properties) = form.schema.get("properties").and_then(Value::as_object)
                && !is_envelope(form.schema)
            {
                members.extend(properties.iter().map(|(name, schema)| (name.clone(), form.with(schema))));
            }
            // A mapping with names of one's own: its members are told as those of any one of them.
            if let Some(any @ Value::Object(_)) = form.schema.get("additionalProperties") {
                members.insert("NAME".to_owned(), form.with(any));
            }
        }
        members
    }

    fn required(self) -> Vec<String> {
        let mut names = Vec::new();
        for form in self.alternatives() {
            if let Some(items) = form.schema.get("items") {
                names.extend(form.with(items).required());
            }
            let own = form.schema.get("required").and_then(Value::as_array);
            names.extend(own.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        }
        names
    }

    fn about(self) -> String {
        let text = |schema: &Value| schema.get("description").and_then(Value::as_str).map(str::to_owned);
        text(self.schema).or_else(|| text(self.resolved().schema)).unwrap_or_default()
    }

    fn forms(self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for form in self.alternatives() {
            let word = form.form();
            // `${var.NAME}` may stand nearly everywhere, and words in any case are those words.
            if !word.is_empty() && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    fn form(self) -> String {
        let schema = self.schema;
        if is_envelope(schema) {
            return "an envelope `{ between: [low, high], initial: value }`".to_owned();
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            return words.iter().map(|word| format!("`{}`", plain(word))).collect::<Vec<_>>().join(", ");
        }
        if let Some(word) = schema.get("const") {
            return format!("`{}`", plain(word));
        }
        let types: Vec<&str> = match schema.get("type") {
            Some(Value::String(word)) => vec![word],
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let pattern = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
        match types.as_slice() {
            ["string"] if pattern.starts_with(r"\$\{") || pattern.starts_with("^([") && !pattern.contains("0-9") => {
                String::new()
            }
            ["string"] if pattern.starts_with(r"^(\$\{env") => "`${env.NAME}`".to_owned(),
            ["string"] if schema.get("format").is_some_and(|format| format == "date-time") => {
                "date and time with an offset".to_owned()
            }
            ["string"] if pattern.contains("0-9A-Fa-f") => "`#RRGGBB`".to_owned(),
            ["string"] if pattern.contains(":[0-5]") => "`HH:MM`".to_owned(),
            ["array"] => {
                let items = schema.get("items").map(|items| self.with(items).forms().join(" or ")).unwrap_or_default();
                if items.is_empty() { "list".to_owned() } else { format!("list of: {items}") }
            }
            ["integer"] => bounded("whole number", schema),
            ["number"] => bounded("number", schema),
            ["object"] => "mapping".to_owned(),
            ["boolean"] => "`true` or `false`".to_owned(),
            ["null"] => "`null`, which clears it".to_owned(),
            [] => String::new(),
            _ => "text".to_owned(),
        }
    }
}

/// `{ between, initial }` in place of a number.
fn is_envelope(schema: &Value) -> bool {
    schema.pointer("/properties/between").is_some() && schema.pointer("/properties/initial").is_some()
}

fn bounded(word: &str, schema: &Value) -> String {
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(least), Some(most)) => format!("{word} from {least} to {most}"),
        (Some(least), None) => format!("{word}, at least {least}"),
        (None, Some(most)) => format!("{word}, at most {most}"),
        (None, None) => word.to_owned(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_with_and_without_the_spec_around_it() {
        let short = explain("campaign.dialerSettings.callRate").unwrap();
        assert_eq!(short, explain("Campaign.spec.dialerSettings.callRate").unwrap());
        assert_eq!(short.path, "Campaign.spec.dialerSettings.callRate");
        assert_eq!(short.forms[0], "number from 0.1 to 1.0");
        assert!(short.forms.iter().any(|form| form.contains("between")), "{short:?}");
        assert!(short.about.contains("[002]"));
        assert!(short.members.is_empty(), "{short:?}");
    }

    #[test]
    fn lists_are_passed_through() {
        let days = explain("Campaign.complianceSettings.allowedCallTimes.days").unwrap();
        assert!(days.forms[0].starts_with("list of: `mon`"), "{days:?}");
        let children = explain("DispositionTree.outcomes.children").unwrap();
        assert!(children.members.iter().any(|member| member.name == "code" && member.required));
    }

    #[test]
    fn a_default_is_told() {
        let days = explain("DispositionTree.defaults.validationRules.retentionPeriodDays").unwrap();
        assert_eq!(days.default, Some(Value::from(365)));
    }

    #[test]
    fn slips_get_a_hint() {
        let kind = explain("Campain").unwrap_err();
        assert_eq!(kind.hint(), Some("did you mean `Campaign`?"));
        let field = explain("Campaign.dialerSetings.callRate").unwrap_err();
        assert_eq!(field.to_string(), "`Campaign` has no `dialerSetings`");
        assert_eq!(field.hint(), Some("did you mean `dialerSettings`?"));
        let nested = explain("Campaign.dialerSettings.calRate").unwrap_err();
        assert_eq!(nested.hint(), Some("did you mean `callRate`?"));
    }

    #[test]
    fn every_place_of_every_kind_can_be_asked_for_and_says_what_it_is() {
        fn walk(path: &str, depth: usize, told: &mut usize) {
            let here = explain(path).unwrap();
            for Member { name, about, has_members, .. } in here.members {
                let below = format!("{path}.{name}");
                let envelope = ["apiVersion", "kind", "metadata", "spec"].contains(&name.as_str());
                assert!(envelope || !about.is_empty() || has_members || depth > 3, "`{below}` says nothing of itself");
                *told += 1;
                // Trees nest without end.
                if has_members && depth < 6 {
                    walk(&below, depth + 1, told);
                }
            }
        }
        let mut told = 0;
        for (kind, about) in kinds() {
            assert!(!about.is_empty());
            walk(kind, 0, &mut told);
        }
        assert!(told > 100, "{told}");
    }
}
