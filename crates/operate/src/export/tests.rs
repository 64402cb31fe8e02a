//! What an export writes, and that a year of it is never in memory.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cxform_model::RemoteId;
use cxform_tenant::{Interval, Span, TenantError};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{About, Export, Form, Of, Pages, Sums};

fn about(zone: &str) -> About {
    let from: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    About {
        environment: "prod".to_owned(),
        tenant: "https://t".to_owned(),
        read_at: from,
        span: Span { from, until: from + SignedDuration::from_hours(24) },
        zone: TimeZone::get(zone).unwrap(),
        zone_name: zone.to_owned(),
    }
}

fn row(start: &str, connected: Option<u64>, attempted: Option<u64>) -> Interval {
    Interval { start: start.parse().unwrap(), answer_rate: Some(0.25), abandon_rate: None, connected, attempted }
}

struct Told(Vec<Vec<Interval>>);

impl Pages for Told {
    async fn next(&mut self) -> Result<Option<Vec<Interval>>, TenantError> {
        Ok(if self.0.is_empty() { None } else { Some(self.0.remove(0)) })
    }
}

/// Two campaigns over the night in which New York sets its clocks back.
async fn told(form: Form) -> String {
    let mut out = Vec::new();
    let mut export = Export::begin(&mut out, form, about("America/New_York")).unwrap();
    let (one, two) = (RemoteId("c1".to_owned()), RemoteId("c2".to_owned()));
    let mut pages = Told(vec![
        vec![row("2026-11-01T05:30:00Z", Some(1), Some(3))],
        vec![row("2026-11-01T06:30:00Z", Some(30), Some(60)), row("2026-11-01T07:30:00Z", None, Some(9))],
    ]);
    let mut seen = Vec::new();
    let sums = export.campaign(Of { id: &one, name: "=q3" }, &mut pages, |rows| seen.push(rows)).await.unwrap();
    assert_eq!((sums, seen), (Sums { intervals: 3, unknown: 1, attempted: 63, connected: 31 }, vec![1, 2]));
    export.campaign(Of { id: &two, name: "idle" }, &mut Told(Vec::new()), |_| {}).await.unwrap();
    export.finish().unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn a_spreadsheet_gets_rows_sums_and_the_zone_in_every_line() {
    insta::assert_snapshot!(told(Form::Csv).await.replace("\r\n", "\n"), @r#"
    record,campaign,id,startTime,timeZone,attemptedCalls,connectedCalls,answerRate,abandonRate,efficiency,intervals,unknownIntervals
    interval,"'=q3",c1,2026-11-01T01:30:00-04:00,America/New_York,3,1,0.25,,0.3333,,
    interval,"'=q3",c1,2026-11-01T01:30:00-05:00,America/New_York,60,30,0.25,,0.5000,,
    interval,"'=q3",c1,2026-11-01T02:30:00-05:00,America/New_York,9,,0.25,,,,
    campaign,"'=q3",c1,,America/New_York,63,31,,,0.4921,3,1
    campaign,idle,c2,,America/New_York,0,0,,,,0,0
    total,,,,America/New_York,63,31,,,0.4921,3,1
    "#);
}

#[tokio::test]
async fn a_program_gets_one_document() {
    let document: Value = serde_json::from_str(&told(Form::Json).await).unwrap();
    assert_eq!(
        (&document["timeZone"], &document["from"]),
        (&json!("America/New_York"), &json!("2026-10-31T20:00:00-04:00"))
    );
    let rows = document["intervals"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["efficiency"], &rows[2]["efficiency"]), (3, &json!(0.3333), &Value::Null));
    assert_eq!(document["campaigns"][1]["efficiency"], Value::Null, "without calls there is none");
    assert_eq!(
        document["total"],
        json!({ "intervals": 3, "unknownIntervals": 1, "attemptedCalls": 63, "connectedCalls": 31, "efficiency": 0.4921 })
    );
}

#[tokio::test]
async fn nothing_to_tell_is_a_document_all_the_same() {
    let mut out = Vec::new();
    Export::begin(&mut out, Form::Json, about("UTC")).unwrap().finish().unwrap();
    let document: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&document["intervals"], &document["campaigns"]), (&json!([]), &json!([])));
}

/// Counts rows that arrive, and keeps none.
struct Counting(Arc<AtomicUsize>);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.fetch_add(bytes.iter().filter(|byte| **byte == b'\n').count(), Ordering::SeqCst);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A year. Whenever a page is asked for, all rows of the earlier ones have been written.
struct Year {
    intervals: usize,
    given: usize,
    written: Arc<AtomicUsize>,
    most_waiting: usize,
}

impl Year {
    const MINUTES: usize = 365 * 24 * 60;
    const QUARTERS: usize = 365 * 24 * 4;
    const PAGE: usize = 250;
}

impl Pages for Year {
    async fn next(&mut self) -> Result<Option<Vec<Interval>>, TenantError> {
        // The header is a line as well.
        let waiting = (self.given + 1).saturating_sub(self.written.load(Ordering::SeqCst));
        self.most_waiting = self.most_waiting.max(waiting);
        let size = Self::PAGE.min(self.intervals - self.given);
        let begin: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let page: Vec<_> = (self.given..self.given + size)
            .map(|minute| Interval {
                start: begin + SignedDuration::from_mins(i64::try_from(minute).unwrap()),
                answer_rate: Some(0.5),
                abandon_rate: Some(0.01),
                connected: Some(1),
                attempted: Some(2),
            })
            .collect();
        self.given += size;
        Ok((!page.is_empty()).then_some(page))
    }
}

#[tokio::test]
async fn a_year_is_written_as_it_comes() {
    for (form, intervals) in [(Form::Csv, Year::MINUTES), (Form::Json, Year::QUARTERS)] {
        let written = Arc::new(AtomicUsize::new(0));
        let mut year = Year { intervals, given: 0, written: Arc::clone(&written), most_waiting: 0 };
        let mut export = Export::begin(Counting(Arc::clone(&written)), form, about("UTC")).unwrap();
        let id = RemoteId("c1".to_owned());
        let sums = export.campaign(Of { id: &id, name: "q3" }, &mut year, |_| {}).await.unwrap();
        assert_eq!((sums.intervals, sums.efficiency()), (intervals as u64, Some(0.5)));
        assert_eq!(year.most_waiting, 0, "{form:?}");
    }
}
