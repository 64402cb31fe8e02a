//! Statistics as CSV, safe to open in a spreadsheet.

use std::io::Write;

use cxform_record::csv_line;

use super::{CampaignV1, StatsV1};

/// The header.
pub const HEADER: [&str; 18] = [
    "readAt",
    "environment",
    "id",
    "name",
    "status",
    "figures",
    "version",
    "totalCalls",
    "answeredCalls",
    "abandonedCalls",
    "complianceViolations",
    "agentUtilization",
    "answerRate",
    "abandonmentRate",
    "violationRate",
    "efficiencyScore",
    "abandonedOfAnswered",
    "abandonBudgetUsed",
];

/// A line for each campaign. What is unknown is empty.
///
/// # Errors
/// Writing fails.
pub fn csv(stats: &StatsV1, out: &mut dyn Write) -> std::io::Result<()> {
    stats.campaigns.iter().try_for_each(|campaign| csv_line(out, cells(stats, campaign).iter().map(String::as_str)))
}

fn cells(stats: &StatsV1, campaign: &CampaignV1) -> [String; 18] {
    let CampaignV1 {
        id,
        name,
        status,
        figures,
        reason: _,
        version,
        total_calls,
        answered_calls,
        abandoned_calls,
        compliance_violations,
        agent_utilization,
        answer_rate,
        abandonment_rate,
        violation_rate,
        efficiency_score,
        abandoned_of_answered,
        abandon_budget_used,
    } = campaign;
    fn known<T: ToString>(value: &Option<T>) -> String {
        value.as_ref().map(T::to_string).unwrap_or_default()
    }
    [
        stats.read_at.clone(),
        stats.environment.clone(),
        id.clone(),
        name.clone(),
        known(status),
        (*figures).to_owned(),
        known(version),
        known(total_calls),
        known(answered_calls),
        known(abandoned_calls),
        known(compliance_violations),
        known(agent_utilization),
        known(answer_rate),
        known(abandonment_rate),
        known(violation_rate),
        known(efficiency_score),
        known(abandoned_of_answered),
        known(abandon_budget_used),
    ]
}
