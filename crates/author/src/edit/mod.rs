//! Edits of existing manifests: a value of the tenant is put where the manifests set it, and everything else stays,
//! comments and order included.
//!
//! An edit is proposed by the place that `cxform-manifest` knows a value by, and believed only after the edited project
//! was read again and asks for exactly this and nothing else.

mod check;
mod desktop;
mod field;
mod find;
mod variable;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use cxform_manifest::{Environment, Lookup, Project};
use cxform_model::{Address, Desired, Field, FileId, Source};
use cxform_rules::Context;
use serde_json::Value;

use crate::yaml::{self, Stream};

/// What is to change in the manifests.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The object; for a desktop, its campaign.
    pub address: Address,
    /// What of it.
    pub change: Change,
}

/// What of an object is to change.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A field that the manifests manage gets this value; null clears it.
    Field(Field, Value),
    /// The desktop shows these outcomes in this order and selects this one. Where the desktop is not exclusive, outcomes
    /// that no entry lists stay unlisted.
    Desktop {
        /// Outcomes in the tenant's order.
        outcomes: Vec<Address>,
        /// What the desktop selects.
        default: Option<Address>,
    },
}

/// What edits come to. Nothing is written to disk.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Edited {
    /// The new text of every file that changes, by its name in the project.
    pub files: BTreeMap<String, String>,
    /// Which edits are in there, by their number in the list, with the file and line (as it was) that changed first.
    pub done: BTreeMap<usize, (String, usize)>,
    /// Which edits are not, and why.
    pub refused: BTreeMap<usize, Refused>,
    /// Other environments that ask for the new values as well, since they share the files.
    pub also_in: BTreeSet<String>,
}

/// Why an edit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The manifests are in error as they are.
    #[error("the manifests have errors: run `cxform validate` first")]
    Broken,
    /// No document speaks of the object.
    #[error("no manifest lists `{0}`")]
    Unknown(Address),
    /// The field is not managed, so there is nothing to edit.
    #[error("no manifest names `{path}` of `{address}`, so it is not managed")]
    NotManaged {
        /// The object.
        address: Address,
        /// The field.
        path: String,
    },
    /// The value is written once for several objects, and this one cannot have its own.
    #[error("{place} sets it for other objects, too")]
    Shared {
        /// `file:line`.
        place: String,
    },
    /// The value comes out of a variable that others need as it is.
    #[error("it comes out of the variable `{name}`, which is used elsewhere, too")]
    Variable {
        /// The variable.
        name: String,
    },
    /// The value has no form in a manifest.
    #[error("the tenant's value cannot be written in a manifest: {0}")]
    Inexpressible(String),
    /// The manifests would be refused.
    #[error("the manifests would have errors: {0}")]
    Invalid(String),
    /// The place is written in a way that no edit is safe for.
    #[error("{place} is written in a way that cannot be edited safely: {why}")]
    Unsafe {
        /// `file:line`.
        place: String,
        /// What is in the way.
        why: String,
    },
}

/// A stretch of a file and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Replacement {
    file: String,
    range: Range<usize>,
    text: String,
}

/// A project at work.
pub(crate) struct Bench<'p> {
    project: &'p Project,
    environment: &'p str,
    desired: Desired,
    streams: HashMap<FileId, Option<Stream>>,
    /// How many fields each place sets.
    users: HashMap<Source, usize>,
    environments: usize,
}

