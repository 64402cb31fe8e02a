//! The forms of an export: CSV for spreadsheets, one JSON document for programs. Both are written as rows come.

use std::io::Write;

use cxform_record::csv_line;
use cxform_tenant::Interval;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::sums::{self, Sums};
use super::{About, Of};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180, with a header; sums are lines of their own.
    Csv,
    /// One document, as `schemas/intervals.schema.json` describes it.
    Json,
}

const HEADER: [&str; 12] = [
    "record",
    "campaign",
    "id",
    "startTime",
    "timeZone",
    "attemptedCalls",
    "connectedCalls",
    "answerRate",
    "abandonRate",
    "efficiency",
    "intervals",
    "unknownIntervals",
];

pub(super) struct Rows<W> {
    out: W,
    form: Form,
    about: About,
    /// Whether an interval was written already.
    begun: bool,
    /// The campaigns of a document follow its intervals: one small value for each.
    campaigns: Vec<Value>,
}

impl<W: Write> Rows<W> {
    pub(super) fn begin(mut out: W, form: Form, about: About) -> std::io::Result<Self> {
        match form {
            Form::Csv => csv_line(&mut out, HEADER)?,
            Form::Json => {
                let mut head = json!({
                    "formatVersion": 1,
                    "environment": about.environment,
                    "tenant": about.tenant,
                    "readAt": format!("{:.0}", about.read_at),
                    "from": local(&about, about.span.from),
                    "to": local(&about, about.span.until),
                    "timeZone": about.zone_name,
                })
                .to_string();
                head.pop();
                write!(out, "{head},\n\"intervals\":[")?;
            }
        }
        Ok(Self { out, form, about, begun: false, campaigns: Vec::new() })
    }

    pub(super) fn interval(&mut self, of: Of<'_>, interval: &Interval) -> std::io::Result<()> {
        let Interval { start, answer_rate, abandon_rate, connected, attempted } = interval;
        let start = local(&self.about, *start);
        let efficiency = sums::efficiency(interval);
        match self.form {
            Form::Csv => {
                let cells = [
                    known(attempted),
                    known(connected),
                    known(answer_rate),
                    known(abandon_rate),
                    four(efficiency),
                    String::new(),
                    String::new(),
                ];
                let head = ["interval", of.name, &of.id.0, &start, &self.about.zone_name];
                csv_line(&mut self.out, head.into_iter().chain(cells.iter().map(String::as_str)))
            }
            Form::Json => {
                let row = json!({
                    "campaign": of.name, "id": of.id.0, "startTime": start, "attemptedCalls": attempted,
                    "connectedCalls": connected, "answerRate": answer_rate, "abandonRate": abandon_rate,
                    "efficiency": efficiency,
                });
                let between = if std::mem::replace(&mut self.begun, true) { ",\n" } else { "\n" };
                write!(self.out, "{between}{row}")
            }
        }
    }

    pub(super) fn campaign(&mut self, of: Of<'_>, sums: &Sums) -> std::io::Result<()> {
        match self.form {
            Form::Csv => self.sum_line("campaign", of.name, &of.id.0, sums),
            Form::Json => {
                let mut summed = summed(sums);
                summed["campaign"] = of.name.into();
                summed["id"] = of.id.0.clone().into();
                self.campaigns.push(summed);
                Ok(())
            }
        }
    }

    pub(super) fn finish(mut self, total: &Sums) -> std::io::Result<()> {
        match self.form {
            Form::Csv => self.sum_line("total", "", "", total)?,
            Form::Json => {
                let campaigns = Value::Array(std::mem::take(&mut self.campaigns));
                write!(self.out, "\n],\n\"campaigns\":{campaigns},\n\"total\":{}}}\n", summed(total))?;
            }
        }
        self.out.flush()
    }

    fn sum_line(&mut self, record: &str, name: &str, id: &str, sums: &Sums) -> std::io::Result<()> {
        let Sums { intervals, unknown, attempted, connected } = sums;
        let cells = [
            attempted.to_string(),
            connected.to_string(),
            String::new(),
            String::new(),
            four(sums.efficiency()),
            intervals.to_string(),
            unknown.to_string(),
        ];
        let head = [record, name, id, "", &self.about.zone_name];
        csv_line(&mut self.out, head.into_iter().chain(cells.iter().map(String::as_str)))
    }
}

/// A time by the clock of the zone, with its offset.
fn local(about: &About, at: Timestamp) -> String {
    at.to_zoned(about.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn summed(sums: &Sums) -> Value {
    let Sums { intervals, unknown, attempted, connected } = sums;
    json!({ "intervals": intervals, "unknownIntervals": unknown, "attemptedCalls": attempted,
            "connectedCalls": connected, "efficiency": sums.efficiency() })
}

fn known<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(T::to_string).unwrap_or_default()
}

fn four(share: Option<f64>) -> String {
    share.map(|share| format!("{share:.4}")).unwrap_or_default()
}
