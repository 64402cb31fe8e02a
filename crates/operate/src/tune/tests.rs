//! The laws of tuning, on random series and against a simulated dialer.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use cxform_model::{
    Bounds, CallRateRule, ConcurrencyRule, Damping, Knob, OverBudget, Strategy as Rule, TuningRules as Policy,
};

use super::{Calls, Decision, Move, Sample, Turn, decide};

fn policy(strategy: Rule) -> Policy {
    let bounds = Bounds { min: 20.0, max: 200.0 };
    Policy {
        call_rate: Some(CallRateRule { bounds: Bounds { min: 0.2, max: 0.9 }, lower: 0.3, upper: 0.6 }),
        concurrency: Some(ConcurrencyRule { bounds, target: 0.45, dead_band: 0.05, strategy }),
        abandon_budget: 0.03,
        over_budget: OverBudget::Halt,
        damping: Damping::DEFAULT,
    }
}

/// The same lately and over all.
fn sample(placed: u64, answer_rate: Option<f64>, abandoned: Option<f64>, utilization: Option<f64>) -> Sample {
    let calls = Calls { placed, answer_rate, abandoned };
    Sample { lately: calls, overall: calls, utilization }
}

/// Where the knobs stand, and when they were turned.
struct Desk {
    now: Timestamp,
    rate: f64,
    lines: f64,
    past: Vec<Turn>,
}

impl Desk {
    fn new(rate: f64, lines: f64) -> Self {
        Self { now: Timestamp::UNIX_EPOCH, rate, lines, past: Vec::new() }
    }

    fn turn(&mut self, policy: &Policy, sample: &Sample, minutes: i64) -> Decision {
        self.now = self.now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        let (rate, lines) = (self.rate, self.lines);
        let decision = decide(policy, self.now, sample, &self.past, |knob| {
            Some(match knob {
                Knob::CallRate => rate,
                Knob::Concurrency => lines,
            })
        });
        for Move { knob, from, to, why: _ } in &decision.moves {
            match knob {
                Knob::CallRate => self.rate = *to,
                Knob::Concurrency => self.lines = *to,
            }
            self.past.push(Turn { at: self.now, knob: *knob, from: *from, to: *to });
        }
        decision
    }
}

/// Eight hours of a dialer whose agents handle so many calls: whoever answers beyond that is abandoned.
fn dialed(desk: &Desk, agents: f64, answering: f64) -> Sample {
    let attempted = desk.lines * desk.rate * 8.0;
    let answered = attempted * answering;
    let load = answered / (agents * 15.0 / 3.5);
    let lost = (0.004 + 0.25 * (load - 0.85).max(0.0)).min(0.5);
    sample((attempted * 32.0) as u64, Some(answering), Some(lost), Some(load.min(0.98)))
}

fn samples() -> impl Strategy<Value = Sample> {
    let share = || prop::option::weighted(0.9, 0.0..=1.0);
    let abandoned = || prop::option::weighted(0.9, 0.0..0.06);
    let calls = || {
        (0..2000u64, share(), abandoned()).prop_map(|(placed, answer_rate, abandoned)| Calls {
            placed,
            answer_rate,
            abandoned,
        })
    };
    (calls(), calls(), share()).prop_map(|(lately, overall, utilization)| Sample { lately, overall, utilization })
}

