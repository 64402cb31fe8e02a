//! `metadata.annotations` and `annotations` of a node.

use std::collections::BTreeSet;

use cxform_model::{Field, Kind, Ownership};

use super::Reader;
use crate::catalogue::ANNOTATION;
use crate::yaml::Node;
use crate::{Diagnostic, suggest};

const PROTECT: &str = "cxform/protect";
const IGNORE: &str = "cxform/ignore";

/// What annotations ask of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Annotations {
    /// `cxform/protect`, where it is written.
    protect: Option<bool>,
    /// `cxform/ignore`.
    pub(crate) ignored: BTreeSet<Field>,
}

impl Annotations {
    pub(crate) fn protected(&self) -> bool {
        self.protect == Some(true)
    }

    /// Those of a node over those of its document: protection is overridden, ignored fields add up.
    pub(crate) fn over(mut self, document: &Self) -> Self {
        self.protect = self.protect.or(document.protect);
        self.ignored.extend(&document.ignored);
        self
    }
}

impl Reader<'_> {
    /// Keys of other programs are theirs; a key of ours must be one that we know.
    pub(crate) fn annotations(&mut self, kind: Kind, node: &Node) -> Annotations {
        let mut annotations = Annotations::default();
        for entry in self.entries(node, "`annotations`").unwrap_or(&[]) {
            let node = &entry.value;
            match &*entry.key {
                PROTECT => annotations.protect = self.protect(node),
                IGNORE => {
                    let Some(paths) = self.text(node, "`cxform/ignore`") else { continue };
                    for path in paths.split(',').map(str::trim).filter(|path| !path.is_empty()) {
                        self.ignore(kind, path, node, &mut annotations.ignored);
                    }
                }
                key if key.starts_with("cxform/") => {
                    let message = format!("unknown annotation {}", suggest::shown(key));
                    let hint = suggest::hint(key, [PROTECT, IGNORE], "cxform knows");
                    self.report(Diagnostic::new(&ANNOTATION, Some(entry.key_place), message).hint(hint));
                }
                _ => {}
            }
        }
        annotations
    }

    /// `"true"` or `"false"`, quoted as annotations are, or plain.
    fn protect(&mut self, node: &Node) -> Option<bool> {
        match node.text() {
            Some("true") => return Some(true),
            Some("false") => return Some(false),
            _ if node.is_unknown() => {}
            _ => {
                let problem =
                    Diagnostic::new(&ANNOTATION, Some(node.place), "`cxform/protect` is neither `true` nor `false`");
                self.report(problem.help("write `cxform/protect: \"true\"`"));
            }
        }
        None
    }

    /// A path names a field, or a group with all of its fields.
    fn ignore(&mut self, kind: Kind, path: &str, node: &Node, ignored: &mut BTreeSet<Field>) {
        let before = ignored.len();
        let group = format!("{path}.");
        let managed = || Field::all(kind).filter(|field| field.policy().ownership != Ownership::Identity);
        let named = managed().filter(|field| field.path() == path || field.path().starts_with(&group));
        let mut found = false;
        for field in named {
            found = true;
            ignored.insert(field);
        }
        if !found && ignored.len() == before {
            let message =
                format!("`cxform/ignore` names {}, which is no field of {}", suggest::shown(path), kind.plural());
            let paths: Vec<_> = managed().map(Field::path).collect();
            let hint = suggest::hint(path, paths.iter().copied(), "fields");
            self.report(Diagnostic::new(&ANNOTATION, Some(node.place), message).hint(hint));
        }
    }
}
