//! Statistics in the text format of Prometheus. What is unknown has no sample.

use std::fmt::Write as _;

use cxform_model::CampaignStatus;

use super::{CampaignV1, StatsV1};

type Value = fn(&CampaignV1) -> Option<f64>;

/// Name, type, help, and where the value comes from.
const METRICS: [(&str, &str, &str, Value); 11] = [
    ("calls_total", "counter", "Calls that were placed.", |of| of.total_calls.map(count)),
    ("answered_calls_total", "counter", "Calls that a person answered.", |of| of.answered_calls.map(count)),
    ("abandoned_calls_total", "counter", "Answered calls that no agent took.", |of| of.abandoned_calls.map(count)),
    ("compliance_violations_total", "counter", "Calls that broke a rule of compliance.", |of| {
        of.compliance_violations.map(count)
    }),
    ("agent_utilization_ratio", "gauge", "How busy the agents are.", |of| of.agent_utilization.map(|of| of / 100.0)),
    ("answer_ratio", "gauge", "Answered calls as a share of all.", |of| of.answer_rate),
    ("abandonment_ratio", "gauge", "Abandoned calls as a share of all.", |of| of.abandonment_rate),
    ("violation_ratio", "gauge", "Calls that broke a rule as a share of all.", |of| of.violation_rate),
    ("efficiency_score", "gauge", "Efficiency from 0 to 100.", |of| of.efficiency_score),
    ("abandon_budget_used_ratio", "gauge", "The used part of the abandon budget; 1 is all of it.", |of| {
        of.abandon_budget_used
    }),
    ("readable", "gauge", "Whether the figures could be read.", |of| Some(f64::from(of.figures == "known"))),
];

fn count(count: u64) -> f64 {
    count as f64
}

/// The exposition.
#[must_use]
pub fn prometheus(stats: &StatsV1) -> String {
    let mut out = String::new();
    for (name, kind, help, value) in METRICS {
        let samples: Vec<_> = stats.campaigns.iter().filter_map(|of| Some((of, value(of)?))).collect();
        if samples.is_empty() {
            continue;
        }
        let _ = write!(out, "# HELP cxform_campaign_{name} {help}\n# TYPE cxform_campaign_{name} {kind}\n");
        for (campaign, value) in samples {
            let _ = writeln!(out, "cxform_campaign_{name}{{{}}} {value}", labels(stats, campaign));
        }
    }
    if stats.campaigns.iter().any(|of| of.status.is_some()) {
        out.push_str("# HELP cxform_campaign_status The run state of the campaign is this one.\n");
        out.push_str("# TYPE cxform_campaign_status gauge\n");
    }
    for campaign in stats.campaigns.iter().filter(|of| of.status.is_some()) {
        for status in CampaignStatus::ALL {
            let is = u8::from(campaign.status == Some(status.word()));
            let _ = writeln!(out, "cxform_campaign_status{{{},status=\"{status}\"}} {is}", labels(stats, campaign));
        }
    }
    out
}

/// Two campaigns may bear one name, so the id is a label too.
fn labels(stats: &StatsV1, campaign: &CampaignV1) -> String {
    let label = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let (environment, name, id) = (label(&stats.environment), label(&campaign.name), label(&campaign.id));
    format!("environment=\"{environment}\",campaign=\"{name}\",id=\"{id}\"")
}

#[cfg(test)]
mod tests {
    use cxform_model::RemoteId;
    use cxform_tenant::Figures;

    use super::*;
    use crate::stats::{CampaignStats, Reading};

    #[test]
    fn what_is_unknown_has_no_sample_and_names_are_escaped() {
        let campaign = |name: &str, reading| CampaignStats {
            id: RemoteId("c1".to_owned()),
            name: name.to_owned(),
            status: Some(CampaignStatus::Active),
            reading,
        };
        let figures = Figures { total: Some(200), ..Figures::default() };
        let rows = [
            campaign("a\"b\\c\nd", Reading::Known(figures)),
            campaign("plain", Reading::NotPermitted("no scope".to_owned())),
        ];
        let text = prometheus(&StatsV1::new("live", "https://t", jiff::Timestamp::UNIX_EPOCH, &rows));
        let calls: Vec<_> = text.lines().filter(|line| line.starts_with("cxform_campaign_calls_total")).collect();
        assert_eq!(
            calls,
            [r#"cxform_campaign_calls_total{environment="live",campaign="a\"b\\c\nd",id="c1"} 200"#],
            "{text}"
        );
        assert!(text.contains(r#"cxform_campaign_readable{environment="live",campaign="plain",id="c1"} 0"#), "{text}");
        assert!(!text.contains("efficiency_score"), "{text}");
        assert!(text.contains(r#"status="active"} 1"#) && text.contains(r#"status="paused"} 0"#), "{text}");
    }
}