proptest! {
    #[test]
    fn no_series_leads_out_of_bounds_up_over_budget_or_to_and_fro(
        series in prop::collection::vec((samples().boxed(), 1..40i64), 1..60),
        balanced in any::<bool>(), down in any::<bool>(),
        rate in 20..=90u32, lines in 20..=200u32,
    ) {
        let strategy = if balanced { Rule::Balanced } else { Rule::AnswerRate };
        let over_budget = if down { OverBudget::StepDown } else { OverBudget::Halt };
        let policy = Policy { over_budget, ..policy(strategy) };
        let mut desk = Desk::new(f64::from(rate) / 100.0, f64::from(lines));
        for (sample, minutes) in series {
            let before = desk.past.clone();
            let decision = desk.turn(&policy, &sample, minutes);
            prop_assert!((0.2..=0.9).contains(&desk.rate) && (20.0..=200.0).contains(&desk.lines));
            prop_assert!((desk.rate * 100.0 - (desk.rate * 100.0).round()).abs() < 1e-6, "two decimals");
            prop_assert!(decision.moves.iter().filter(|turn| turn.to > turn.from).count() <= 1, "one goes up at a time");
            for turn in &decision.moves {
                let beyond = |calls: Calls| calls.placed >= 100 && calls.abandoned.is_some_and(|share| share > 0.03);
                let over = beyond(sample.lately) || beyond(sample.overall);
                prop_assert!(turn.to < turn.from || !over, "never up while over budget: {turn:?}");
                prop_assert!(turn.to < turn.from || sample.lately.abandoned.is_some(), "nor while it is unknown");
                prop_assert!(sample.lately.placed >= 100 || over, "only safety goes by few calls");
                let last = before.iter().filter(|past| past.knob == turn.knob).map(|past| past.at).max();
                let rested = last.is_none_or(|at| desk.now.duration_since(at) >= SignedDuration::from_mins(15));
                prop_assert!(rested || over, "rests, but for safety");
                let hour = SignedDuration::from_hours(1);
                let lately = desk.past.iter().filter(|past| past.knob == turn.knob && desk.now.duration_since(past.at) < hour);
                let risen: f64 = lately.map(|past| (past.to - past.from).max(0.0)).sum();
                let width = if turn.knob == Knob::CallRate { 0.7 } else { 180.0 };
                prop_assert!(turn.to < turn.from || risen <= width * 0.5 + 1e-6, "an hour has its most");
            }
        }
    }

    #[test]
    fn a_floor_that_stays_the_same_comes_to_rest(
        answering in 0.1..0.9f64, agents in 10..120u32, rate in 20..=90u32, lines in 20..=200u32,
    ) {
        let policy = policy(Rule::Balanced);
        let mut desk = Desk::new(f64::from(rate) / 100.0, f64::from(lines));
        for _ in 0..200 {
            let sample = dialed(&desk, f64::from(agents), answering);
            desk.turn(&policy, &sample, 20);
        }
        let late = desk.past.iter().filter(|past| desk.now.duration_since(past.at) < SignedDuration::from_hours(20)).count();
        prop_assert!(late == 0, "{late} turns in the last hours of {:?}", desk.past);
    }
}

#[test]
fn the_call_rate_follows_the_thresholds_of_the_source() {
    let only = |answers| {
        let policy = Policy { concurrency: None, ..policy(Rule::Balanced) };
        let sample = sample(500, Some(answers), Some(0.0), None);
        let mut desk = Desk::new(0.5, 50.0);
        desk.turn(&policy, &sample, 20);
        desk.rate
    };
    assert_eq!((only(0.2), only(0.45), only(0.8)), (0.4, 0.5, 0.6));
    assert_eq!((only(0.3), only(0.6)), (0.5, 0.5), "the thresholds themselves change nothing");
}

#[test]
fn over_budget_it_halts_or_steps_down_at_once() {
    let sample = sample(500, Some(0.9), Some(0.031), Some(0.5));
    let halting = policy(Rule::AnswerRate);
    let mut desk = Desk::new(0.5, 100.0);
    assert!(desk.turn(&halting, &sample, 1).moves.is_empty());
    desk.turn(&Policy { over_budget: OverBudget::StepDown, ..halting }, &sample, 1);
    assert_eq!((desk.rate, desk.lines), (0.2, 20.0));
}

#[test]
fn a_knob_outside_of_its_bounds_is_left_alone_but_for_safety() {
    let calm = sample(500, Some(0.9), Some(0.0), Some(0.2));
    let policy = policy(Rule::Balanced);
    let mut desk = Desk::new(0.95, 300.0);
    assert!(desk.turn(&policy, &calm, 20).moves.is_empty());
    let over = sample(500, Some(0.9), Some(0.04), Some(0.2));
    desk.turn(&Policy { over_budget: OverBudget::StepDown, ..policy }, &over, 20);
    assert_eq!((desk.rate, desk.lines), (0.2, 20.0));
}

#[test]
fn what_the_whole_campaign_has_lost_counts_however_calm_it_is_lately() {
    let calm = Calls { placed: 500, answer_rate: Some(0.9), abandoned: Some(0.0) };
    let overall = Calls { placed: 90_000, answer_rate: Some(0.5), abandoned: Some(0.05) };
    let policy = Policy { over_budget: OverBudget::StepDown, ..policy(Rule::AnswerRate) };
    let mut desk = Desk::new(0.5, 100.0);
    desk.turn(&policy, &Sample { lately: calm, overall, utilization: Some(0.5) }, 20);
    assert_eq!((desk.rate, desk.lines), (0.2, 20.0));
    let few = Calls { placed: 20, ..overall };
    let mut desk = Desk::new(0.5, 100.0);
    desk.turn(&policy, &Sample { lately: Calls::default(), overall: few, utilization: None }, 20);
    assert_eq!((desk.rate, desk.lines), (0.5, 100.0), "twenty calls say nothing");
}

