//! Whether a campaign may call at a moment, by its own settings: its windows less its pauses, by the clock of its zone.

use cxform_model::wall_clock;
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZoneDatabase;
use serde_json::Value;

/// Whether `now` lies in the campaign's calling hours. What cannot be read counts as calling.
pub(crate) fn calls_at(campaign: &Value, now: Timestamp) -> bool {
    let field = |name: &str| campaign.get(format!("complianceSettings.{name}"));
    let zone =
        field("timeZone").and_then(Value::as_str).and_then(|name| TimeZoneDatabase::bundled().get(name.trim()).ok());
    let Some(zone) = zone else { return true };
    let local = now.to_zoned(zone);
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let today = local.weekday();
    let covers = |span: &Value, (start, end): (&str, &str)| {
        let minute_of = |name: &str| {
            let (hour, minute) = wall_clock(span.get(name)?.as_str()?)?;
            Some(i32::from(hour) * 60 + i32::from(minute))
        };
        let (Some(start), Some(end)) = (minute_of(start), minute_of(end)) else { return true };
        let on = |day: Weekday| days(span).is_none_or(|days| days.contains(&day));
        if start < end {
            on(today) && (start..end).contains(&minute)
        } else {
            // Over midnight: the days are those on which it starts.
            (on(today) && minute >= start) || (on(today.previous()) && minute < end)
        }
    };
    let spans = |name: &str| field(name).and_then(Value::as_array).filter(|spans| !spans.is_empty());
    let open =
        spans("allowedCallTimes").is_none_or(|windows| windows.iter().any(|window| covers(window, ("start", "end"))));
    let paused =
        spans("pauseRules").is_some_and(|pauses| pauses.iter().any(|pause| covers(pause, ("startTime", "endTime"))));
    open && !paused
}

/// The days on which a span starts; every day where it names none.
fn days(span: &Value) -> Option<Vec<Weekday>> {
    let named = span.get("days")?.as_array()?;
    let day = |name: &Value| {
        Some(match name.as_str()?.trim().to_ascii_lowercase().get(..3)? {
            "mon" => Weekday::Monday,
            "tue" => Weekday::Tuesday,
            "wed" => Weekday::Wednesday,
            "thu" => Weekday::Thursday,
            "fri" => Weekday::Friday,
            "sat" => Weekday::Saturday,
            "sun" => Weekday::Sunday,
            _ => return None,
        })
    };
    Some(named.iter().filter_map(day).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calls(campaign: &Value, now: &str) -> bool {
        calls_at(campaign, now.parse().unwrap())
    }

    #[test]
    fn windows_are_half_open_and_by_the_clock_of_the_zone() {
        let campaign = json!({
            "complianceSettings.timeZone": "America/New_York",
            "complianceSettings.allowedCallTimes": [{ "days": ["wed"], "start": "09:00", "end": "17:00" }],
        });
        assert!(calls(&campaign, "2026-11-25T14:00:00Z"), "a Wednesday, nine o'clock there");
        assert!(!calls(&campaign, "2026-11-25T13:59:00Z"));
        assert!(!calls(&campaign, "2026-11-25T22:00:00Z"), "five o'clock");
        assert!(!calls(&campaign, "2026-11-26T15:00:00Z"), "a Thursday");
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_starts() {
        let campaign = json!({
            "complianceSettings.timeZone": "UTC",
            "complianceSettings.allowedCallTimes": [{ "days": ["WED"], "start": "22:00", "end": "2:00" }],
        });
        assert!(calls(&campaign, "2026-11-25T23:00:00Z"));
        assert!(calls(&campaign, "2026-11-26T01:59:00Z"));
        assert!(!calls(&campaign, "2026-11-25T01:00:00Z"));
    }

    #[test]
    fn pauses_are_taken_off_and_what_nobody_knows_counts_as_calling() {
        let campaign = json!({
            "complianceSettings.timeZone": "UTC",
            "complianceSettings.pauseRules": [{ "startTime": "20:00", "endTime": "08:00" }],
        });
        assert!(calls(&campaign, "2026-11-25T12:00:00Z"), "no windows are no limit");
        assert!(!calls(&campaign, "2026-11-25T21:00:00Z"));
        assert!(!calls(&campaign, "2026-11-25T07:59:00Z"));
        assert!(calls(&json!({ "complianceSettings.timeZone": "Nowhere" }), "2026-11-25T21:00:00Z"));
    }
}
