//! The spans of wall-clock time that a campaign names: windows in which it calls, and pauses.

use cxform_model::wall_clock;
use serde_json::Value;

use crate::StandingObject;

/// Where spans are written: the field, and the names of its two ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spans {
    pub path: &'static str,
    pub start: &'static str,
    pub end: &'static str,
}

pub(crate) const CALL_TIMES: Spans = Spans { path: "complianceSettings.allowedCallTimes", start: "start", end: "end" };
pub(crate) const PAUSES: Spans = Spans { path: "complianceSettings.pauseRules", start: "startTime", end: "endTime" };

/// One span as written.
pub(crate) struct Span<'a> {
    pub index: usize,
    pub record: &'a Value,
    pub start: Option<&'a str>,
    pub end: Option<&'a str>,
}

impl Spans {
    pub(crate) fn of<'a>(self, campaign: StandingObject<'a>) -> impl Iterator<Item = Span<'a>> {
        let text = |record: &'a Value, member| record.get(member).and_then(Value::as_str);
        campaign.items(self.path).iter().enumerate().map(move |(index, record)| Span {
            index,
            record,
            start: text(record, self.start),
            end: text(record, self.end),
        })
    }
}

impl Span<'_> {
    /// The one time at which it both starts and ends, if that is so.
    pub(crate) fn instant(&self) -> Option<String> {
        let (start, end) = (wall_clock(self.start?)?, wall_clock(self.end?)?);
        (start == end).then(|| format!("`{:02}:{:02}`", start.0, start.1))
    }
}
