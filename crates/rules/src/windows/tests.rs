//! The prover against a minute-by-minute oracle, and what it says.

use cxform_model::Kind;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Proof, Unproven, proof, regime};
use crate::fixture::{Project, project};
use crate::{Context, Standing};

fn campaign(compliance: Value) -> Project {
    project(json!({ "campaign/q3": { "complianceSettings": compliance } }))
}

fn judged(compliance: Value, as_of: Date) -> Proof {
    let project = campaign(compliance);
    let standing = Standing::offline(&project.desired);
    proof(standing.of(Kind::Campaign).next().unwrap(), &Context { as_of })
}

fn told(compliance: Value) -> String {
    match judged(compliance, "2026-11-30".parse().unwrap()) {
        Proof::Proven => "proven".to_owned(),
        Proof::Unproven(why) => why.to_string(),
        Proof::Violated(example) => example.to_string(),
    }
}

const WEEKDAYS: [&str; 5] = ["mon", "tue", "wed", "thu", "fri"];

/// The campaign of the manual.
fn manual(start: &str) -> Value {
    json!({
        "timeZone": "America/New_York",
        "regulatoryCompliance": "TCPA",
        "allowedCallTimes": [{ "days": WEEKDAYS, "start": start, "end": "21:00" }],
        "timeZoneRestrictions": ["America/New_York", "America/Chicago"],
        "pauseRules": [{ "name": "Night", "startTime": "20:00", "endTime": "08:00" }],
    })
}

#[test]
fn the_campaign_of_the_manual_is_proven_and_an_hour_earlier_is_not() {
    assert_eq!(told(manual("09:00")), "proven");
    assert_eq!(
        told(manual("08:00")),
        "it would call at Mon 2026-11-30 08:00 in `America/New_York`, which is 07:00 in `America/Chicago`, outside of \
         08:00 to 21:00, the hours of `TCPA` (47 CFR 64.1200(c)(1))"
    );
}

#[test]
fn a_pause_over_midnight_makes_a_day_long_window_legal() {
    let around_the_clock = |pause: (&str, &str)| {
        told(json!({
            "timeZone": "Asia/Kolkata", "regulatoryCompliance": "tcpa",
            "pauseRules": [{ "startTime": pause.0, "endTime": pause.1 }],
        }))
    };
    assert_eq!(around_the_clock(("21:00", "08:00")), "proven");
    assert_eq!(
        around_the_clock(("21:01", "08:00")),
        "it would call at Mon 2026-11-30 21:00 in `Asia/Kolkata`, outside of 08:00 to 21:00, the hours of `TCPA` \
         (47 CFR 64.1200(c)(1))"
    );
}

#[test]
fn no_call_times_are_calls_around_the_clock_with_or_without_a_zone() {
    for zone in [json!("UTC"), json!(null)] {
        let said = told(json!({ "timeZone": zone, "regulatoryCompliance": "TCPA" }));
        assert!(said.starts_with("it would call at Mon 2026-11-30 00:00 in `UTC`, outside"), "{said}");
    }
}

#[test]
fn a_zone_without_summer_time_is_an_hour_off_for_a_part_of_the_year_only() {
    // Phoenix is two hours behind New York in winter, three in summer.
    let said = told(json!({
        "timeZone": "America/New_York", "regulatoryCompliance": "TCPA",
        "allowedCallTimes": [{ "days": WEEKDAYS, "start": "10:00", "end": "20:00" }],
        "timeZoneRestrictions": ["America/Phoenix"],
    }));
    assert!(said.starts_with("it would call at Mon 2027-03-15 10:00 in `America/New_York`, which is 07:00"), "{said}");
}

#[test]
fn a_window_belongs_to_the_day_on_which_it_starts() {
    let window = |days: &[&str]| {
        told(json!({
            "timeZone": "America/Toronto", "regulatoryCompliance": "CRTC",
            "allowedCallTimes": [{ "days": days, "start": "20:00", "end": "21:30" }],
        }))
    };
    assert_eq!(window(&WEEKDAYS), "proven");
    assert!(window(&["sat"]).contains("Sat 2026-12-05 20:00"), "{}", window(&["sat"]));
    let late = told(json!({
        "timeZone": "America/New_York", "regulatoryCompliance": "TCPA",
        "allowedCallTimes": [{ "days": ["wed"], "start": "20:00", "end": "01:00" }],
        "timeZoneRestrictions": ["America/New_York", "Pacific/Kiritimati"],
    }));
    assert_eq!(
        late,
        "it would call at Wed 2026-12-02 21:00 in `America/New_York`, outside of 08:00 to 21:00, the hours of `TCPA` \
         (47 CFR 64.1200(c)(1))"
    );
}

