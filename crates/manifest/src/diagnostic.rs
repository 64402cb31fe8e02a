//! Problems with their places.

use std::collections::BTreeSet;
use std::sync::Arc;

use cxform_model::Address;
use cxform_rules::{Rule, Severity};

use crate::sources::Sources;
use crate::{Place, limits};

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// Its id where it is one of the project's own, and not in the manual.
    pub called: Option<String>,
    /// Whether it stops the run. A waiver may have lowered it.
    pub severity: Severity,
    /// The fact, as a lower-case fragment with values in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where it is; `None` where only the tenant has what it speaks of.
    pub at: Option<Place>,
    /// The other places it speaks of.
    pub related: Vec<Label>,
    /// The object it speaks of, where it is known.
    pub address: Option<Address>,
    /// The environments that have it; empty for all of them.
    pub environments: BTreeSet<String>,
}

/// Another place with a few words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where; `None` where only the tenant has it.
    pub at: Option<Place>,
    /// What is there.
    pub text: String,
}

impl Diagnostic {
    /// A problem of the rule's own severity.
    #[must_use]
    pub fn new(rule: &'static Rule, at: Option<Place>, message: impl Into<String>) -> Self {
        Self {
            rule,
            called: None,
            severity: rule.severity,
            message: message.into(),
            hint: None,
            at,
            related: Vec::new(),
            address: None,
            environments: BTreeSet::new(),
        }
    }

    /// The id of the rule that is broken.
    #[must_use]
    pub fn id(&self) -> &str {
        self.called.as_deref().unwrap_or(self.rule.id)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Adds what to do about it, in fixed words.
    #[must_use]
    pub fn help(self, hint: &str) -> Self {
        self.hint(Some(hint.to_owned()))
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, at: Place, text: impl Into<String>) -> Self {
        self.related.push(Label { at: Some(at), text: text.into() });
        self
    }

    /// Says which object it speaks of.
    #[must_use]
    pub fn of(mut self, address: &Address) -> Self {
        self.address = Some(address.clone());
        self
    }
}

/// Problems in the order of file, line, column and rule, together with the texts they speak of.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    pub(crate) sources: Arc<Sources>,
    problems: Vec<Diagnostic>,
    omitted: usize,
}

impl Diagnostics {
    pub(crate) fn new(sources: Arc<Sources>, sink: Sink) -> Self {
        let Sink { mut problems, omitted, errors: _ } = sink;
        problems.sort_by(|left, right| sort_key(&sources, left).cmp(&sort_key(&sources, right)));
        problems.dedup();
        Self { sources, problems, omitted }
    }

    /// Whether any problem stops the run.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many problems there are of a severity. Problems beyond the first thousand count as errors.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let omitted = if severity == Severity::Error { self.omitted } else { 0 };
        omitted + self.problems.iter().filter(|problem| problem.severity == severity).count()
    }

    /// How many problems were counted, but not kept.
    #[must_use]
    pub const fn omitted(&self) -> usize {
        self.omitted
    }

    /// Whether there is no problem at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.problems.is_empty() && self.omitted == 0
    }

    /// The problems.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.problems.iter()
    }

    /// The name of the file that a place is in.
    #[must_use]
    pub fn file(&self, place: Place) -> &str {
        self.sources.name(place.source.file)
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Everything that is visible takes part, so that the order never depends on the order of finding.
fn sort_key<'a>(sources: &'a Sources, problem: &'a Diagnostic) -> impl Ord + use<'a> {
    let Diagnostic { rule: _, called: _, severity, message, hint, at, related, address, environments } = problem;
    let place = at.map(|place| (sources.name(place.source.file), place.source.line, place.source.column));
    (place, problem.id(), message, severity, address, hint, related, environments)
}

/// Where reading puts problems. It keeps a bounded number of them and counts the rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sink {
    problems: Vec<Diagnostic>,
    omitted: usize,
    errors: usize,
}

impl Sink {
    pub(crate) fn push(&mut self, problem: Diagnostic) {
        if problem.severity == Severity::Error {
            self.errors += 1;
        }
        if self.problems.len() < limits::PROBLEMS {
            self.problems.push(problem);
        } else if problem.severity == Severity::Error {
            self.omitted += 1;
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.problems.is_empty() && self.omitted == 0
    }

    /// Whether a problem with this rule has been told at this place.
    pub(crate) fn told(&self, rule: &Rule, at: Place) -> bool {
        self.problems.iter().any(|problem| problem.rule == rule && problem.at == Some(at))
    }

    /// How many errors there are so far. A step that leaves it unchanged went well.
    pub(crate) const fn errors(&self) -> usize {
        self.errors
    }

    pub(crate) fn problems_mut(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.problems
    }

    pub(crate) fn omit(&mut self, count: usize) {
        self.omitted += count;
        self.errors += count;
    }
}
