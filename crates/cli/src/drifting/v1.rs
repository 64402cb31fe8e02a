//! The report of differences as programs read it, format 1. `schemas/drift.schema.json` is its schema.

use cxform_manifest::Snooze;
use cxform_model::{Address, Severity};
use cxform_plan::{Drift, Side};
use serde::Serialize;
use serde_json::Value;

use super::authors::Author;

/// How git and a tenant stand to each other.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftReportV1 {
    pub format_version: u32,
    pub project: String,
    pub environment: String,
    pub tenant: String,
    /// `three-way` where a store knows what both sides agreed on, else `two-way`.
    pub comparison: String,
    pub summary: SummaryV1,
    pub drifts: Vec<DriftV1>,
    /// What was accepted for a while that is over.
    pub expired: Vec<SnoozedV1>,
    #[serde(skip)]
    pub in_sync: usize,
}

/// How many differences there are; those that are snoozed count as nothing else.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SummaryV1 {
    pub critical: usize,
    pub major: usize,
    pub minor: usize,
    pub snoozed: usize,
    pub in_sync: usize,
}

/// One difference.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftV1 {
    pub address: Address,
    /// Null where one side lacks the whole object.
    pub path: Option<String>,
    /// Null where nobody knows what both sides agreed on.
    pub side: Option<&'static str>,
    pub base: Value,
    pub git: Value,
    pub tenant: Value,
    pub severity: &'static str,
    pub fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Since when both sides agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<SnoozedV1>,
    #[serde(skip)]
    pub weight: Severity,
}

/// A place in a manifest.
#[derive(Debug, Clone, Serialize)]
pub struct SourceV1 {
    pub file: String,
    pub line: u32,
}

/// What somebody accepts for a while.
#[derive(Debug, Clone, Serialize)]
pub struct SnoozedV1 {
    pub address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub until: String,
    pub why: String,
}

impl From<&Snooze> for SnoozedV1 {
    fn from(snooze: &Snooze) -> Self {
        let Snooze { address, field, environment: _, until, why, source: _ } = snooze;
        Self { address: address.clone(), field: field.clone(), until: until.to_string(), why: why.clone() }
    }
}

impl DriftV1 {
    /// A difference with what is known of it.
    pub fn of(drift: Drift, author: Option<Author>, snoozed: Option<SnoozedV1>, agreed: Option<String>) -> Self {
        let Drift { address, path, side, base, git, tenant, severity, source, id: _, fingerprint } = drift;
        let (who, when) = author.map(|Author { who, when }| (who, when)).unzip();
        Self {
            address,
            path,
            side: side.map(Side::word),
            base: base.unwrap_or_default(),
            git,
            tenant,
            severity: severity.word(),
            fingerprint,
            source: source.map(|place| SourceV1 { file: place.file, line: place.line }),
            who,
            when,
            agreed,
            snoozed,
            weight: severity,
        }
    }
}

impl DriftReportV1 {
    /// With its summary.
    pub fn counted(mut self) -> Self {
        let awake = |weight: Severity| self.awake().filter(|drift| drift.weight == weight).count();
        self.summary = SummaryV1 {
            critical: awake(Severity::Critical),
            major: awake(Severity::Major),
            minor: awake(Severity::Minor),
            snoozed: self.drifts.iter().filter(|drift| drift.snoozed.is_some()).count(),
            in_sync: self.in_sync,
        };
        self.format_version = 1;
        self
    }

    /// The differences that nobody accepts.
    pub fn awake(&self) -> impl Iterator<Item = &DriftV1> {
        self.drifts.iter().filter(|drift| drift.snoozed.is_none())
    }

    /// Those of them that are so bad or worse.
    pub fn at_least(&self, severity: Severity) -> impl Iterator<Item = &DriftV1> {
        self.awake().filter(move |drift| drift.weight >= severity)
    }
}
