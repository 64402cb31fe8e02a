//! Statistics for programs.

use jiff::Timestamp;
use serde::Serialize;

use super::{ABANDON_BUDGET, CampaignStats, Reading, Standing};

/// The document, as `schemas/stats.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatsV1 {
    /// 1.
    pub format_version: u32,
    /// The environment's name.
    pub environment: String,
    /// What identifies the tenant.
    pub tenant: String,
    /// When the tenant was read.
    pub read_at: String,
    /// The share of answered calls that may be abandoned.
    pub abandon_budget: f64,
    /// The campaigns, by name.
    pub campaigns: Vec<CampaignV1>,
}

/// One campaign. What is unknown is `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CampaignV1 {
    /// The tenant's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its run state.
    pub status: Option<&'static str>,
    /// `known`, `notPermitted`, `absent` or `failed`.
    pub figures: &'static str,
    /// Why they are not known.
    pub reason: Option<String>,
    /// Its version when the totals were told.
    pub version: Option<u64>,
    /// Calls that were placed.
    pub total_calls: Option<u64>,
    /// Calls that a person answered.
    pub answered_calls: Option<u64>,
    /// Answered calls that no agent took.
    pub abandoned_calls: Option<u64>,
    /// Calls that broke a rule of compliance.
    pub compliance_violations: Option<u64>,
    /// In per cent.
    pub agent_utilization: Option<f64>,
    /// Of all calls.
    pub answer_rate: Option<f64>,
    /// Of all calls.
    pub abandonment_rate: Option<f64>,
    /// Of all calls.
    pub violation_rate: Option<f64>,
    /// From 0 to 100.
    pub efficiency_score: Option<f64>,
    /// Of answered calls.
    pub abandoned_of_answered: Option<f64>,
    /// 1 is all of the budget.
    pub abandon_budget_used: Option<f64>,
}

impl StatsV1 {
    /// The document of one reading.
    #[must_use]
    pub fn new(environment: &str, tenant: &str, at: Timestamp, campaigns: &[CampaignStats]) -> Self {
        Self {
            format_version: 1,
            environment: environment.to_owned(),
            tenant: tenant.to_owned(),
            read_at: format!("{at:.0}"),
            abandon_budget: ABANDON_BUDGET,
            campaigns: campaigns.iter().map(CampaignV1::of).collect(),
        }
    }
}

impl CampaignV1 {
    /// One campaign.
    #[must_use]
    pub fn of(campaign: &CampaignStats) -> Self {
        let CampaignStats { id, name, status, reading } = campaign;
        let (word, reason) = match reading {
            Reading::Known(_) => ("known", None),
            Reading::NotPermitted(reason) => ("notPermitted", Some(reason.clone())),
            Reading::Absent => ("absent", None),
            Reading::Failed(reason) => ("failed", Some(reason.clone())),
        };
        let figures = campaign.figures().cloned().unwrap_or_default();
        let standing = campaign.standing();
        let Standing { answer_rate, abandonment_rate, violation_rate, efficiency, abandoned_of_answered } = standing;
        // Six decimals tell every share of a million calls apart.
        let rate = |rate: Option<f64>| rate.map(|rate| (rate * 1e6).round() / 1e6);
        Self {
            id: id.0.clone(),
            name: name.clone(),
            status: status.map(cxform_model::CampaignStatus::word),
            figures: word,
            reason,
            version: figures.version.map(|version| version.0),
            total_calls: figures.total,
            answered_calls: figures.answered,
            abandoned_calls: figures.abandoned,
            compliance_violations: figures.violations,
            agent_utilization: figures.utilization,
            answer_rate: rate(answer_rate),
            abandonment_rate: rate(abandonment_rate),
            violation_rate: rate(violation_rate),
            efficiency_score: efficiency,
            abandoned_of_answered: rate(abandoned_of_answered),
            abandon_budget_used: rate(standing.budget_used()),
        }
    }
}
