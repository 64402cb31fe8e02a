//! What a project says of the knobs of its dialers: how far, and by what, they may be turned while campaigns dial.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::Value;

use crate::{Address, Field, Kind, Source, Sourced};

/// A document about the tuning of some campaigns.
#[derive(Debug, Clone, PartialEq)]
pub struct TuningPolicy {
    /// Its name.
    pub name: String,
    /// The campaigns that it is for.
    pub campaigns: Vec<Sourced<Address>>,
    /// What it says.
    pub rules: TuningRules,
    /// Where the bounds of each knob are written.
    pub bounds: BTreeMap<Knob, Source>,
    /// Where it is written.
    pub source: Source,
}

/// A setting of the dialer that may be turned while it dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Knob {
    /// `dialerSettings.callRate`: how eagerly a free agent's line dials, to two decimals \[002\].
    CallRate,
    /// `dialerSettings.concurrency`: lines, in steps of ten \[003\].
    Concurrency,
}

impl Knob {
    /// Both.
    pub const ALL: [Self; 2] = [Self::CallRate, Self::Concurrency];

    /// The path of the field.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::CallRate => "dialerSettings.callRate",
            Self::Concurrency => "dialerSettings.concurrency",
        }
    }

    /// The last part of the path.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CallRate => "callRate",
            Self::Concurrency => "concurrency",
        }
    }

    /// A setting of it as a value of the field.
    #[must_use]
    pub fn value(self, setting: f64) -> Value {
        match self {
            Self::CallRate => setting.into(),
            // Lines are counted; the settings of a decision are whole.
            Self::Concurrency => (setting as i64).into(),
        }
    }

    /// The field.
    #[must_use]
    pub fn field(self) -> Option<Field> {
        Field::find(Kind::Campaign, self.path())
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
    /// The nearest value within.
    #[must_use]
    pub const fn hold(self, value: f64) -> f64 {
        value.max(self.min).min(self.max)
    }
}

/// How the call rate follows the answer rate \[002\].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallRateRule {
    /// Its bounds.
    pub bounds: Bounds,
    /// Fewer answers than this: dial less eagerly, by a fifth.
    pub lower: f64,
    /// More answers than this: dial more eagerly, by a fifth.
    pub upper: f64,
}

/// How the number of lines follows what is seen \[003\].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConcurrencyRule {
    /// Its bounds.
    pub bounds: Bounds,
    /// The answer rate to be at.
    pub target: f64,
    /// How far the answer rate may be off the target before anything moves.
    pub dead_band: f64,
    /// By which rule.
    pub strategy: Strategy,
}

/// By which rule the number of lines is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strategy {
    /// The rule of the source: more lines when fewer people answer, fewer when more do. It does not look at agents.
    AnswerRate,
    /// More lines only while agents have time and the abandon budget is at most half used; fewer as soon as agents
    /// are all but fully busy or most of the budget is gone.
    #[default]
    Balanced,
}

impl Strategy {
    /// The words of manifests.
    pub const WORDS: &'static [&'static str] = &["answer-rate", "balanced"];

    /// The strategy of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "answer-rate" => Some(Self::AnswerRate),
            "balanced" => Some(Self::Balanced),
            _ => None,
        }
    }
}

/// What happens when more calls are abandoned than may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OverBudget {
    /// Every knob stays where it is.
    #[default]
    Halt,
    /// Every knob goes to its lowest value at once.
    StepDown,
}

impl OverBudget {
    /// The words of manifests.
    pub const WORDS: &'static [&'static str] = &["halt", "step-down"];

    /// What a word says.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "halt" => Some(Self::Halt),
            "step-down" => Some(Self::StepDown),
            _ => None,
        }
    }
}

/// What keeps tuning from swinging.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Damping {
    /// How long a knob rests after it was turned.
    pub cool_down: SignedDuration,
    /// How far back calls are looked at.
    pub window: SignedDuration,
    /// Calls below which a sample says nothing.
    pub least_calls: u64,
    /// The share of its bounds' width that a knob may go up in an hour.
    pub most_per_hour: f64,
}

impl Damping {
    /// What holds where a policy says nothing else.
    pub const DEFAULT: Self = Self {
        cool_down: SignedDuration::from_mins(15),
        window: SignedDuration::from_mins(60),
        least_calls: 100,
        most_per_hour: 0.5,
    };
}

/// Everything that a policy says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TuningRules {
    /// The call rate; `None` leaves it alone.
    pub call_rate: Option<CallRateRule>,
    /// The number of lines; `None` leaves it alone.
    pub concurrency: Option<ConcurrencyRule>,
    /// The share of answered calls that may be abandoned.
    pub abandon_budget: f64,
    /// What happens beyond it.
    pub over_budget: OverBudget,
    /// What keeps it calm.
    pub damping: Damping,
}

impl TuningRules {
    /// The share of answered calls that may be abandoned: 3 per cent, the telemarketing limit of 47 CFR 64.1200(a)(7).
    pub const ABANDON_BUDGET: f64 = 0.03;

    /// The bounds of a knob, where the rules name it.
    #[must_use]
    pub fn bounds(&self, knob: Knob) -> Option<Bounds> {
        match knob {
            Knob::CallRate => self.call_rate.map(|rule| rule.bounds),
            Knob::Concurrency => self.concurrency.map(|rule| rule.bounds),
        }
    }

    /// The same rules without those of a knob.
    #[must_use]
    pub const fn without(mut self, knob: Knob) -> Self {
        match knob {
            Knob::CallRate => self.call_rate = None,
            Knob::Concurrency => self.concurrency = None,
        }
        self
    }
}
