//! One step from a state to the next, as memory applies it and as the journal keeps it.

use serde_json::{Value, json};

use super::{Kind, Remembered};

/// A change that replaces whole objects, so that replaying a journal needs no rules.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Put(Kind, Value),
    Remove(Kind, String),
    History(String, Value),
    Minted(u64),
    Remember(Remembered),
}

impl Change {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Put(kind, row) => json!(["put", kind.name(), row]),
            Self::Remove(kind, id) => json!(["remove", kind.name(), id]),
            Self::History(campaign, record) => json!(["history", campaign, record]),
            Self::Minted(number) => json!(["minted", number]),
            Self::Remember(remembered) => json!(["remember", remembered.to_json()]),
        }
    }

    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let kind = || {
            let name = value.get(1)?.as_str()?;
            Kind::ALL.into_iter().find(|kind| kind.name() == name)
        };
        Some(match value.get(0)?.as_str()? {
            "put" => Self::Put(kind()?, value.get(2)?.clone()),
            "remove" => Self::Remove(kind()?, value.get(2)?.as_str()?.to_owned()),
            "history" => Self::History(value.get(1)?.as_str()?.to_owned(), value.get(2)?.clone()),
            "minted" => Self::Minted(value.get(1)?.as_u64()?),
            "remember" => Self::Remember(Remembered::from_json(value.get(1)?)?),
            _ => return None,
        })
    }
}
