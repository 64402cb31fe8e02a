//! Names that an export makes up: of files and documents, and of variables.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Kind, Observed};
use serde_json::Value;

/// Names that are taken, without regard to case: not every file system knows it.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// A name for a file below a folder, made of a code or a name, that no other one has.
    pub(super) fn file(&mut self, folder: &str, from: &str) -> String {
        let slug = slug(from);
        let mut name = slug.clone();
        let mut number = 1;
        while !self.0.insert(format!("{folder}/{name}")) {
            number += 1;
            name = format!("{slug}-{number}");
        }
        name
    }
}

/// Lower-case letters, digits and dashes; short enough for every file system.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || character == '_' {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "unnamed".to_owned() } else { slug.to_owned() }
}

/// The fields that hold ids of lists and skills, with what their variables are called after.
const LIFTED: [(&str, &str); 4] = [
    ("targetListId", "list"),
    ("contactSelection.targetListIds", "list"),
    ("contactSelection.exclusionListIds", "list"),
    ("dialerSettings.skillGroupId", "skill"),
];

/// Variables by what they stand for.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<(&'static str, String), String>);

impl Variables {
    /// One for every id that campaigns name. The names come from the ids, so that the next export gives the same.
    pub(super) fn of(observed: &Observed) -> Self {
        let mut variables = Self::default();
        let mut taken = BTreeSet::new();
        let mut found = BTreeSet::new();
        for object in observed.of(Kind::Campaign) {
            for (path, prefix) in LIFTED {
                let ids = match object.value(path) {
                    Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).collect(),
                    Some(Value::String(id)) => vec![id.as_str()],
                    _ => Vec::new(),
                };
                found.extend(
                    ids.into_iter().map(str::trim).filter(|id| !id.is_empty()).map(|id| (prefix, id.to_owned())),
                );
            }
        }
        for (prefix, id) in found {
            // The beginning of a UUID tells it apart; any other id was made by somebody to be read.
            let most = if id.len() == 36 && id.matches('-').count() == 4 { 8 } else { 32 };
            let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
            let short: String = id.chars().map(plain).take(most).collect();
            let base = if short.starts_with(prefix) { short } else { format!("{prefix}_{short}") };
            let mut name = base.clone();
            let mut number = 1;
            while !taken.insert(name.clone()) {
                number += 1;
                name = format!("{base}_{number}");
            }
            variables.0.insert((prefix, id), name);
        }
        variables
    }

    /// The name of the variable for an id at a path.
    pub(super) fn name(&self, path: &str, id: &str) -> Option<&str> {
        let (_, prefix) = LIFTED.iter().find(|(other, _)| *other == path)?;
        self.0.get(&(*prefix, id.trim().to_owned())).map(String::as_str)
    }

    /// Names and what they stand for, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let by_name: BTreeMap<&str, &str> = self.0.iter().map(|((_, id), name)| (name.as_str(), id.as_str())).collect();
        by_name.into_iter()
    }
}
