//! Tightening, neutral or loosening: what a change means for whom and when campaigns call, and for what is kept of it.

use cxform_model::{Address, CampaignStatus, Field, Target, Tighter, Write};
use serde_json::Value;

use crate::direction::Direction;
use crate::refusal::{Problem, code};
use crate::render::value::{inline, is_long};
use crate::{Action, Change, FieldChange, Place, Plan, Step};

/// Longer values are read where they are asked for.
const WORTH_TELLING: usize = 60;
const STATUS: &str = "status";

/// What the change of a field that bears on compliance means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Stricter than before.
    Tightening,
    /// Neither stricter nor laxer.
    Neutral,
    /// Laxer than before, or nobody can tell.
    Loosening,
}

impl Class {
    /// The word in plans.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tightening => "tightening",
            Self::Neutral => "neutral",
            Self::Loosening => "loosening",
        }
    }

    const fn of(direction: Direction) -> Self {
        match direction {
            Direction::Tightening => Self::Tightening,
            Direction::Neutral => Self::Neutral,
            Direction::Mixed | Direction::Loosening => Self::Loosening,
        }
    }
}

impl Change {
    /// What one of its fields means; `None` where that has no bearing on compliance. A new object loosens nothing: a
    /// campaign is a draft until a transition starts it.
    #[must_use]
    pub fn class(&self, field: &FieldChange) -> Option<Class> {
        match self.action {
            Action::Update | Action::Retire => {
                let known = Field::find(self.address.kind(), &field.path)?;
                (known.policy().tighter != Tighter::Neutral)
                    .then(|| Class::of(Direction::of(known, Some(&field.before), Some(&field.after))))
            }
            Action::Transition => {
                let (first, last) = (self.fields.first()?, self.fields.last()?);
                // What stands still for a while and dials again is as lax as it was.
                if first.before == last.after {
                    return None;
                }
                let to = field.after.as_str().and_then(CampaignStatus::from_word);
                Some(to.map_or(Class::Loosening, |to| Class::of(Direction::of_transition(to))))
            }
            Action::Create | Action::Assign | Action::Unassign => None,
        }
    }

    /// The fields that it loosens.
    pub fn loosened(&self) -> impl Iterator<Item = &FieldChange> {
        self.fields.iter().filter(|field| self.class(field) == Some(Class::Loosening))
    }
}

/// A field that a write would loosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Loosening<'p> {
    /// The object.
    pub address: &'p Address,
    /// The path of the field.
    pub path: &'static str,
    /// The value on the tenant; null where there is none.
    pub before: Value,
    /// The value afterwards.
    pub after: Value,
    /// Where it is asked for.
    pub place: Option<&'p Place>,
}

impl Loosening<'_> {
    /// Why a plan that may loosen nothing is refused.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let Self { address, path, before, after, place: _ } = self;
        let values = if is_long(before, WORTH_TELLING) || is_long(after, WORTH_TELLING) {
            String::new()
        } else {
            format!(": {} -> {}", inline(before), inline(after))
        };
        Problem::new(code::LOOSENING, format!("`{path}` becomes laxer{values}"))
            .of(address)
            .field(path)
            .hint("leave it as it is, or let somebody apply it without `--forbid-loosening`")
    }
}

impl Plan {
    /// What the writes loosen, whatever is told of them.
    pub fn loosening(&self) -> impl Iterator<Item = Loosening<'_>> {
        self.steps.iter().flat_map(Step::loosening)
    }
}

impl Step {
    fn loosening(&self) -> Vec<Loosening<'_>> {
        let loosening = |path: &'static str, after: Value| Loosening {
            address: &self.address,
            path,
            before: self.base.get(path).cloned().unwrap_or_default(),
            after,
            place: self.places.get(path).or_else(|| self.places.get("")),
        };
        match &self.write {
            Write::Update { target: Target::Existing(_), fields, .. } => fields
                .iter()
                .filter(|(field, after)| {
                    Direction::of(*field, self.base.get(field.path()), Some(after)) == Direction::Loosening
                })
                .map(|(field, after)| loosening(field.path(), after.clone()))
                .collect(),
            Write::Transition { to, .. } => {
                let before = self.base.get(STATUS).and_then(Value::as_str).and_then(CampaignStatus::from_word);
                let starts = *to == CampaignStatus::Active && before != Some(CampaignStatus::Active);
                starts.then(|| loosening(STATUS, to.word().into())).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}
