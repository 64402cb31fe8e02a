//! Problems as JSON: a frozen form of its own.

use serde::{Deserialize, Serialize};

use cxform_rules::Severity;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::{Place, Statistics};

/// The version of [`ReportV1`].
pub const FORMAT_VERSION: u32 = 1;

/// What `validate --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportV1 {
    /// Always 1.
    pub format_version: u32,
    /// Whether there are no errors.
    pub valid: bool,
    /// Counts.
    pub summary: SummaryV1,
    /// The problems in the order of file, line, column and rule.
    pub problems: Vec<ProblemV1>,
}

/// Counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummaryV1 {
    /// Errors, those beyond the list of problems included.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Files that were read.
    pub files: usize,
    /// Outcomes, call codes and campaigns.
    pub objects: usize,
    /// Errors that were counted, but are not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: usize,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemV1 {
    /// `CX0xx`.
    pub rule: String,
    /// `error` or `warning`.
    pub severity: String,
    /// The fact.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where it is.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub at: Option<PlaceV1>,
    /// The object it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The environments that have it; absent for all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// Other places it speaks of.
    #[serde(default)]
    pub related: Vec<RelatedV1>,
}

/// A stretch of text. Lines and columns count from one, columns in characters; the end is the first character behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub struct PlaceV1 {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// Another place with a few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelatedV1 {
    /// The file; absent where only the tenant has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What is there.
    pub message: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Diagnostics {
    /// The problems as JSON.
    #[must_use]
    pub fn report(&self, statistics: &Statistics) -> ReportV1 {
        ReportV1 {
            format_version: FORMAT_VERSION,
            valid: !self.has_errors(),
            summary: SummaryV1 {
                errors: self.count(Severity::Error),
                warnings: self.count(Severity::Warning),
                files: statistics.files,
                objects: statistics.objects,
                omitted: self.omitted(),
            },
            problems: self.iter().map(|problem| self.problem(problem)).collect(),
        }
    }

    fn problem(&self, problem: &Diagnostic) -> ProblemV1 {
        let Diagnostic { rule: _, called: _, severity, message, hint, at, related, address, environments } = problem;
        ProblemV1 {
            rule: problem.id().to_owned(),
            severity: severity.word().to_owned(),
            message: message.clone(),
            hint: hint.clone(),
            at: at.map(|place| self.place(place)),
            address: address.as_ref().map(ToString::to_string),
            environments: environments.iter().cloned().collect(),
            related: related
                .iter()
                .map(|label| RelatedV1 {
                    file: label.at.map(|place| self.file(place).to_owned()),
                    line: label.at.map(|place| place.source.line),
                    column: label.at.map(|place| place.source.column),
                    message: label.text.clone(),
                })
                .collect(),
        }
    }

    fn place(&self, place: Place) -> PlaceV1 {
        let (end_line, end_column) = self.sources.end(place);
        let (line, column) = (place.source.line, place.source.column);
        PlaceV1 { file: self.file(place).to_owned(), line, column, end_line, end_column }
    }
}
