//! The days that a proof covers, cut where a clock changes.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::week::{DAY, Week};

/// Over a year, so that every change of every clock is met, and no month is only half looked at.
const DAYS: i64 = 400;
/// 1970-01-01 was a Thursday.
const MONDAY: i64 = 3 * DAY;

/// Some days from a date on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Horizon {
    start: i64,
    end: i64,
}

/// A time in which no clock changes: `start` to `end`, both in seconds of the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) start: i64,
    /// At most a week after the start: everything repeats until the next clock changes.
    pub(crate) end: i64,
}

impl Horizon {
    /// From midnight of a date by the clock of a zone.
    pub(crate) fn of(date: Date, zone: &TimeZone) -> Self {
        let midnight = date.to_zoned(zone.clone()).map(|midnight| midnight.timestamp());
        // Beyond the years that a clock can show there is no midnight; the edge of them is near enough.
        let edge = if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let start = midnight.unwrap_or(edge).as_second();
        Self { start, end: (start + DAYS * DAY).min(Timestamp::MAX.as_second()) }
    }

    /// Its pieces by the clocks of some zones, in order.
    pub(crate) fn pieces<'z>(self, zones: impl IntoIterator<Item = &'z TimeZone>) -> Vec<Piece> {
        let mut cuts = vec![self.start, self.end];
        for zone in zones {
            let changes = zone.following(timestamp(self.start)).map(|change| change.timestamp().as_second());
            cuts.extend(changes.take_while(|change| *change < self.end));
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|cut| Piece { start: cut[0], end: cut[1].min(cut[0] + Week::LENGTH) }).collect()
    }
}

impl Piece {
    /// The spans of a set that is told by the clock of a zone, in seconds of the epoch.
    pub(crate) fn spans<'w>(self, week: &'w Week, zone: &TimeZone) -> impl Iterator<Item = (i64, i64)> + use<'w> {
        let local = self.offset(zone) + MONDAY;
        week.between(self.start + local, self.end + local).map(move |(start, end)| (start - local, end - local))
    }

    /// How far ahead of universal time the clock of a zone is.
    pub(crate) fn offset(self, zone: &TimeZone) -> i64 {
        zone.to_offset(timestamp(self.start)).seconds().into()
    }
}

/// The second of the week that a clock shows, so many seconds ahead of universal time.
pub(crate) const fn second_of_week(second: i64, offset: i64) -> i64 {
    (second + offset + MONDAY).rem_euclid(Week::LENGTH)
}

pub(crate) fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