/// Edits the manifests of a project so that one environment asks for these values. What cannot be done is told, and the
/// rest is done all the same.
#[must_use]
pub fn edit(
    project: &Project,
    environment: &Environment,
    context: &Context,
    lookup: Option<Lookup<'_>>,
    edits: &[Edit],
) -> Edited {
    let mut edited = Edited::default();
    let mut left: BTreeSet<usize> = (0..edits.len()).collect();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    // Edits that touch the same lines take turns.
    while !left.is_empty() {
        let revised;
        let present = if texts.is_empty() {
            project
        } else {
            let Some(next) = project.revised(&texts).0 else { break };
            revised = next;
            &revised
        };
        let Some(bench) = Bench::new(present, environment, context, lookup) else {
            edited.refused.extend(left.iter().map(|at| (*at, Refused::Broken)));
            break;
        };
        let round = bench.round(edits, &mut left, &mut edited);
        if round.is_empty() {
            continue;
        }
        let verified = check::settle(&bench, environment, context, lookup, edits, round, &mut edited);
        texts.extend(verified);
    }
    edited.files = texts;
    edited
}

/// Edits of one round, with what each replaces.
type Round = BTreeMap<usize, Vec<Replacement>>;

impl<'p> Bench<'p> {
    fn new(
        project: &'p Project,
        environment: &Environment,
        context: &Context,
        lookup: Option<Lookup<'_>>,
    ) -> Option<Self> {
        let name = &environment.name;
        let environment = project.environments().find(|other| other.name == *name)?;
        let desired = project.load(environment, context, lookup).desired?;
        let mut users: HashMap<Source, usize> = HashMap::new();
        for object in desired.objects.values() {
            for (_, field) in object.fields.iter() {
                *users.entry(field.source).or_default() += 1;
            }
        }
        let streams = project
            .files()
            .iter()
            .map(|(id, _)| (id, project.text(id).and_then(|text| yaml::parse(text).ok())))
            .collect();
        let environments = project.environments().count();
        Some(Self { project, environment: &environment.name, desired, streams, users, environments })
    }

    /// As many of the edits as touch different lines.
    fn round(&self, edits: &[Edit], left: &mut BTreeSet<usize>, edited: &mut Edited) -> Round {
        let mut round = Round::new();
        let mut taken: HashMap<String, BTreeMap<usize, usize>> = HashMap::new();
        for at in left.clone() {
            match self.propose(&edits[at]) {
                Err(refused) => {
                    edited.refused.insert(at, refused);
                    left.remove(&at);
                }
                Ok(replacements) => {
                    if replacements
                        .iter()
                        .any(|one| taken.get(&one.file).is_some_and(|taken| overlaps(taken, &one.range)))
                    {
                        continue;
                    }
                    for one in &replacements {
                        taken.entry(one.file.clone()).or_default().insert(one.range.start, one.range.end);
                    }
                    left.remove(&at);
                    round.insert(at, replacements);
                }
            }
        }
        round
    }

    fn propose(&self, edit: &Edit) -> Result<Vec<Replacement>, Refused> {
        match &edit.change {
            Change::Field(field, value) => self.field(&edit.address, *field, value),
            Change::Desktop { outcomes, default } => self.desktop(&edit.address, outcomes, default.as_ref()),
        }
    }

    fn name(&self, file: FileId) -> &'p str {
        self.project.files().name(file)
    }

    fn place(&self, source: Source) -> String {
        format!("`{}:{}`", self.name(source.file), source.line)
    }

    fn stream(&self, file: FileId) -> Option<(&Stream, &'p str)> {
        Some((self.streams.get(&file)?.as_ref()?, self.project.text(file)?))
    }
}

/// Whether a stretch touches one that is taken. Two insertions at one place do as well: their order would be chance.
fn overlaps(taken: &BTreeMap<usize, usize>, range: &Range<usize>) -> bool {
    taken.range(..=range.end).next_back().is_some_and(|(_, end)| *end >= range.start)
}

/// A text with its replacements made.
fn replaced(text: &str, mut replacements: Vec<&Replacement>) -> String {
    let windows = text.contains("\r\n");
    replacements.sort_by_key(|one| std::cmp::Reverse(one.range.start));
    let mut text = text.to_owned();
    for one in replacements {
        let new = if windows { one.text.replace('\n', "\r\n") } else { one.text.clone() };
        text.replace_range(one.range.clone(), &new);
    }
    text
}
