//! The decision: one sample, what was done before, and a policy.

use cxform_model::{Bounds, CallRateRule, ConcurrencyRule, Damping, Knob, OverBudget, Strategy, TuningRules};
use jiff::{SignedDuration, Timestamp};

/// What some calls came to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Calls {
    /// Calls that were placed.
    pub placed: u64,
    /// Answered calls as a share of all.
    pub answer_rate: Option<f64>,
    /// Abandoned calls as a share of the answered ones.
    pub abandoned: Option<f64>,
}

/// What was seen of a campaign.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// The calls of the window, none of them placed before the settings stood as they do.
    pub lately: Calls,
    /// The calls of the campaign so far.
    pub overall: Calls,
    /// How busy the agents are, from 0 to 1.
    pub utilization: Option<f64>,
}

impl Sample {
    /// The worst that enough calls show of what is abandoned.
    fn abandoned(&self, least: u64) -> Option<f64> {
        let told = [self.lately, self.overall].into_iter().filter(|calls| calls.placed >= least);
        told.filter_map(|calls| calls.abandoned).reduce(f64::max)
    }
}

/// A knob that was turned before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub knob: Knob,
    /// From where.
    pub from: f64,
    /// To where.
    pub to: f64,
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

impl Move {
    /// Where to, as a value of the field.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        self.knob.value(self.to)
    }
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
    rules: &TuningRules,
    now: Timestamp,
    sample: &Sample,
    past: &[Turn],
    current: impl Fn(Knob) -> Option<f64>,
) -> Decision {
    let mut decision = Decision::default();
    let scene = Scene { rules, now, sample, past };
    for (knob, bounds) in Knob::ALL.into_iter().filter_map(|knob| Some((knob, rules.bounds(knob)?))) {
        let judged = match current(knob) {
            None => Err("where it stands is unknown".to_owned()),
            Some(from) => scene.judge(knob, bounds, from).map(|(to, why)| (from, to, why)),
        };
        match judged {
            // Two at once would add up to more than either was judged by.
            Ok((from, to, why)) if to > from && decision.moves.iter().any(|other| other.to > other.from) => {
                decision.held.push(Held { knob, why: format!("{why}, but one knob goes up at a time") });
            }
            Ok((from, to, why)) => decision.moves.push(Move { knob, from, to, why }),
            Err(why) => decision.held.push(Held { knob, why }),
        }
    }
    decision
}

/// Everything that a decision is made from.
struct Scene<'a> {
    rules: &'a TuningRules,
    now: Timestamp,
    sample: &'a Sample,
    past: &'a [Turn],
}

impl Scene<'_> {
    /// Where one knob goes, or why it stays.
    fn judge(&self, knob: Knob, bounds: Bounds, from: f64) -> Result<(f64, String), String> {
        let Self { rules, sample, .. } = self;
        let Damping { least_calls, .. } = rules.damping;
        let budget = rules.abandon_budget;
        if let Some(abandoned) = sample.abandoned(least_calls)
            && abandoned > budget
        {
            let why = format!("{} of answered calls are abandoned, {} may be", percent(abandoned), percent(budget));
            // Safety does not wait for a cool-down.
            return match rules.over_budget {
                OverBudget::StepDown if from > bounds.min => Ok((bounds.min, why)),
                _ => Err(why),
            };
        }
        self.rested(knob)?;
        let placed = sample.lately.placed;
        if placed < least_calls {
            return Err(format!("{placed} calls are too few to judge by, {least_calls} are needed"));
        }
        let abandoned = sample.lately.abandoned.ok_or("how many calls are abandoned is unknown")?;
        let abandoned = sample.overall.abandoned.map_or(abandoned, |overall| overall.max(abandoned));
        // Outside of its bounds a knob is somebody else's, or the manifest's, to put right: an apply does that.
        if bounds.hold(from) != from {
            return Err(format!("{from} is outside of {} to {}", bounds.min, bounds.max));
        }
        let (wanted, why) = match knob {
            Knob::CallRate => rules.call_rate.map(|rule| call_rate(&rule, sample, from)),
            Knob::Concurrency => rules.concurrency.map(|rule| lines(&rule, budget, sample, abandoned, from)),
        }
        .unwrap_or_else(|| Err("the policy does not name it".to_owned()))?;
        let to = self.reach(knob, bounds, from, wanted);
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

    fn rested(&self, knob: Knob) -> Result<(), String> {
        let cool_down = self.rules.damping.cool_down;
        match self.past.iter().filter(|turn| turn.knob == knob).map(|turn| turn.at).max() {
            Some(last) if self.now.duration_since(last) < cool_down => {
                let until = last.saturating_add(cool_down).unwrap_or(last);
                Err(format!("it was turned at {last:.0} and rests until {until:.0}"))
            }
            _ => Ok(()),
        }
    }

    /// The value nearest to the wanted one that bounds, the most of an hour and the knob's own steps let through.
    fn reach(&self, knob: Knob, bounds: Bounds, from: f64, wanted: f64) -> f64 {
        let mut to = bounds.hold(wanted);
        if to > from {
            let hour_ago = self.now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
            let lately = self.past.iter().filter(|turn| turn.knob == knob && turn.at > hour_ago);
            let risen: f64 = lately.map(|turn| (turn.to - turn.from).max(0.0)).sum();
            let most = (bounds.max - bounds.min) * self.rules.damping.most_per_hour;
            to = to.min(from + (most - risen).max(0.0));
        }
        // Downwards, so that rounding never goes beyond a bound from above; the lowest value itself is always in reach.
        match knob {
            Knob::CallRate => ((to * 100.0 + 1e-6).floor() / 100.0).max(bounds.min),
            Knob::Concurrency => (to + 1e-6).floor().max(bounds.min),
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn call_rate(rule: &CallRateRule, sample: &Sample, from: f64) -> Result<(f64, String), String> {
    let answers = sample.lately.answer_rate.ok_or("how many people answer is unknown")?;
    let CallRateRule { bounds: _, lower, upper } = *rule;
    if answers < lower {
        Ok((from * LESS, format!("{} answer, less than {}", percent(answers), percent(lower))))
    } else if answers > upper {
        Ok((from * MORE, format!("{} answer, more than {}", percent(answers), percent(upper))))
    } else {
        Err(format!("{} answer, which is between {} and {}", percent(answers), percent(lower), percent(upper)))
    }
}

fn lines(
    rule: &ConcurrencyRule,
    budget: f64,
    sample: &Sample,
    abandoned: f64,
    from: f64,
) -> Result<(f64, String), String> {
    let ConcurrencyRule { bounds: _, target, dead_band, strategy } = *rule;
    let answers = sample.lately.answer_rate.ok_or("how many people answer is unknown")?;
    let fewer = answers < target - dead_band;
    let more = answers > target + dead_band;
    let seen = format!("{} answer, {} is the target", percent(answers), percent(target));
    match strategy {
        Strategy::AnswerRate if fewer => Ok((from + LINES, seen)),
        Strategy::AnswerRate if more => Ok((from - LINES, seen)),
        Strategy::AnswerRate => Err(seen),
        Strategy::Balanced => {
            let busy = sample.utilization.ok_or("how busy the agents are is unknown")?;
            let used = abandoned / budget;
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
