//! People on one list are not called by two campaigns at once.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::Kind;

use super::dial_window::says_when;
use crate::quote::quote_text;
use crate::windows::{Horizon, Schedule, timestamp};
use crate::{Context, Finding, Rule, Severity, Spot, Standing, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX060",
    name: "shared-list",
    severity: Severity::Warning,
    about: "No two managed campaigns that are not completed can dial one list at the same time, by their call times less pauses: \
            the same people would be called twice. A campaign that meets several others is told of one of them.",
    origin: "[A] on [002][004]",
};

const TARGET: &str = "targetListId";
const TARGETS: &str = "contactSelection.targetListIds";

/// A campaign that dials a list, when it does, and the place that says so.
struct Caller<'a> {
    campaign: StandingObject<'a>,
    schedule: Schedule,
    spot: Spot,
}

pub(super) fn judge(standing: &Standing<'_>, context: &Context, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for (list, callers) in callers(standing) {
        for ((first, second), at) in clashes(&callers, context) {
            let (first, second) = (&callers[first], &callers[second]);
            if told.insert((first.campaign.address, second.campaign.address)) {
                findings.push(finding(list, first, second, at));
            }
        }
    }
}

/// The campaigns by the lists that several of them dial, each once for a list.
fn callers<'a>(standing: &Standing<'a>) -> BTreeMap<&'a str, Vec<Caller<'a>>> {
    let mut places: BTreeMap<&str, Vec<(StandingObject<'a>, Spot)>> = BTreeMap::new();
    for campaign in standing.of(Kind::Campaign).filter(|campaign| says_when(standing, *campaign)) {
        let several = campaign.items(TARGETS).iter().enumerate();
        let several = several.map(|(at, list)| (list, TARGETS, format!("/{at}")));
        let one = campaign.value(TARGET).map(|list| (list, TARGET, String::new()));
        for (list, path, inside) in several.chain(one) {
            let Some(list) = list.as_str().map(str::trim).filter(|list| !list.is_empty()) else { continue };
            let callers = places.entry(list).or_default();
            if callers.last().is_none_or(|(last, _)| last.address != campaign.address) {
                callers.push((campaign, campaign.spot(path, inside)));
            }
        }
    }
    places.retain(|_, callers| callers.len() > 1);
    let scheduled = |(campaign, spot)| Some(Caller { campaign, schedule: Schedule::of(campaign).ok()?, spot });
    places.into_iter().map(|(list, callers)| (list, callers.into_iter().filter_map(scheduled).collect())).collect()
}

/// Pairs of callers that dial in one second, by place, with the first such second; at most one new pair for each caller.
fn clashes(callers: &[Caller<'_>], context: &Context) -> BTreeMap<(usize, usize), i64> {
    let mut pairs = BTreeMap::new();
    let mut met = vec![false; callers.len()];
    let zones: BTreeMap<_, _> =
        callers.iter().map(|caller| (caller.schedule.name.as_str(), &caller.schedule.zone)).collect();
    let Some(first) = callers.first() else { return pairs };
    for piece in Horizon::of(context.as_of, &first.schedule.zone).pieces(zones.into_values()) {
        let mut spans: Vec<(i64, i64, usize)> = callers
            .iter()
            .enumerate()
            .flat_map(|(at, Caller { schedule, .. })| {
                piece.spans(&schedule.week, &schedule.zone).map(move |(start, end)| (start, end, at))
            })
            .collect();
        spans.sort_unstable();
        // The span that lasts longest of all that have begun: who begins while it lasts meets its caller.
        let mut open: Option<(i64, usize)> = None;
        for (start, end, caller) in spans {
            if let Some((until, other)) = open
                && start < until
                && caller != other
                && !(met[caller] && met[other])
            {
                (met[caller], met[other]) = (true, true);
                pairs.entry((caller.min(other), caller.max(other))).or_insert(start);
            }
            if open.is_none_or(|(until, _)| end > until) {
                open = Some((end, caller));
            }
        }
    }
    pairs
}

fn finding(list: &str, first: &Caller<'_>, second: &Caller<'_>, at: i64) -> Finding {
    let Schedule { zone, name, week: _ } = &second.schedule;
    let when = timestamp(at).to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M");
    let (list, other) = (quote_text(list), first.campaign.address);
    Finding::new(
        &RULE,
        second.spot.clone(),
        format!("it can dial the list {list} in the same hour as `{other}`, such as {when} in `{name}`"),
    )
    .hint("give the two call times that do not meet, or one of them another list")
    .related(first.spot.clone(), "dialled here, too")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::RULE;
    use crate::fixture::{Project, project};

    fn calling(list: &str, zone: &str, start: &str, end: &str) -> Value {
        json!({
            "targetListId": list,
            "complianceSettings": {
                "timeZone": zone,
                "allowedCallTimes": [{ "days": ["mon", "tue"], "start": start, "end": end }],
            },
        })
    }

    fn two(left: Value, right: Value) -> Project {
        project(json!({ "campaign/a": left, "campaign/b": right }))
    }

    #[test]
    fn two_campaigns_that_dial_one_list_at_once_are_shown_with_a_time() {
        let both = two(
            calling("l1", "America/New_York", "09:00", "12:00"),
            json!({
                "contactSelection.targetListIds": ["l2", " l1 "],
                "complianceSettings": {
                    "timeZone": "America/Chicago",
                    "allowedCallTimes": [{ "days": ["tue"], "start": "10:30", "end": "18:00" }],
                },
            }),
        );
        let findings = both.findings(&RULE);
        assert_eq!(findings.len(), 1);
        assert_eq!(
            findings[0].message,
            "it can dial the list `l1` in the same hour as `campaign/a`, such as Tue 2026-12-01 10:30 in `America/Chicago`"
        );
        assert_eq!((&*findings[0].at.inside, &*findings[0].related[0].0.inside), ("/1", ""));
    }

    #[test]
    fn campaigns_that_never_meet_pass() {
        let first = || calling("l1", "America/New_York", "09:00", "12:00");
        for other in [
            calling("l2", "America/New_York", "09:00", "12:00"),
            calling("l1", "America/New_York", "12:00", "13:00"),
            calling("l1", "America/Los_Angeles", "09:00", "12:00"),
            json!({ "targetListId": "l1" }),
        ] {
            assert!(two(first(), other.clone()).found(&RULE).is_empty(), "{other}");
        }
        let mut over = first();
        over["status"] = json!("completed");
        assert!(two(first(), over).found(&RULE).is_empty());
        let mut paused = first();
        paused["complianceSettings"]["pauseRules"] = json!([{ "startTime": "08:00", "endTime": "12:00" }]);
        assert!(two(first(), paused).found(&RULE).is_empty());
    }

    #[test]
    fn campaigns_that_meet_for_some_weeks_of_the_year_only_are_found() {
        // London is four hours ahead of New York while their clocks change on different Sundays, else five.
        let (london, york) = (("Europe/London", "13:00", "14:00"), ("America/New_York", "09:00", "10:00"));
        let both = two(calling("l1", london.0, london.1, london.2), calling("l1", york.0, york.1, york.2));
        let findings = both.findings(&RULE);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("such as Mon 2027-03-15 09:00"), "{}", findings[0].message);
    }

    #[test]
    fn a_campaign_without_call_times_dials_around_the_clock_once_the_tenant_is_read() {
        let both = two(calling("l1", "America/New_York", "09:00", "12:00"), json!({ "targetListId": "l1" }));
        assert_eq!(both.foreign(&[]).found(&RULE), ["campaign/b targetListId"]);
    }

    #[test]
    fn thousands_of_campaigns_on_one_list_are_told_once_each() {
        let campaigns: Map<String, Value> = (0..2000)
            .map(|at| (format!("campaign/c{at:04}"), calling("l1", "America/New_York", "09:00", "12:00")))
            .collect();
        assert_eq!(project(Value::Object(campaigns)).found(&RULE).len(), 1999);
    }

    proptest! {
        #[test]
        fn somebody_who_meets_another_is_always_part_of_a_finding(times in prop::collection::vec((0..40_u32, 1..5_u32), 2..8)) {
            let clock = |quarter: u32| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
            let campaigns: Map<String, Value> = times
                .iter()
                .enumerate()
                .map(|(at, (start, length))| (format!("campaign/c{at}"), calling("l1", "UTC", &clock(*start), &clock(start + length))))
                .collect();
            let findings = project(Value::Object(campaigns)).findings(&RULE);
            for (at, (start, length)) in times.iter().enumerate() {
                let meets = times.iter().enumerate().any(|(other, (from, lasts))| other != at && start < &(from + lasts) && from < &(start + length));
                let name = format!("c{at}");
                let named = findings.iter().any(|finding| {
                    finding.at.address.key() == name || finding.related.iter().any(|(spot, _)| spot.address.key() == name)
                });
                prop_assert_eq!(meets, named, "{} of {:?}", at, times);
            }
        }
    }
}
