//! The state of a tenant and its rules. A rule looks at the store and rules: a [`Decision`] with the changes to make, or a
//! [`Refusal`]. Only [`Store::apply`] changes anything, so that a change can be on disk before it is true.
//!
//! Refuses to know HTTP, files and the clock.

pub(crate) mod assignments;
pub(crate) mod callcodes;
pub(crate) mod campaigns;
mod change;
mod document;
mod memory;
mod merge;
pub(crate) mod outcomes;
mod refusal;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod webhooks;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

pub(crate) use change::Change;
pub(crate) use memory::Remembered;
pub(crate) use refusal::Refusal;
pub(crate) use table::Table;

use crate::{hash, options::PutMode};
use memory::Memory;

/// The kinds of objects that a tenant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Outcomes,
    Callcodes,
    Campaigns,
    Groups,
    Assignments,
    Webhooks,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Outcomes, Self::Callcodes, Self::Campaigns, Self::Groups, Self::Assignments, Self::Webhooks];

    /// The name of the kind in seed and state files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Outcomes => "outcomes",
            Self::Callcodes => "callcodes",
            Self::Campaigns => "campaigns",
            Self::Groups => "campaignGroups",
            Self::Assignments => "assignments",
            Self::Webhooks => "webhooks",
        }
    }

    fn id_of(self, row: &Value) -> String {
        match self {
            Self::Assignments => assignments::id(text(row, "campaignId"), text(row, "outcomeId")),
            _ => text(row, "id").to_owned(),
        }
    }
}

/// Who writes when, and the habits of this tenant.
#[derive(Clone, Debug)]
pub(crate) struct Occasion<'a> {
    pub(crate) now: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) put: PutMode,
    pub(crate) count_assignments: bool,
}

/// What a rule decided: the changes to make, and the object as it will then stand (null if it is gone).
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) changes: Vec<Change>,
    pub(crate) object: Value,
}

pub(crate) type Ruling = Result<Decision, Refusal>;

/// All that a tenant knows.
#[derive(Debug)]
pub(crate) struct Store {
    tables: [Table; 6],
    stats: BTreeMap<String, Value>,
    history: HashMap<String, Vec<Box<str>>>,
    memory: Memory,
    minted: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            tables: [
                Table::new(outcomes::keys),
                Table::new(callcodes::keys),
                Table::new(campaigns::keys),
                Table::new(|_| Vec::new()),
                Table::new(assignments::keys),
                Table::new(webhooks::keys),
            ],
            stats: BTreeMap::new(),
            history: HashMap::new(),
            memory: Memory::default(),
            minted: 0,
        }
    }
}

impl Store {
    pub(crate) fn table(&self, kind: Kind) -> &Table {
        &self.tables[kind as usize]
    }

    /// The object, or a 404.
    pub(crate) fn object(&self, kind: Kind, id: &str) -> Result<Value, Refusal> {
        self.table(kind).get(id).ok_or_else(|| Refusal::missing(kind, id))
    }

    /// Seeded statistics of a campaign.
    pub(crate) fn stats(&self, campaign: &str) -> Option<&Value> {
        self.stats.get(campaign)
    }

    /// The history of a campaign, oldest first, each record as JSON text.
    pub(crate) fn history(&self, campaign: &str) -> &[Box<str>] {
        self.history.get(campaign).map_or(&[], Vec::as_slice)
    }

    /// What an idempotency key was used for.
    pub(crate) fn remembered(&self, key: &str, now: i64) -> Option<&Remembered> {
        self.memory.find(key, now)
    }

    /// How many rows there are; the cost of writing all of them.
    pub(crate) fn rows(&self) -> usize {
        self.tables.iter().map(Table::len).sum()
    }

    /// The next identifier, the same for the same sequence of creates.
    fn mint(&self) -> (String, Change) {
        let mut number = self.minted;
        loop {
            number += 1;
            let id = hash::uuid(number);
            // A seed may hold ids that an earlier emulator minted.
            if self.tables.iter().all(|table| !table.has(&id)) {
                return (id, Change::Minted(number));
            }
        }
    }

    /// Makes one change true.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Put(kind, row) => self.tables[*kind as usize].put(&kind.id_of(row), row),
            Change::Remove(kind, id) => self.tables[*kind as usize].remove(id),
            Change::History(campaign, record) => {
                self.history.entry(campaign.clone()).or_default().push(record.to_string().into());
            }
            Change::Minted(number) => self.minted = *number,
            Change::Remember(remembered) => self.memory.keep(remembered.clone()),
        }
    }
}

/// A text field, empty if there is none.
fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}
