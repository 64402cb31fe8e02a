//! The regimes of calling hours: rule packs as data, each with its citation. Adding one is adding a row.

use super::week::{DAY, Week};

/// The hours in which a law allows calls, by the clock of the called party.
#[derive(Debug, PartialEq, Eq)]
pub struct Regime {
    /// The word in `regulatoryCompliance`; case does not matter.
    pub name: &'static str,
    /// From and until which hour, in minutes of the day, Monday first; `None` is a day without calls.
    pub hours: [Option<(u16, u16)>; 7],
    /// The law.
    pub citation: &'static str,
    /// Since when it has been so.
    pub since: &'static str,
    /// Whom it binds, for the manual.
    pub about: &'static str,
}

const fn daily(from: u16, until: u16) -> [Option<(u16, u16)>; 7] {
    [Some((from, until)); 7]
}

const fn hour(hour: u16, minute: u16) -> u16 {
    hour * 60 + minute
}

const CANADIAN_WEEKDAY: Option<(u16, u16)> = Some((hour(9, 0), hour(21, 30)));
const CANADIAN_WEEKEND: Option<(u16, u16)> = Some((hour(10, 0), hour(18, 0)));

/// Every regime whose hours are known.
pub static REGIMES: &[Regime] = &[
    Regime {
        name: "TCPA",
        hours: daily(hour(8, 0), hour(21, 0)),
        citation: "47 CFR 64.1200(c)(1)",
        since: "1992-12-20",
        about: "telephone solicitations to residential subscribers, United States",
    },
    Regime {
        name: "TSR",
        hours: daily(hour(8, 0), hour(21, 0)),
        citation: "16 CFR 310.4(c)",
        since: "1995-12-31",
        about: "outbound telemarketing, United States",
    },
    Regime {
        name: "FTSA",
        hours: daily(hour(8, 0), hour(20, 0)),
        citation: "Fla. Stat. 501.616(6)(a)",
        since: "2021-07-01",
        about: "commercial telephone solicitation, Florida",
    },
    Regime {
        name: "CRTC",
        hours: [
            CANADIAN_WEEKDAY,
            CANADIAN_WEEKDAY,
            CANADIAN_WEEKDAY,
            CANADIAN_WEEKDAY,
            CANADIAN_WEEKDAY,
            CANADIAN_WEEKEND,
            CANADIAN_WEEKEND,
        ],
        citation: "CRTC Unsolicited Telecommunications Rules, Part III",
        since: "2008-09-30",
        about: "telemarketing, Canada",
    },
];

/// The regime of a name.
#[must_use]
pub fn regime(name: &str) -> Option<&'static Regime> {
    REGIMES.iter().find(|regime| regime.name.eq_ignore_ascii_case(name.trim()))
}

impl Regime {
    /// The hours as a set of seconds of the week.
    pub(crate) fn week(&self) -> Week {
        let days = (0..).zip(self.hours);
        Week::of(days.filter_map(|(day, hours)| {
            let (from, until) = hours?;
            Some((day * DAY + i64::from(from) * 60, (i64::from(until) - i64::from(from)) * 60))
        }))
    }

    /// The hours of one day, Monday being the first: `08:00 to 21:00`, or `None` for a day without calls.
    pub(crate) fn hours_of(&self, day: usize) -> Option<String> {
        let (from, until) = self.hours.get(day).copied().flatten()?;
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        Some(format!("{} to {}", clock(from), clock(until)))
    }
}
