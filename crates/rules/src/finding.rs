//! What a rule reports.

use cxform_model::{Address, Field, Source};

/// Whether a finding stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The project is refused.
    Error,
    /// The project is accepted, and the finding shown.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule: its stable id, and what `docs/rules.md` says of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `CX0xx`, never reused.
    pub id: &'static str,
    /// A few words in kebab case.
    pub name: &'static str,
    /// What a finding means unless the project lowers it.
    pub severity: Severity,
    /// What must hold and why, in one or two sentences.
    pub about: &'static str,
    /// Where the rule comes from: a seed `[000]`..`[004]`, `[A]`, or a citation.
    pub origin: &'static str,
}

/// The value that a finding speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The object.
    pub address: Address,
    /// The field of it; `None` is the object as a whole.
    pub field: Option<Field>,
    /// A JSON pointer into the field's value; empty is the value itself.
    pub inside: String,
    /// Where the field, or else the object, is written; `None` where only the tenant has it.
    pub source: Option<Source>,
}

/// One violation of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What is wrong.
    pub at: Spot,
    /// The fact, as a lower-case fragment with values in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The other places it speaks of, each with a few words.
    pub related: Vec<(Spot, String)>,
}

impl Finding {
    /// A finding without hint or related places.
    #[must_use]
    pub fn new(rule: &'static Rule, at: Spot, message: impl Into<String>) -> Self {
        Self { rule, at, message: message.into(), hint: None, related: Vec::new() }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Names another place that it speaks of.
    #[must_use]
    pub fn related(mut self, spot: Spot, words: impl Into<String>) -> Self {
        self.related.push((spot, words.into()));
        self
    }
}
