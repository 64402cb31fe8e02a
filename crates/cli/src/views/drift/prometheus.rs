//! Differences as gauges: a text file that a node exporter picks up.

use cxform_model::Severity;
use cxform_plan::Side;

use crate::drifting::v1::DriftReportV1;

/// The text format. Every series is there even at zero, so that an alert can tell none from unknown.
pub fn metrics(report: &DriftReportV1, now: jiff::Timestamp) -> String {
    let about = format!("project=\"{}\",environment=\"{}\"", label(&report.project), label(&report.environment));
    let mut text = String::from(
        "# HELP cxform_drift Differences between git and the tenant that nobody accepted.\n# TYPE cxform_drift gauge\n",
    );
    for severity in Severity::ALL {
        for side in Side::ALL.map(|side| Some(side.word())).into_iter().chain([None]) {
            let count = report.awake().filter(|drift| drift.weight == severity && drift.side == side).count();
            let (severity, side) = (severity.word(), side.unwrap_or("unknown"));
            text.push_str(&format!("cxform_drift{{{about},severity=\"{severity}\",side=\"{side}\"}} {count}\n"));
        }
    }
    let mut gauge = |name: &str, help: &str, value: String| {
        text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name}{{{about}}} {value}\n"));
    };
    let (snoozed, in_sync) = (report.summary.snoozed, report.summary.in_sync);
    gauge("cxform_drift_snoozed", "Differences that are accepted for a while.", snoozed.to_string());
    gauge("cxform_drift_in_sync", "Managed objects that are what git says.", in_sync.to_string());
    gauge("cxform_drift_last_check_timestamp_seconds", "When this was looked at.", now.as_second().to_string());
    text
}

/// A label's value: three characters are escaped.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_is_there_even_at_zero() {
        let report = DriftReportV1 {
            project: "a\"b\\c".to_owned(),
            environment: "prod".to_owned(),
            in_sync: 7,
            ..DriftReportV1::default()
        };
        let text = metrics(&report.counted(), "2026-11-26T00:00:00Z".parse().unwrap());
        assert_eq!(text.matches("cxform_drift{").count(), 12);
        let about = r#"{project="a\"b\\c",environment="prod""#;
        assert!(text.contains(&format!("cxform_drift{about},severity=\"critical\",side=\"tenant\"}} 0\n")), "{text}");
        assert!(text.contains(&format!("cxform_drift_in_sync{about}}} 7\n")), "{text}");
        assert!(
            text.lines().all(|line| line.starts_with('#') || line.rsplit(' ').next().unwrap().parse::<i64>().is_ok())
        );
    }
}
