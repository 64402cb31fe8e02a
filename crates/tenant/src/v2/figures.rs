//! Figures of a campaign: bodies -> counts and shares. What is absent, negative, no number or beyond its range is
//! unknown; a campaign that is tuned by a guess dials too many people.

use cxform_model::CampaignStatus;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::decode::{Malformed, body_version, given, members, wanted};
use crate::{Figures, Interval, Summary};

/// Totals so far \[002\].
pub(crate) fn figures(body: &Value) -> Result<Figures, Malformed> {
    let body = members("statistics", body)?;
    let status = given(body, "status").and_then(Value::as_str);
    Ok(Figures {
        version: body_version(body),
        status: status.and_then(CampaignStatus::from_word),
        total: count(body, "totalCalls"),
        answered: count(body, "answeredCalls"),
        abandoned: count(body, "abandonedCalls"),
        utilization: number(body, "agentUtilization").filter(|share| (0.0..=100.0).contains(share)),
        violations: count(body, "complianceViolations"),
    })
}

/// One row of the analytics \[003\]. A row that does not say when it was is worth nothing.
pub(crate) fn interval(body: &Value) -> Result<Interval, Malformed> {
    let body = members("interval", body)?;
    let start = body.get("startTime");
    let start: Timestamp = start
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Malformed::at("interval", "startTime", &wanted("an RFC 3339 instant", start)))?;
    Ok(Interval {
        start,
        answer_rate: share(body, "answerRate"),
        abandon_rate: share(body, "abandonRate"),
        connected: count(body, "connectedCalls"),
        attempted: count(body, "attemptedCalls"),
    })
}

/// What stands beside the rows \[003\].
pub(crate) fn summary(beside: &Map<String, Value>) -> Summary {
    let Some(Value::Object(summary)) = beside.get("summary") else { return Summary::default() };
    Summary { answer_rate: share(summary, "answerRate"), abandon_rate: share(summary, "abandonRate") }
}

fn number(body: &Map<String, Value>, name: &str) -> Option<f64> {
    body.get(name)?.as_f64().filter(|number| number.is_finite())
}

fn share(body: &Map<String, Value>, name: &str) -> Option<f64> {
    number(body, name).filter(|share| (0.0..=1.0).contains(share))
}

/// A whole number that is not negative; `12.0` is one.
fn count(body: &Map<String, Value>, name: &str) -> Option<u64> {
    /// Beyond it a float no longer tells one count from the next.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let value = body.get(name)?;
    let whole = |number: f64| (number.fract() == 0.0 && (0.0..EXACT).contains(&number)).then_some(number as u64);
    value.as_u64().or_else(|| value.as_f64().and_then(whole))
}

#[cfg(test)]
mod tests {
    use cxform_model::Version;
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_read_as_they_stand() {
        let body = json!({ "version": 7, "status": "ACTIVE", "totalCalls": 200, "answeredCalls": 120.0, "abandonedCalls": 3,
                           "agentUtilization": 81.5, "complianceViolations": 0 });
        let expected = Figures {
            version: Some(Version(7)),
            status: Some(CampaignStatus::Active),
            total: Some(200),
            answered: Some(120),
            abandoned: Some(3),
            utilization: Some(81.5),
            violations: Some(0),
        };
        assert_eq!(figures(&body), Ok(expected));
    }

    #[test]
    fn what_makes_no_sense_is_unknown_and_never_nought() {
        for odd in [
            json!(null),
            json!(-1),
            json!(1.5),
            json!("12"),
            json!("NaN"),
            json!([]),
            json!({}),
            json!(true),
            json!(1e300),
        ] {
            let body = json!({ "version": odd, "status": odd, "totalCalls": odd, "answeredCalls": odd, "abandonedCalls": odd,
                               "complianceViolations": odd });
            assert_eq!(figures(&body), Ok(Figures::default()), "{odd}");
        }
        for odd in [json!(-0.1), json!(100.1), json!("80"), json!(null)] {
            assert_eq!(figures(&json!({ "agentUtilization": odd })).unwrap().utilization, None, "{odd}");
        }
        assert_eq!(figures(&json!({})), Ok(Figures::default()));
        assert!(figures(&json!([])).is_err());
    }

    #[test]
    fn a_row_needs_its_time_and_nothing_else() {
        let row = interval(&json!({ "startTime": "2026-12-01T09:00:00-05:00", "answerRate": 65, "abandonRate": -0.1 }));
        let row = row.unwrap();
        assert_eq!(row.start.to_string(), "2026-12-01T14:00:00Z");
        assert_eq!((row.answer_rate, row.abandon_rate, row.connected, row.attempted), (None, None, None, None));
        let error = interval(&json!({ "startTime": "yesterday" })).unwrap_err().0;
        assert_eq!(error, "interval: `startTime` is text, not an RFC 3339 instant");
    }
}
