//! A simulated dialer: what a campaign's settings would bring, as a pure function of the campaign. No clock and no chance,
//! so tuning a setting moves the figures at once, and the same campaign always shows the same ones.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::hash;

const INTERVALS: u64 = 32;
const MINUTES: i64 = 15;

/// What is known about the calls of a campaign.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    pub(crate) total: u64,
    pub(crate) answered: u64,
    pub(crate) abandoned: u64,
    pub(crate) utilization: f64,
    pub(crate) violations: u64,
    /// Rows of `{startTime, answerRate, abandonRate, connectedCalls, attemptedCalls}`.
    pub(crate) intervals: Vec<Value>,
}

impl Figures {
    /// Seeded statistics as they stand.
    pub(crate) fn seeded(stats: &Value) -> Self {
        let count = |name: &str| stats.get(name).and_then(Value::as_u64).unwrap_or(0);
        Self {
            total: count("totalCalls"),
            answered: count("answeredCalls"),
            abandoned: count("abandonedCalls"),
            utilization: stats.get("agentUtilization").and_then(Value::as_f64).unwrap_or(0.0),
            violations: count("complianceViolations"),
            intervals: stats.get("entities").and_then(Value::as_array).cloned().unwrap_or_default(),
        }
    }

    /// Eight hours of dialing with the campaign's present settings; a draft has not dialed yet, a paused one half the time.
    pub(crate) fn simulated(campaign: &Value) -> Self {
        let text = |path: &str| campaign.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let number = |path: &str, default: f64| campaign.pointer(path).and_then(Value::as_f64).unwrap_or(default);
        let intervals = match text("/status").to_lowercase().as_str() {
            "active" | "completed" => INTERVALS,
            "paused" => INTERVALS / 2,
            _ => return Self::default(),
        };
        let seed = hash::text(text("/id").as_bytes());
        let agents = number("/dialerSettings/agentCapacity", 20.0).max(1.0);
        let lines = number("/dialerSettings/concurrency", agents).max(1.0);
        let pace = number("/dialerSettings/callRate", 0.5).clamp(0.1, 1.0);
        let people_answer = 0.25 + 0.45 * hash::unit(seed);
        // A call with its wrap-up takes some minutes, so an agent handles a limited number in an interval.
        let minutes_a_call = 3.0 + number("/dialerSettings/wrapUpTime", 30.0).min(600.0) / 60.0;
        let capacity = agents * MINUTES as f64 / minutes_a_call;

        let mut figures = Self::default();
        let mut busy = 0.0;
        for index in 0..intervals {
            let noise = |salt: u64| hash::unit(seed ^ hash::mix((index << 8) | salt)) - 0.5;
            let answering = (people_answer + 0.08 * noise(1)).clamp(0.05, 0.95);
            let attempted = (lines * pace * 8.0 * (1.0 + 0.1 * noise(2))).round().max(1.0);
            let answered = (attempted * answering).round();
            // Whoever answers while no agent is free is abandoned; a full house loses most.
            let load = answered / capacity;
            let lost = (0.004 + 0.25 * (load - 0.85).max(0.0)).min(0.5);
            let abandoned = (answered * lost).round().min(answered);
            busy += load.min(0.98);
            figures.total += attempted as u64;
            figures.answered += answered as u64;
            figures.abandoned += abandoned as u64;
            figures.intervals.push(json!({
                "startTime": start(text("/startDateTime"), index),
                "answerRate": rate(answered, attempted),
                "abandonRate": rate(abandoned, attempted),
                "connectedCalls": (answered - abandoned) as u64,
                "attemptedCalls": attempted as u64,
            }));
        }
        figures.utilization = (1000.0 * busy / intervals as f64).round() / 10.0;
        figures
    }

    /// Answered and abandoned calls as shares of all calls.
    pub(crate) fn summary(&self) -> Value {
        let (total, answered, abandoned) = (self.total as f64, self.answered as f64, self.abandoned as f64);
        json!({ "answerRate": rate(answered, total), "abandonRate": rate(abandoned, total) })
    }
}

fn rate(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (10_000.0 * part / whole).round() / 10_000.0 } else { 0.0 }
}

fn start(begin: &str, index: u64) -> String {
    let begin: Timestamp = begin.parse().unwrap_or(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(56 * 8766));
    let offset = SignedDuration::from_mins(MINUTES * i64::try_from(index).unwrap_or(0));
    begin.checked_add(offset).unwrap_or(begin).to_string()
}
