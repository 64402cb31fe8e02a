//! Where a manifest set the field that a server complains about.

use std::collections::BTreeMap;

use cxform_plan::Place;

/// The place of a server's field name, and the path that the manifest knows it by.
///
/// Servers name fields in many ways: `dialerSettings.callRate`, `contactSelection.filterRules[3].value`,
/// `/uiConfig/colorCode`, `$.name`, or just `callRate`. The longest known path that leads to the field wins; a bare
/// last part counts when only one known path ends in it; the empty path, the object itself, is the last resort.
pub(crate) fn place_of<'a>(places: &'a BTreeMap<String, Place>, field: &str) -> Option<(&'a str, &'a Place)> {
    let parts = parts(field);
    let prefixes = (1..=parts.len()).rev().map(|length| parts[..length].join("."));
    for path in prefixes {
        if let Some((path, place)) = places.get_key_value(&path) {
            return Some((path, place));
        }
    }
    // A group such as `dialerSettings` is no field: its first field is the nearest place.
    let inside = |path: &&String| !parts.is_empty() && path.starts_with(&format!("{}.", parts.join(".")));
    let ends_in = |path: &&String| parts.len() == 1 && path.rsplit('.').next() == parts.first().map(String::as_str);
    let mut tails = places.keys().filter(ends_in);
    let path = match (tails.next(), tails.next()) {
        (Some(only), None) => only.as_str(),
        _ => places.keys().find(inside).map_or("", String::as_str),
    };
    places.get_key_value(path).map(|(path, place)| (path.as_str(), place))
}

/// The names on the way to a field, without indices and without a root mark.
fn parts(field: &str) -> Vec<String> {
    field
        .split(['.', '/', '[', ']', '$', '"', '\''])
        .map(str::trim)
        .filter(|part| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit()))
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(paths: &[&str]) -> BTreeMap<String, Place> {
        let place = |line| Place { file: "m.yaml".to_owned(), line, column: 1 };
        paths.iter().zip(1..).map(|(path, line)| ((*path).to_owned(), place(line))).collect()
    }

    #[test]
    fn a_field_is_found_under_the_name_that_the_server_gives_it() {
        let known = places(&[
            "",
            "name",
            "dialerSettings.callRate",
            "dialerSettings.answerRate",
            "dialerSettings.predictiveSettings.answerRate",
            "contactSelection.filterRules",
        ]);
        for (given, path) in [
            ("name", "name"),
            ("$.name", "name"),
            ("dialerSettings.callRate", "dialerSettings.callRate"),
            ("/dialerSettings/callRate", "dialerSettings.callRate"),
            ("callRate", "dialerSettings.callRate"),
            ("contactSelection.filterRules[3].value", "contactSelection.filterRules"),
            ("contactSelection.filterRules.3.value", "contactSelection.filterRules"),
            ("dialerSettings", "dialerSettings.answerRate"),
            ("answerRate", ""),
            ("somethingElse", ""),
            ("", ""),
        ] {
            assert_eq!(place_of(&known, given).map(|(path, _)| path), Some(path), "{given}");
        }
    }

    #[test]
    fn without_any_place_there_is_none() {
        assert_eq!(place_of(&places(&["name"]), "other"), None);
    }
}
