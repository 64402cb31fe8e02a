//! Which way a change goes: stricter calling first, laxer calling last, and anything unclear counts as laxer.

use std::collections::BTreeSet;

use cxform_model::{CampaignStatus, Field, Tighter, canonical_field, instant, wall_clock};
use serde_json::Value;

/// In the order in which steps go where nothing else decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    Tightening,
    Neutral,
    /// Some fields tighten, others loosen, in one request.
    Mixed,
    Loosening,
}

impl Direction {
    pub(crate) const fn and(self, other: Self) -> Self {
        use Direction::{Loosening, Mixed, Neutral, Tightening};
        match (self, other) {
            (Neutral, one) | (one, Neutral) => one,
            (Tightening, Tightening) => Tightening,
            (Loosening, Loosening) => Loosening,
            _ => Mixed,
        }
    }

    pub(crate) const fn of_transition(to: CampaignStatus) -> Self {
        match to {
            CampaignStatus::Active => Self::Loosening,
            CampaignStatus::Draft | CampaignStatus::Paused | CampaignStatus::Completed => Self::Tightening,
        }
    }

    /// The direction of one field.
    pub(crate) fn of(field: Field, before: Option<&Value>, after: Option<&Value>) -> Self {
        let before = canonical_field(field, before);
        let after = canonical_field(field, after);
        if before == after {
            return Self::Neutral;
        }
        match field.policy().tighter {
            Tighter::Neutral | Tighter::Neither => Self::Neutral,
            Tighter::Unchanged => Self::Loosening,
            Tighter::True => tightens(after == Value::Bool(true)),
            Tighter::Lower => by_number(&after, &before),
            Tighter::Higher => by_number(&before, &after),
            Tighter::Later => by_start(&before, &after),
            Tighter::Earlier(words) => by_place(words, &after, &before),
            Tighter::Given => tightens(before == canonical_field(field, None)),
            Tighter::Fewer => by_content(field, &after, &before, Nothing::Unlimited),
            Tighter::More => by_content(field, &before, &after, Nothing::Empty),
        }
    }
}

const fn tightens(yes: bool) -> Direction {
    if yes { Direction::Tightening } else { Direction::Loosening }
}

fn by_number(smaller: &Value, greater: &Value) -> Direction {
    tightens(matches!((smaller.as_f64(), greater.as_f64()), (Some(smaller), Some(greater)) if smaller < greater))
}

fn by_start(sooner: &Value, later: &Value) -> Direction {
    let start = |value: &Value| instant(value.as_str()?);
    tightens(match (sooner, later) {
        (Value::Null, later) => start(later).is_some(),
        (sooner, later) => matches!((start(sooner), start(later)), (Some(sooner), Some(later)) if sooner < later),
    })
}

fn by_place(words: &[&str], smaller: &Value, greater: &Value) -> Direction {
    let place = |value: &Value| {
        words.iter().position(|word| value.as_str().is_some_and(|text| word.eq_ignore_ascii_case(text)))
    };
    tightens(matches!((place(smaller), place(greater)), (Some(smaller), Some(greater)) if smaller < greater))
}

/// What no value means: for what may be dialled nobody said a limit, for what may not nothing is excluded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nothing {
    Unlimited,
    Empty,
}

fn by_content(field: Field, smaller: &Value, greater: &Value, nothing: Nothing) -> Direction {
    let minutes = match field.path() {
        "complianceSettings.allowedCallTimes" => Some(("start", "end")),
        "complianceSettings.pauseRules" => Some(("startTime", "endTime")),
        _ => None,
    };
    let within = match (smaller, greater) {
        // Without windows a campaign calls around the clock; without lists or zones others decide.
        (smaller, Value::Null) if minutes.is_some() && nothing == Nothing::Unlimited => {
            minutes.is_some_and(|names| week(smaller, names).is_some())
        }
        (Value::Null, _) | (_, Value::Null) if nothing == Nothing::Unlimited => false,
        (Value::Null, _) => true,
        (_, Value::Null) => false,
        _ => match minutes {
            Some(names) => match (week(smaller, names), week(greater, names)) {
                (Some(smaller), Some(greater)) if smaller == greater => return Direction::Neutral,
                (Some(smaller), Some(greater)) => smaller.iter().zip(&greater).all(|(small, great)| *great || !small),
                _ => false,
            },
            None => match (elements(smaller), elements(greater)) {
                (smaller, greater) if smaller == greater => return Direction::Neutral,
                (smaller, greater) => smaller.is_subset(&greater),
            },
        },
    };
    tightens(within)
}

fn elements(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(Value::to_string).collect()
}

