//! The proof that a campaign dials within the legal hours of its regime, wherever it calls; or a minute in which it does not.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::horizon::{Horizon, Piece, second_of_week, timestamp};
use super::regimes::{Regime, regime};
use super::schedule::{Schedule, Unclear};
use super::week::{DAY, Week};
use crate::quote::quote_text;
use crate::{Context, StandingObject, zones};

pub(crate) const REGIME: &str = "complianceSettings.regulatoryCompliance";
pub(crate) const CALLED: &str = "complianceSettings.timeZoneRestrictions";

/// What is known about the hours of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// For 400 days every call falls within the legal hours of every zone that may be called.
    Proven,
    /// Nothing is proven.
    Unproven(Unproven),
    /// Some call would not.
    Violated(Box<CounterExample>),
}

/// Why nothing is proven. As text it is a fragment that follows "nothing is proven: ".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unproven {
    /// The campaign names no regime.
    NoRegime,
    /// It names one whose hours are not known.
    UnknownRegime(String),
    /// Its times are wall clock of no zone.
    NoTimeZone,
    /// A time, a day or a zone cannot be read; where a manifest wrote it, other rules say which.
    Unreadable,
}

/// A minute in which the campaign dials and must not. As text it is a whole message, both clocks named.
#[derive(Debug, Clone, PartialEq)]
pub struct CounterExample {
    /// The law.
    pub regime: &'static Regime,
    /// The minute.
    pub at: Timestamp,
    /// The zone of the campaign's clock.
    pub zone: String,
    /// The zone where somebody is called.
    pub called: String,
    /// The place of that zone in `timeZoneRestrictions`; `None` where it is the campaign's own.
    pub restriction: Option<usize>,
    clock: TimeZone,
    called_clock: TimeZone,
}

/// Proves, for 400 days from the date of `context`, that a campaign as it stands dials within the legal hours.
///
/// What it does not say it does not have: no allowed call times are calls around the clock, and without zones that may be
/// called it calls its own. Who judges a manifest alone, beside an unread tenant, has to mind what is left out.
#[must_use]
pub fn proof(campaign: StandingObject<'_>, context: &Context) -> Proof {
    prove(campaign, context).unwrap_or_else(Proof::Unproven)
}

fn prove(campaign: StandingObject<'_>, context: &Context) -> Result<Proof, Unproven> {
    let name = campaign.value(REGIME).and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or(Unproven::NoRegime)?;
    let regime = regime(name).ok_or_else(|| Unproven::UnknownRegime(name.to_owned()))?;
    let schedule = Schedule::of(campaign).map_err(|unclear| match unclear {
        Unclear::NoZone => Unproven::NoTimeZone,
        Unclear::Unreadable => Unproven::Unreadable,
    })?;
    let horizon = Horizon::of(context.as_of, &schedule.zone);
    let legal = regime.week();
    let earliest = called(campaign, &schedule)?
        .into_iter()
        .filter_map(|called| Some((first_illegal(&schedule, &called.clock, &legal, horizon)?, called)))
        .min_by_key(|(second, called)| (*second, called.restriction));
    Ok(earliest.map_or(Proof::Proven, |(second, called)| {
        Proof::Violated(Box::new(CounterExample {
            regime,
            at: timestamp(second),
            zone: schedule.name,
            called: called.name,
            restriction: called.restriction,
            clock: schedule.zone,
            called_clock: called.clock,
        }))
    }))
}

/// A zone where somebody is called.
struct Called {
    name: String,
    clock: TimeZone,
    restriction: Option<usize>,
}

fn called(campaign: StandingObject<'_>, schedule: &Schedule) -> Result<Vec<Called>, Unproven> {
    let restrictions = campaign.items(CALLED);
    if restrictions.is_empty() {
        return Ok(vec![Called { name: schedule.name.clone(), clock: schedule.zone.clone(), restriction: None }]);
    }
    let read = |(at, zone): (usize, &Value)| {
        let name = zone.as_str().map(str::trim)?;
        Some(Called { name: name.to_owned(), clock: zones::get(name)?, restriction: Some(at) })
    };
    restrictions.iter().enumerate().map(|zone| read(zone).ok_or(Unproven::Unreadable)).collect()
}

fn first_illegal(schedule: &Schedule, called: &TimeZone, legal: &Week, horizon: Horizon) -> Option<i64> {
    let first = |piece: Piece| {
        let ahead = piece.offset(&schedule.zone) - piece.offset(called);
        let illegal = schedule.week.minus(&legal.ahead(ahead));
        piece.spans(&illegal, &schedule.zone).next().map(|(start, _)| start)
    };
    horizon.pieces([&schedule.zone, called]).into_iter().find_map(first)
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRegime => f.write_str("the campaign names no `regulatoryCompliance`"),
            Self::UnknownRegime(name) => write!(f, "the legal hours of {} are not known", quote_text(name)),
            Self::NoTimeZone => f.write_str("its times are wall clock, and it has no `timeZone`"),
            Self::Unreadable => f.write_str("a time, a day or a zone of it cannot be read"),
        }
    }
}

impl CounterExample {
    /// The second of the week that the campaign's clock shows.
    pub(crate) fn second_of_week(&self) -> i64 {
        second_of_week(self.at.as_second(), self.clock.to_offset(self.at).seconds().into())
    }
}

impl fmt::Display for CounterExample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { regime, at, zone, called, restriction: _, clock, called_clock } = self;
        let (here, there) = (at.to_zoned(clock.clone()), at.to_zoned(called_clock.clone()));
        write!(f, "it would call at {} in `{zone}`, ", here.strftime("%a %Y-%m-%d %H:%M"))?;
        if called != zone {
            let form = if here.date() == there.date() { "%H:%M" } else { "%a %H:%M" };
            write!(f, "which is {} in `{called}`, ", there.strftime(form))?;
        }
        let second = second_of_week(at.as_second(), called_clock.to_offset(*at).seconds().into());
        match regime.hours_of(usize::try_from(second / DAY).unwrap_or_default()) {
            Some(hours) => write!(f, "outside of {hours}, the hours of `{}` ({})", regime.name, regime.citation),
            None => write!(f, "a day on which `{}` allows no calls ({})", regime.name, regime.citation),
        }
    }
}
