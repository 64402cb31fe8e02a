//! What a policy says of the knobs of a dialer.

use jiff::{SignedDuration, Timestamp};

/// A setting of the dialer that may be turned while it dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Knob {
    /// `dialerSettings.callRate`: how eagerly a free line dials, to two decimals \[002\].
    CallRate,
    /// `dialerSettings.concurrency`: lines, in steps of ten \[003\].
    Concurrency,
}

impl Knob {
    /// The path of the field.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::CallRate => "dialerSettings.callRate",
            Self::Concurrency => "dialerSettings.concurrency",
        }
    }
}

/// The lowest and the highest value of a knob, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
}

impl Bounds {
    pub(crate) const fn hold(self, value: f64) -> f64 {
        value.max(self.min).min(self.max)
    }
}

/// How the call rate follows the answer rate \[002\].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallRate {
    /// Its bounds.
    pub bounds: Bounds,
    /// Fewer answers than this: dial less eagerly, by a fifth.
    pub lower: f64,
    /// More answers than this: dial more eagerly, by a fifth.
    pub upper: f64,
}

/// How the number of lines follows what is seen \[003\].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concurrency {
    /// Its bounds.
    pub bounds: Bounds,
    /// The answer rate to be at.
    pub target: f64,
    /// By which rule.
    pub strategy: Strategy,
}

/// By which rule the number of lines is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The rule of the source: more lines when fewer people answer, fewer when more do. It does not look at agents.
    AnswerRate,
    /// More lines only while agents have time and the abandon budget is at most half used; fewer as soon as agents
    /// are all but fully busy or most of the budget is gone.
    Balanced,
}

/// What happens when more calls are abandoned than may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverBudget {
    /// Every knob stays where it is.
    Halt,
    /// Every knob goes to its lowest value at once.
    StepDown,
}

/// What keeps tuning from swinging.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Damping {
    /// How far the answer rate may be off a threshold, or the target, before anything moves.
    pub dead_band: f64,
    /// How long a knob rests after it was turned.
    pub cool_down: SignedDuration,
    /// Calls below which a sample says nothing.
    pub least_sample: u64,
    /// The share of its bounds' width that a knob may go up in an hour.
    pub most_per_hour: f64,
}

/// Everything that a policy says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The call rate; `None` leaves it alone.
    pub call_rate: Option<CallRate>,
    /// The number of lines; `None` leaves it alone.
    pub concurrency: Option<Concurrency>,
    /// The share of answered calls that may be abandoned.
    pub abandon_budget: f64,
    /// What happens beyond it.
    pub over_budget: OverBudget,
    /// What keeps it calm.
    pub damping: Damping,
}

/// A knob that was turned before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Past {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub knob: Knob,
    /// From where.
    pub from: f64,
    /// To where.
    pub to: f64,
}