#[test]
fn what_cannot_be_proven_says_why() {
    let unproven = |compliance| match judged(compliance, Date::default()) {
        Proof::Unproven(why) => why,
        other => panic!("{other:?}"),
    };
    let window = json!([{ "days": ["mon"], "start": "09:00", "end": "10:00" }]);
    assert_eq!(unproven(json!({ "timeZone": "UTC" })), Unproven::NoRegime);
    assert_eq!(unproven(json!({ "regulatoryCompliance": " " })), Unproven::NoRegime);
    assert_eq!(unproven(json!({ "regulatoryCompliance": "OFCOM" })), Unproven::UnknownRegime("OFCOM".to_owned()));
    assert_eq!(unproven(json!({ "regulatoryCompliance": "TCPA", "allowedCallTimes": window })), Unproven::NoTimeZone);
    for broken in [
        json!({ "timeZone": "Mars" }),
        json!({ "timeZone": "UTC", "timeZoneRestrictions": ["Mars"] }),
        json!({ "timeZone": "UTC", "allowedCallTimes": [{ "days": ["mon"], "start": "9", "end": "10:00" }] }),
        json!({ "timeZone": "UTC", "allowedCallTimes": [{ "days": ["mon"], "start": "09:00", "end": "09:00" }] }),
        json!({ "timeZone": "UTC", "allowedCallTimes": [{ "days": ["moon"], "start": "09:00", "end": "10:00" }] }),
        json!({ "timeZone": "UTC", "pauseRules": [{ "startTime": "x", "endTime": "10:00" }] }),
    ] {
        let mut compliance = broken.clone();
        compliance["regulatoryCompliance"] = json!("TCPA");
        assert_eq!(unproven(compliance), Unproven::Unreadable, "{broken}");
    }
}

#[test]
fn the_ends_of_the_calendar_are_judged_too() {
    for date in [Date::MIN, Date::MAX, Date::default()] {
        assert!(matches!(judged(manual("08:00"), date), Proof::Violated(_) | Proof::Proven), "{date}");
    }
}

/// What a window or pause looks like to somebody who looks at the clock every minute.
#[derive(Debug, Clone)]
struct Span {
    days: Vec<usize>,
    start: i64,
    length: i64,
}

impl Span {
    fn is_open(&self, day: usize, minute: i64) -> bool {
        let today = self.days.contains(&day) && (self.start..self.start + self.length).contains(&minute);
        let yesterday = self.days.contains(&((day + 6) % 7)) && minute + 1440 < self.start + self.length;
        today || yesterday
    }

    fn json(&self, names: [&str; 2], with_days: bool) -> Value {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let end = self.start + self.length;
        let end = if end == 1440 { end } else { end % 1440 };
        let mut span = json!({ names[0]: clock(self.start), names[1]: clock(end) });
        if with_days {
            let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            span["days"] = self.days.iter().map(|day| names[*day]).collect();
        }
        span
    }
}

const ZONES: [&str; 8] = [
    "America/New_York",
    "America/Chicago",
    "America/Phoenix",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "America/St_Johns",
    "Pacific/Apia",
];

/// Mostly legal ones, or every other counter-example would be in the first night.
fn spans(days: bool) -> impl Strategy<Value = Span> {
    let start = prop_oneof![4 => 480..1200_i64, 1 => 0..1440_i64];
    let length = prop_oneof![4 => 1..120_i64, 1 => 1..1440_i64];
    let days = prop::sample::subsequence((0..7).collect::<Vec<_>>(), if days { 1..=7 } else { 7..=7 });
    (days, start, length).prop_map(|(days, start, length)| Span { days, start, length })
}

/// Days around the changes of those clocks, and any others.
fn dates() -> impl Strategy<Value = Date> {
    let changes = prop::sample::select(vec!["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-11-01"]);
    (changes, -12..3_i64).prop_map(|(day, off)| day.parse::<Date>().unwrap().saturating_add(off.days()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn the_prover_finds_exactly_the_first_minute_that_a_watchman_would_find(
        windows in prop::collection::vec(spans(true), 0..3),
        pauses in prop::collection::vec(spans(false), 0..3),
        zone in prop::sample::select(&ZONES[..]),
        called in prop::sample::subsequence(&ZONES[..], 0..3),
        name in prop::sample::select(vec!["TCPA", "CRTC"]),
        as_of in dates(),
    ) {
        const WATCHED: i64 = 16 * 1440;
        let law = regime(name).unwrap();
        let found = judged(json!({
            "timeZone": zone,
            "regulatoryCompliance": name,
            "allowedCallTimes": windows.iter().map(|one| one.json(["start", "end"], true)).collect::<Vec<_>>(),
            "timeZoneRestrictions": called,
            "pauseRules": pauses.iter().map(|one| one.json(["startTime", "endTime"], false)).collect::<Vec<_>>(),
        }), as_of);

        let clock = |name: &str| TimeZoneDatabase::bundled().get(name).unwrap();
        let own = clock(zone);
        let called: Vec<TimeZone> = if called.is_empty() { vec![own.clone()] } else { called.into_iter().map(clock).collect() };
        let shown = |at: Timestamp, clock: &TimeZone| {
            let local = clock.to_datetime(at);
            (local.weekday().to_monday_zero_offset() as usize, i64::from(local.hour()) * 60 + i64::from(local.minute()))
        };
        let illegal = |at: Timestamp| {
            let (day, minute) = shown(at, &own);
            let dials = (windows.is_empty() || windows.iter().any(|one| one.is_open(day, minute)))
                && !pauses.iter().any(|one| one.is_open(day, minute));
            dials && called.iter().any(|clock| {
                let (day, minute) = shown(at, clock);
                law.hours[day].is_none_or(|(from, until)| !(i64::from(from)..i64::from(until)).contains(&minute))
            })
        };
        let start = as_of.to_zoned(own.clone()).unwrap().timestamp();
        let watched = (0..WATCHED).map(|minute| start + minute.minutes()).find(|at| illegal(*at));
        match (found, watched) {
            (Proof::Violated(example), Some(at)) => prop_assert_eq!(example.at, at),
            (Proof::Violated(example), None) => {
                prop_assert!(example.at >= start + WATCHED.minutes());
                prop_assert!(illegal(example.at), "{}", example);
            }
            (Proof::Proven, None) => {}
            (other, watched) => prop_assert!(false, "{:?} {:?}", other, watched),
        }
    }
}
