//! When a campaign dials, as its fields say.

use cxform_model::wall_clock;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::week::{DAY, Week};
use crate::clock::{CALL_TIMES, PAUSES, Spans};
use crate::{StandingObject, zones};

pub(crate) const ZONE: &str = "complianceSettings.timeZone";
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The seconds of the week in which a campaign dials, by the clock of a zone.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) zone: TimeZone,
    /// The zone's name; without one, a campaign that dials around the clock dials by universal time.
    pub(crate) name: String,
    pub(crate) week: Week,
}

/// Why nobody can tell when a campaign dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// Its times are wall clock of no zone.
    NoZone,
    /// A time, a day or a zone is none.
    Unreadable,
}

impl Schedule {
    /// No allowed call times mean around the clock.
    pub(crate) fn of(campaign: StandingObject<'_>) -> Result<Self, Unclear> {
        let spans = |spans: Spans| match campaign.value(spans.path) {
            None | Some(Value::Null) => Ok(Week::default()),
            Some(value) => seconds(value, spans).ok_or(Unclear::Unreadable),
        };
        let nothing = campaign.items(CALL_TIMES.path).is_empty();
        let allowed = spans(CALL_TIMES)?;
        let week = if nothing { Week::full() } else { allowed }.minus(&spans(PAUSES)?);
        match campaign.value(ZONE).and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => {
                let zone = zones::get(name).ok_or(Unclear::Unreadable)?;
                Ok(Self { zone, name: name.to_owned(), week })
            }
            None if week.is_full() => Ok(Self { zone: TimeZone::UTC, name: "UTC".to_owned(), week }),
            None => Err(Unclear::NoZone),
        }
    }
}

/// The seconds of the week that a value of `allowedCallTimes` covers; `None` where it cannot be read.
#[must_use]
pub fn call_times(value: &Value) -> Option<Week> {
    seconds(value, CALL_TIMES)
}

/// The seconds of the week that a value of `pauseRules` covers; `None` where it cannot be read.
#[must_use]
pub fn pauses(value: &Value) -> Option<Week> {
    seconds(value, PAUSES)
}

fn seconds(value: &Value, spans: Spans) -> Option<Week> {
    let mut all = Vec::new();
    for record in value.as_array()? {
        all.extend(starts(record, spans)?);
    }
    Some(Week::of(all))
}

/// The starts and lengths of one window in a week. Without days it opens on every day.
fn starts(record: &Value, spans: Spans) -> Option<Vec<(i64, i64)>> {
    let second = |member| {
        let (hour, minute) = wall_clock(record.get(member)?.as_str()?)?;
        Some(i64::from(hour) * 3600 + i64::from(minute) * 60)
    };
    let (start, end) = (second(spans.start)?, second(spans.end)?);
    // Never or always: nobody knows which.
    if start == end || start == DAY {
        return None;
    }
    let length = if end > start { end - start } else { end + DAY - start };
    let days: Vec<i64> = match record.get("days") {
        None => (0..7).collect(),
        Some(days) => days.as_array()?.iter().map(day).collect::<Option<_>>()?,
    };
    Some(days.into_iter().map(|day| (day * DAY + start, length)).collect())
}

fn day(name: &Value) -> Option<i64> {
    let name = name.as_str()?.trim();
    (0..).zip(DAYS).find(|(_, day)| day.eq_ignore_ascii_case(name)).map(|(at, _)| at)
}

/// The window that is open at a second of the week, by its place in the list, and whether it opens right then.
pub(crate) fn window_at(campaign: StandingObject<'_>, second: i64) -> Option<(usize, bool)> {
    let open = |record: &Value| -> Option<bool> {
        let starts = starts(record, CALL_TIMES)?;
        let since = starts.into_iter().map(|(start, length)| ((second - start).rem_euclid(Week::LENGTH), length));
        since.filter(|(since, length)| since < length).map(|(since, _)| since == 0).reduce(|one, other| one || other)
    };
    campaign.items(CALL_TIMES.path).iter().enumerate().find_map(|(at, record)| Some((at, open(record)?)))
}