/// A day as a floor wrote it down, quarter by quarter: calls, answered, abandoned of those (in per cent), and how busy agents were.
const DAY: [(u64, f64, f64, f64); 12] = [
    (40, 0.52, 0.0, 0.31),
    (260, 0.55, 0.4, 0.48),
    (240, 0.61, 0.6, 0.55),
    (250, 0.64, 0.8, 0.62),
    (310, 0.63, 1.4, 0.78),
    (330, 0.58, 2.6, 0.96),
    (320, 0.51, 3.4, 0.98),
    (280, 0.44, 2.2, 0.91),
    (260, 0.36, 1.1, 0.74),
    (250, 0.28, 0.7, 0.61),
    (240, 0.27, 0.5, 0.52),
    (250, 0.41, 0.6, 0.58),
];

#[test]
fn a_recorded_day_is_decided_as_a_person_would_read_it() {
    let mut desk = Desk::new(0.5, 80.0);
    let mut told = String::new();
    for (placed, answers, lost, busy) in DAY {
        let lately = Calls { placed, answer_rate: Some(answers), abandoned: Some(lost / 100.0) };
        let overall = Calls { placed: 9000, answer_rate: Some(0.5), abandoned: Some(0.01) };
        let seen = Sample { lately, overall, utilization: Some(busy) };
        let decision = desk.turn(&policy(Rule::Balanced), &seen, 15);
        told.push_str(&format!("{}\n", desk.now.strftime("%H:%M")));
        for Move { knob, from, to, why } in &decision.moves {
            told.push_str(&format!("  {} {from} -> {to}: {why}\n", knob.word()));
        }
        for super::Held { knob, why } in &decision.held {
            told.push_str(&format!("  {} stays: {why}\n", knob.word()));
        }
    }
    insta::assert_snapshot!(told, @r"
    00:15
      callRate stays: 40 calls are too few to judge by, 100 are needed
      concurrency stays: 40 calls are too few to judge by, 100 are needed
    00:30
      callRate stays: 55.0 % answer, which is between 30.0 % and 60.0 %
      concurrency stays: 55.0 % answer, 45.0 % is the target; agents are 48.0 % busy, 33.3 % of the abandon budget is used
    00:45
      callRate 0.5 -> 0.6: 61.0 % answer, more than 60.0 %
      concurrency stays: 61.0 % answer, 45.0 % is the target; agents are 55.0 % busy, 33.3 % of the abandon budget is used
    01:00
      callRate 0.6 -> 0.72: 64.0 % answer, more than 60.0 %
      concurrency stays: 64.0 % answer, 45.0 % is the target; agents are 62.0 % busy, 33.3 % of the abandon budget is used
    01:15
      callRate 0.72 -> 0.85: 63.0 % answer, more than 60.0 %
      concurrency stays: 63.0 % answer, 45.0 % is the target; agents are 78.0 % busy, 46.7 % of the abandon budget is used
    01:30
      concurrency 80 -> 70: 58.0 % answer, 45.0 % is the target; agents are 96.0 % busy, 86.7 % of the abandon budget is used
      callRate stays: 58.0 % answer, which is between 30.0 % and 60.0 %
    01:45
      callRate stays: 3.4 % of answered calls are abandoned, 3.0 % may be
      concurrency stays: 3.4 % of answered calls are abandoned, 3.0 % may be
    02:00
      callRate stays: 44.0 % answer, which is between 30.0 % and 60.0 %
      concurrency stays: 44.0 % answer, 45.0 % is the target; agents are 91.0 % busy, 73.3 % of the abandon budget is used
    02:15
      concurrency 70 -> 80: 36.0 % answer, 45.0 % is the target; agents are 74.0 % busy, 36.7 % of the abandon budget is used
      callRate stays: 36.0 % answer, which is between 30.0 % and 60.0 %
    02:30
      callRate 0.85 -> 0.68: 28.0 % answer, less than 30.0 %
      concurrency 80 -> 90: 28.0 % answer, 45.0 % is the target; agents are 61.0 % busy, 33.3 % of the abandon budget is used
    02:45
      callRate 0.68 -> 0.54: 27.0 % answer, less than 30.0 %
      concurrency 90 -> 100: 27.0 % answer, 45.0 % is the target; agents are 52.0 % busy, 33.3 % of the abandon budget is used
    03:00
      concurrency 100 -> 110: 41.0 % answer, 45.0 % is the target; agents are 58.0 % busy, 33.3 % of the abandon budget is used
      callRate stays: 41.0 % answer, which is between 30.0 % and 60.0 %
    ");
}
