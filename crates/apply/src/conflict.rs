//! Conflicts as data: what the plan was made from, what it wants, and what somebody else made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cxform_model::{Address, Field, Kind, Version, same};
use serde_json::Value;

/// A step that was not sent, or not sent again, because the tenant is no longer what the reviewer saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The object.
    pub address: Address,
    /// What happened to it.
    pub reason: ConflictReason,
    /// The fields that the step writes or that somebody else changed, in the order of their paths. Those that are
    /// already as the step wants them say nothing and are left out, unless there are no others.
    pub fields: Vec<FieldConflict>,
    /// The versions, where the object has one.
    pub version: Option<VersionConflict>,
    /// The rules that both changes together would break, each with its id.
    pub findings: Vec<String>,
}

/// What happened to an object behind the plan's back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConflictReason {
    /// Something stands under the key that was free.
    Appeared,
    /// The same, and all that was asked for is so: perhaps the plan has been applied before.
    AlreadyThere,
    /// It is not what the plan was made from.
    Changed,
    /// Everything else has been taken off the desktop, which would show nothing at all.
    LastOne,
    /// Somebody else wrote it while this run did.
    SecondWriter,
    /// Somebody else changed other fields of it, and both changes together break a rule.
    Unlawful,
    /// It is gone.
    Gone,
    /// An answer of ours was lost, and what the tenant shows now is neither what was there before nor what was sent.
    Unexplained,
}

impl fmt::Display for ConflictReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Appeared => "it has appeared since the plan was made",
            Self::AlreadyThere => "it is already there, exactly as planned",
            Self::Changed => "it has changed since the plan was made",
            Self::LastOne => {
                "it is the last one that the desktop shows: the others have been taken off since the plan was made"
            }
            Self::SecondWriter => "somebody else wrote it during this run",
            Self::Unlawful => "somebody else changed other fields of it, and both changes together break a rule",
            Self::Gone => "it has gone since the plan was made",
            Self::Unexplained => {
                "the answer was lost, and the tenant shows neither the values before nor the ones that were sent"
            }
        })
    }
}

/// One field seen from three sides. A side without a value is null.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldConflict {
    /// The path; `parent` is the id of the object above.
    pub path: String,
    /// The value that the plan was made from.
    pub base: Value,
    /// The value that the step wants; `None` where it leaves the field alone.
    pub ours: Option<Value>,
    /// The value that the tenant has now.
    pub theirs: Value,
}

/// The version that the step relies on, and the one that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionConflict {
    /// What `If-Match` carried.
    pub planned: Version,
    /// What the tenant has, where it could be read.
    pub found: Option<Version>,
}

/// The fields of one object or of one write, by path.
pub(crate) type Paths = BTreeMap<String, Value>;

/// The path under which an object's place in the tree is compared.
pub(crate) const PARENT: &str = "parent";

/// The path of a campaign's run state.
pub(crate) const STATUS: &str = "status";

/// The three sides of every field that we write, and of those that they changed where the base tells. A base that holds
/// nothing but what we write is no picture of the object: what else they changed cannot be told from it.
pub(crate) fn three_ways(kind: Kind, base: &Paths, ours: &Paths, theirs: &Paths) -> Vec<FieldConflict> {
    let is_picture = base.keys().any(|path| !ours.contains_key(path));
    let differs = |path: &String| is_picture && !same_at(kind, path, base.get(path), theirs.get(path));
    let paths: BTreeSet<&String> = base.keys().chain(ours.keys()).chain(theirs.keys()).collect();
    let fields: Vec<FieldConflict> = paths
        .into_iter()
        .filter(|path| ours.contains_key(*path) || differs(path))
        .map(|path| FieldConflict {
            path: path.clone(),
            base: base.get(path).cloned().unwrap_or_default(),
            ours: ours.get(path).cloned(),
            theirs: theirs.get(path).cloned().unwrap_or_default(),
        })
        .collect();
    let (agreed, disputed): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| {
        field.ours.as_ref().is_some_and(|ours| same_at(kind, &field.path, Some(ours), Some(&field.theirs)))
    });
    if disputed.is_empty() { agreed } else { disputed }
}

/// Whether two sets of fields mean the same, absent ones included.
pub(crate) fn same_everywhere(kind: Kind, left: &Paths, right: &Paths) -> bool {
    left.keys().chain(right.keys()).all(|path| same_at(kind, path, left.get(path), right.get(path)))
}

/// Whether two values mean the same at a path; a path without a policy compares exactly, null as absent.
pub(crate) fn same_at(kind: Kind, path: &str, left: Option<&Value>, right: Option<&Value>) -> bool {
    match Field::find(kind, path) {
        Some(field) => same(field, left, right),
        None => left.filter(|value| !value.is_null()) == right.filter(|value| !value.is_null()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths<const N: usize>(entries: [(&str, Value); N]) -> Paths {
        entries.into_iter().map(|(path, value)| (path.to_owned(), value)).collect()
    }

    #[test]
    fn a_conflict_shows_what_we_write_and_what_they_changed() {
        let base = paths([("name", json!("A")), ("description", json!("old")), ("status", json!("ACTIVE"))]);
        let ours = paths([("name", json!("B"))]);
        let theirs = paths([("name", json!("A")), ("description", json!("new")), ("status", json!("active"))]);
        let fields = three_ways(Kind::Outcome, &base, &ours, &theirs);
        let field = |path: &str, base, ours, theirs| FieldConflict { path: path.into(), base, ours, theirs };
        assert_eq!(
            fields,
            [
                field("description", json!("old"), None, json!("new")),
                field("name", json!("A"), Some(json!("B")), json!("A")),
            ],
            "`status` differs in case only, and we do not write it"
        );
    }

    #[test]
    fn a_field_on_which_both_agree_is_shown_only_where_there_is_no_other() {
        let ours = paths([("name", json!("B")), ("status", json!("ACTIVE"))]);
        let shown = |theirs: &Paths| -> Vec<String> {
            three_ways(Kind::Outcome, &Paths::new(), &ours, theirs).into_iter().map(|field| field.path).collect()
        };
        assert_eq!(shown(&paths([("name", json!("C")), ("status", json!("active"))])), ["name"]);
        assert_eq!(shown(&ours), ["name", "status"]);
    }

    #[test]
    fn an_absent_field_is_its_default_and_an_absent_parent_is_the_root() {
        assert!(same_at(Kind::Outcome, "uiConfig.visible", None, Some(&json!(true))));
        assert!(same_at(Kind::Outcome, PARENT, None, Some(&Value::Null)));
        assert!(!same_at(Kind::Outcome, PARENT, None, Some(&json!("out_1"))));
    }
}
