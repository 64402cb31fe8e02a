//! `drift.snooze.yaml`: differences between git and a tenant that somebody accepts for a while, with the reason.

use std::path::Path;
use std::sync::Arc;

use cxform_model::{Address, Source};
use jiff::civil::Date;

use super::discover::{self, Fault};
use super::store::Opening;
use crate::catalogue::{DOCUMENT, PROJECT};
use crate::diagnostic::Diagnostics;
use crate::limits::{self, Budget};
use crate::read::{Keys, Reader};
use crate::yaml::Node;
use crate::{Diagnostic, suggest};

/// The file of the snoozed differences, beside `cxform.yaml`.
pub const SNOOZE_FILE: &str = "drift.snooze.yaml";

const WHAT: &str = "a snoozed difference";

/// A difference that nobody wants to hear of for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snooze {
    /// The object.
    pub address: Address,
    /// The field; `None` for the whole object.
    pub field: Option<String>,
    /// The environment; `None` for all of them.
    pub environment: Option<String>,
    /// The last day on which it holds.
    pub until: Date,
    /// Why.
    pub why: String,
    /// Where it is written.
    pub source: Source,
}

impl Snooze {
    /// Whether it still holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        day <= self.until
    }

    /// Whether it speaks of an object, or of a field of it.
    #[must_use]
    pub fn covers(&self, environment: &str, address: &Address, path: Option<&str>) -> bool {
        self.address == *address
            && self.environment.as_deref().is_none_or(|name| name == environment)
            && self.field.as_deref().is_none_or(|field| path == Some(field))
    }

    /// The snoozed differences of the project in a folder; none where it has no such file.
    ///
    /// # Errors
    /// Whatever in the file cannot be read, with its place.
    pub fn of_project(root: &Path) -> Result<Vec<Self>, Diagnostics> {
        let file = root.join(SNOOZE_FILE);
        match file.try_exists() {
            Ok(false) => Ok(Vec::new()),
            _ => read(discover::read(&file, &mut limits::PROJECT_BYTES.clone())),
        }
    }

    /// The snoozed differences that a text tells.
    ///
    /// # Errors
    /// Whatever in it cannot be read, with its place.
    pub fn of_text(text: &str) -> Result<Vec<Self>, Diagnostics> {
        read(Ok(text.as_bytes().to_vec()))
    }

    /// The text of a file, to which this is added as the last one.
    #[must_use]
    pub fn added_to(&self, text: &str) -> String {
        let Self { address, field, environment, until, why, source: _ } = self;
        let mut text = text.to_owned();
        if text.trim().is_empty() {
            text = "# Differences between git and the tenant that are accepted for a while; see `cxform drift`.\n\
                    apiVersion: cxform/v1\nkind: DriftSnooze\nspec:\n"
                .to_owned();
        } else if !text.ends_with('\n') {
            text.push('\n');
        }
        let mut line = |head: &str, key: &str, value: &str| text.push_str(&format!("  {head} {key}: {value}\n"));
        line("-", "address", &quoted(&address.to_string()));
        if let Some(field) = field {
            line(" ", "field", field);
        }
        if let Some(environment) = environment {
            line(" ", "environment", &quoted(environment));
        }
        line(" ", "until", &until.to_string());
        line(" ", "why", &quoted(why));
        text
    }
}

/// A JSON text is a YAML one too, whatever it holds.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn read(content: Result<Vec<u8>, Fault>) -> Result<Vec<Snooze>, Diagnostics> {
    let mut opening = Opening::default();
    let units = match opening.file(SNOOZE_FILE, content) {
        Some((id, text)) => opening.documents(id, &text, None),
        None => Vec::new(),
    };
    let mut snoozes = Vec::new();
    let mut reader = Reader::new(&mut opening.sink, Budget::new(limits::COPIES));
    for unit in &units {
        document(&unit.root, &mut reader, &mut snoozes);
    }
    let diagnostics = Diagnostics::new(Arc::new(opening.sources), opening.sink);
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(snoozes) }
}