const DAY: usize = 24 * 60;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The minutes of a week that windows cover; one without days covers every day. `None` where a window cannot be read.
fn week(windows: &Value, (start, end): (&str, &str)) -> Option<Vec<bool>> {
    let mut covered = vec![false; 7 * DAY];
    for window in windows.as_array()? {
        let minute = |name| {
            let (hour, minute) = wall_clock(window.get(name)?.as_str()?)?;
            Some(usize::from(hour) * 60 + usize::from(minute))
        };
        let (start, end) = (minute(start)?, minute(end)?);
        if start == end {
            return None;
        }
        let length = if end > start { end - start } else { end + DAY - start };
        let days: Vec<usize> = match window.get("days") {
            None => (0..7).collect(),
            Some(days) => days
                .as_array()?
                .iter()
                .map(|day| DAYS.iter().position(|name| day.as_str().is_some_and(|day| day.eq_ignore_ascii_case(name))))
                .collect::<Option<_>>()?,
        };
        for day in days {
            for minute in 0..length {
                covered[(day * DAY + start + minute) % (7 * DAY)] = true;
            }
        }
    }
    Some(covered)
}

#[cfg(test)]
mod tests {
    use cxform_model::Kind;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn assert_direction(path: &str, before: Value, after: Value, direction: Direction) {
        let field = Field::find(Kind::Campaign, path).unwrap();
        assert_eq!(Direction::of(field, Some(&before), Some(&after)), direction, "{path}: {before} -> {after}");
    }

    #[test]
    fn fewer_calls_to_fewer_people_is_tightening() {
        use Direction::{Loosening, Neutral, Tightening};
        for (path, lax, strict) in [
            ("dialerSettings.callRate", json!(0.6), json!(0.5)),
            ("dialerSettings.predictiveSettings.answerRate", json!(0.5), json!(0.6)),
            ("complianceSettings.doNotCallListCheck", json!(false), json!(true)),
            ("complianceSettings.regulatoryCompliance", json!(null), json!("TCPA")),
            ("type", json!("PREDICTIVE"), json!("preview")),
            ("dialerSettings.dialingMethod", json!("Predictive"), json!("PROGRESSIVE")),
            ("startDateTime", json!("2026-12-01T09:00:00-05:00"), json!("2026-12-01T15:00:00Z")),
            ("startDateTime", json!(null), json!("2026-12-01T15:00:00Z")),
            ("complianceSettings.timeZoneRestrictions", json!(["a", "b"]), json!(["b"])),
            ("contactSelection.exclusionListIds", json!(null), json!(["a"])),
            (
                "contactSelection.filterRules",
                json!([{"field": "a", "operator": "eq", "value": 1}]),
                json!([{"field": "b", "operator": "eq", "value": 1}, {"field": "a", "operator": "eq", "value": 1}]),
            ),
            (
                "complianceSettings.allowedCallTimes",
                json!([{"days": ["fri"], "start": "20:00", "end": "2:00"}]),
                json!([{"days": ["fri"], "start": "21:00", "end": "24:00"}, {"days": ["sat"], "start": "00:00", "end": "01:00"}]),
            ),
            (
                "complianceSettings.allowedCallTimes",
                json!(null),
                json!([{"days": ["fri"], "start": "09:00", "end": "17:00"}]),
            ),
            (
                "complianceSettings.pauseRules",
                json!([{"startTime": "20:00", "endTime": "08:00"}]),
                json!([{"startTime": "19:00", "endTime": "08:00"}]),
            ),
        ] {
            assert_direction(path, lax.clone(), strict.clone(), Tightening);
            assert_direction(path, strict, lax, Loosening);
        }
        assert_direction("dialerSettings.wrapUpTime", json!(20), json!(10), Neutral);
    }

    #[test]
    fn what_is_unclear_is_loosening() {
        for (path, before, after) in [
            ("complianceSettings.timeZoneRestrictions", json!(["a"]), json!(null)),
            ("complianceSettings.timeZoneRestrictions", json!(null), json!(["a"])),
            ("complianceSettings.timeZone", json!("a"), json!("b")),
            ("complianceSettings.regulatoryCompliance", json!("TCPA"), json!("OTHER")),
            ("dialerSettings.strategy", json!("a"), json!("preview")),
            ("startDateTime", json!("soon"), json!("2026-12-01T15:00:00Z")),
            (
                "complianceSettings.allowedCallTimes",
                json!([{"days": ["mon"], "start": "x", "end": "y"}]),
                json!([{"days": ["mon"], "start": "09:00", "end": "17:00"}]),
            ),
            ("dialerSettings.callRate", json!(null), json!(0.1)),
            (
                "complianceSettings.pauseRules",
                json!([{"startTime": "1:00", "endTime": "2:00"}]),
                json!([{"startTime": "x"}]),
            ),
        ] {
            assert_direction(path, before, after, Direction::Loosening);
        }
    }

    #[test]
    fn the_same_minutes_written_otherwise_change_nothing() {
        assert_direction(
            "complianceSettings.allowedCallTimes",
            json!([{"days": ["mon"], "start": "08:00", "end": "20:00"}]),
            json!([{"days": ["mon"], "start": "08:00", "end": "12:00"}, {"days": ["mon"], "start": "12:00", "end": "20:00"}]),
            Direction::Neutral,
        );
    }
}
