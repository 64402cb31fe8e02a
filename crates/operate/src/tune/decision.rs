//! The decision: one sample, what was done before, and a policy.

use jiff::{SignedDuration, Timestamp};

use super::knob::{Bounds, CallRate, Concurrency, Damping, Knob, OverBudget, Past, Policy, Strategy};

/// What was seen since the settings stand as they do.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// Calls that were placed.
    pub calls: u64,
    /// Answered calls as a share of all.
    pub answer_rate: Option<f64>,
    /// Abandoned calls as a share of the answered ones: the worse of what was seen lately and over all.
    pub abandoned: Option<f64>,
    /// How busy the agents are, from 0 to 1.
    pub utilization: Option<f64>,
}

/// A knob to turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// Which.
    pub knob: Knob,
    /// From where.
    pub from: f64,
    /// To where.
    pub to: f64,
    /// Why, in a few words.
    pub why: String,
}

/// A knob that stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Which.
    pub knob: Knob,
    /// Why, in a few words.
    pub why: String,
}

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// The knobs to turn.
    pub moves: Vec<Move>,
    /// Those that stay.
    pub held: Vec<Held>,
}

/// A fifth less, or a fifth more \[002\].
const LESS: f64 = 0.8;
const MORE: f64 = 1.2;
/// Lines come and go by so many \[003\].
const LINES: f64 = 10.0;
/// How busy agents may become by more lines, and from when on lines are taken away. What lies between keeps the two from
/// taking turns.
const BUSY: f64 = 0.9;
const TOO_BUSY: f64 = 0.95;
/// The used part of the budget up to which lines are added, and from when on lines are taken away.
const EASY: f64 = 0.5;
const TIGHT: f64 = 0.8;

/// Decides. `current` tells where a knob stands; one that is unknown is left alone.
#[must_use]
pub fn decide(
    policy: &Policy,
    now: Timestamp,
    sample: &Sample,
    past: &[Past],
    current: impl Fn(Knob) -> Option<f64>,
) -> Decision {
    let mut decision = Decision::default();
    let knobs = [
        policy.call_rate.map(|knob| (Knob::CallRate, knob.bounds)),
        policy.concurrency.map(|knob| (Knob::Concurrency, knob.bounds)),
    ];
    for (knob, bounds) in knobs.into_iter().flatten() {
        let judged = match current(knob) {
            None => Err("where it stands is unknown".to_owned()),
            Some(from) => judge(policy, now, sample, past, knob, bounds, from).map(|(to, why)| (from, to, why)),
        };
        match judged {
            Ok((from, to, why)) => decision.moves.push(Move { knob, from, to, why }),
            Err(why) => decision.held.push(Held { knob, why }),
        }
    }
    decision
}

/// Where one knob goes, or why it stays.
fn judge(
    policy: &Policy,
    now: Timestamp,
    sample: &Sample,
    past: &[Past],
    knob: Knob,
    bounds: Bounds,
    from: f64,
) -> Result<(f64, String), String> {
    let Damping { dead_band: _, cool_down, least_sample, most_per_hour } = policy.damping;
    if sample.calls < least_sample {
        return Err(format!("{} calls are too few to judge by, {least_sample} are needed", sample.calls));
    }
    let Some(abandoned) = sample.abandoned else {
        return Err("how many calls are abandoned is unknown".to_owned());
    };
    if abandoned > policy.abandon_budget {
        let why = format!(
            "{:.1} % of answered calls are abandoned, {:.1} % may be",
            abandoned * 100.0,
            policy.abandon_budget * 100.0
        );
        // Safety does not wait for a cool-down.
        return match policy.over_budget {
            OverBudget::StepDown if from > bounds.min => Ok((bounds.min, why)),
            _ => Err(why),
        };
    }
    let within = bounds.hold(from);
    // Outside of its bounds a knob is somebody else's, or the manifest's, to put right: an apply does that.
    if within != from {
        return Err(format!("{from} is outside of {} to {}", bounds.min, bounds.max));
    }
    let last = past.iter().filter(|turn| turn.knob == knob).map(|turn| turn.at).max();
    if let Some(last) = last
        && now.duration_since(last) < cool_down
    {
        return Err(format!(
            "it was turned at {last:.0} and rests until {:.0}",
            last.saturating_add(cool_down).unwrap_or(last)
        ));
    }
    let (wanted, why) = match knob {
        Knob::CallRate => policy.call_rate.map(|rule| call_rate(&rule, &policy.damping, sample, from)),
        Knob::Concurrency => policy.concurrency.map(|rule| lines(&rule, policy, sample, abandoned, from)),
    }
    .unwrap_or_else(|| Err("the policy does not name it".to_owned()))?;
    let mut to = bounds.hold(wanted);
    if to > from {
        let hour_ago = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
        let risen: f64 = past
            .iter()
            .filter(|turn| turn.knob == knob && turn.at > hour_ago)
            .map(|turn| (turn.to - turn.from).max(0.0))
            .sum();
        to = to.min(from + ((bounds.max - bounds.min) * most_per_hour - risen).max(0.0));
    }
    // Downwards, so that rounding never goes beyond a bound from above; the lowest value itself is always in reach.
    to = match knob {
        Knob::CallRate => ((to * 100.0 + 1e-6).floor() / 100.0).max(bounds.min),
        Knob::Concurrency => (to + 1e-6).floor().max(bounds.min),
    };
    if to == from {
        return Err(if wanted > from {
            format!("{why}, but it may go no higher now")
        } else {
            format!("{why}, but it is at its lowest")
        });
    }
    if (to > from) != (wanted > from) {
        return Err(format!("{why}, but no step of it is small enough"));
    }
    Ok((to, why))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn call_rate(rule: &CallRate, damping: &Damping, sample: &Sample, from: f64) -> Result<(f64, String), String> {
    let answers = sample.answer_rate.ok_or("how many people answer is unknown")?;
    let CallRate { bounds: _, lower, upper } = *rule;
    if answers < lower - damping.dead_band {
        Ok((from * LESS, format!("{} answer, less than {}", percent(answers), percent(lower))))
    } else if answers > upper + damping.dead_band {
        Ok((from * MORE, format!("{} answer, more than {}", percent(answers), percent(upper))))
    } else {
        Err(format!("{} answer, which is between {} and {}", percent(answers), percent(lower), percent(upper)))
    }
}

fn lines(
    rule: &Concurrency,
    policy: &Policy,
    sample: &Sample,
    abandoned: f64,
    from: f64,
) -> Result<(f64, String), String> {
    let Concurrency { bounds: _, target, strategy } = *rule;
    let answers = sample.answer_rate.ok_or("how many people answer is unknown")?;
    let band = policy.damping.dead_band;
    let fewer = answers < target - band;
    let more = answers > target + band;
    let seen = format!("{} answer, {} is the target", percent(answers), percent(target));
    match strategy {
        Strategy::AnswerRate if fewer => Ok((from + LINES, seen)),
        Strategy::AnswerRate if more => Ok((from - LINES, seen)),
        Strategy::AnswerRate => Err(seen),
        Strategy::Balanced => {
            let busy = sample.utilization.ok_or("how busy the agents are is unknown")?;
            let used = abandoned / policy.abandon_budget;
            let seen =
                format!("{seen}; agents are {} busy, {} of the abandon budget is used", percent(busy), percent(used));
            if busy > TOO_BUSY || used > TIGHT {
                Ok((from - LINES, seen))
            } else if busy * (from + LINES) / from <= BUSY && used <= EASY && !more {
                Ok((from + LINES, seen))
            } else {
                Err(seen)
            }
        }
    }
}