fn document(root: &Node, reader: &mut Reader<'_>, snoozes: &mut Vec<Snooze>) {
    let Some(entries) = reader.mapping(root, &Keys::new("the file", &["apiVersion", "kind", "spec"])) else { return };
    reader.api_version(entries, root.place);
    if let Some(node) = reader.required(entries, "kind", "the file", root.place)
        && let Some(kind) = reader.text(node, "`kind`")
        && kind != "DriftSnooze"
    {
        let message = format!("`{SNOOZE_FILE}` is of kind `DriftSnooze`, not {}", suggest::shown(kind));
        reader.sink.push(Diagnostic::new(&DOCUMENT, Some(node.place), message));
    }
    let Some(spec) = reader.required(entries, "spec", "the file", root.place) else { return };
    for item in reader.list(spec, "`spec`").unwrap_or(&[]) {
        snoozes.extend(snooze(item, reader));
    }
}

fn snooze(item: &Node, reader: &mut Reader<'_>) -> Option<Snooze> {
    let entries = reader.mapping(item, &Keys::new(WHAT, &["address", "field", "environment", "until", "why"]))?;
    let mut required = |key| reader.required(entries, key, WHAT, item.place);
    let (address, until, why) = (required("address"), required("until"), required("why"));
    let mut optional = |key: &str, what: &str| match entries.iter().find(|entry| &*entry.key == key) {
        Some(entry) => reader.name(&entry.value, what).map(|name| Some(name.to_owned())),
        None => Some(None),
    };
    let (field, environment) = (optional("field", "`field`"), optional("environment", "`environment`"));
    let address = address.and_then(|node| {
        let text = reader.name(node, "`address`")?;
        let fault = |error: cxform_model::AddressError| Diagnostic::new(&PROJECT, Some(node.place), error.to_string());
        text.parse().map_err(|error| reader.sink.push(fault(error))).ok()
    });
    let until = until.and_then(|node| {
        let text = reader.text(node, "`until`")?;
        let date = if text.len() == "2027-01-31".len() { text.parse().ok() } else { None };
        if date.is_none() {
            let fault = Diagnostic::new(&PROJECT, Some(node.place), format!("{} is no date", suggest::shown(text)));
            reader.sink.push(fault.help("write the last day on which it holds, such as `2027-01-31`"));
        }
        date
    });
    let why = why.and_then(|node| reader.name(node, "`why`").map(ToOwned::to_owned));
    Some(Snooze {
        address: address?,
        field: field?,
        environment: environment?,
        until: until?,
        why: why?,
        source: item.place.source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> Snooze {
        Snooze {
            address: Address::campaign("q3: \"east\""),
            field: Some("dialerSettings.callRate".to_owned()),
            environment: None,
            until: "2027-01-31".parse().unwrap(),
            why: "storm: #4711".to_owned(),
            source: Source { file: cxform_model::FileId(0), line: 5, column: 5 },
        }
    }

    #[test]
    fn what_is_added_is_read_and_what_was_there_stays() {
        let first = one().added_to("");
        assert_eq!(Snooze::of_text(&first).unwrap(), [one()]);
        let commented = first.replace("until", "# agreed with the floor\n    until");
        let second = Snooze { field: None, environment: Some("prod".to_owned()), ..one() };
        let text = second.added_to(&commented);
        assert!(text.starts_with(&commented));
        let read = Snooze::of_text(&text).unwrap();
        assert_eq!((read.len(), &read[0].why, &read[1].environment), (2, &one().why, &second.environment));
    }

    #[test]
    fn it_covers_a_field_or_all_of_an_object() {
        let (field, address) = (one(), one().address);
        assert!(field.covers("prod", &address, Some("dialerSettings.callRate")));
        assert!(!field.covers("prod", &address, Some("status")) && !field.covers("prod", &address, None));
        let whole = Snooze { field: None, environment: Some("prod".to_owned()), ..one() };
        assert!(whole.covers("prod", &address, Some("status")) && !whole.covers("test", &address, Some("status")));
        assert!(field.holds_on("2027-01-31".parse().unwrap()) && !field.holds_on("2027-02-01".parse().unwrap()));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for (from, to, said) in [
            ("2027-01-31", "soon", "`soon` is no date"),
            ("why:", "reason:", "unknown key `reason`"),
            ("DriftSnooze", "Campaign", "`DriftSnooze`"),
            ("\"campaign/q3", "\"list/q3", "starts with no known kind"),
        ] {
            let problems = Snooze::of_text(&one().added_to("").replace(from, to)).unwrap_err();
            let told: Vec<_> = problems.iter().map(|problem| problem.message.clone()).collect();
            assert!(told.iter().any(|message| message.contains(said)), "{said}: {told:?}");
        }
    }
}
