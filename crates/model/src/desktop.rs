//! The desktop of one campaign, joined from every entry that reaches it.

use std::collections::{HashMap, HashSet};

use crate::{Address, DesktopEntry, Source, Sourced};

/// What manifests ask of one campaign's desktop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desktop {
    /// The outcomes in desktop order, each once.
    pub outcomes: Vec<Sourced<Address>>,
    /// The outcome to select; the inner `None` clears it, the outer leaves it alone.
    pub default: Option<Sourced<Option<Address>>>,
    /// Whether every other outcome is taken off, and where that is asked.
    pub exclusive: Option<Source>,
    /// Outcomes to take off.
    pub unassigned: Vec<Sourced<Address>>,
}

/// Two entries that cannot both be satisfied on one desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesktopClash {
    /// They select different outcomes.
    TwoDefaults(Sourced<Option<Address>>, Sourced<Option<Address>>),
    /// One claims the desktop for itself.
    ExclusiveShared {
        /// The exclusive entry.
        exclusive: Source,
        /// The other one.
        other: Source,
    },
    /// One assigns what the other takes off.
    AssignedAndUnassigned {
        /// The outcome.
        outcome: Address,
        /// Where it is assigned.
        assigned: Source,
        /// Where it is taken off.
        unassigned: Source,
    },
}

impl Desktop {
    /// Joins the entries that reach one campaign, in the order of file and document. An entry that reaches
    /// it twice (by name and by group) counts once.
    ///
    /// # Errors
    /// Every pair of demands that contradict each other.
    pub fn join<'a>(entries: impl IntoIterator<Item = &'a DesktopEntry>) -> Result<Self, Vec<DesktopClash>> {
        let mut desktop = Self::default();
        let mut clashes = Vec::new();
        // Indexes, since thousands of entries may reach one campaign.
        let (mut seen, mut assigned, mut unassigned) = (HashSet::new(), HashMap::new(), HashMap::new());
        let mut first = None;
        for entry in entries {
            if !seen.insert(entry.source) {
                continue;
            }
            if let Some(first) = first {
                if let Some(exclusive) = desktop.exclusive {
                    clashes.push(DesktopClash::ExclusiveShared { exclusive, other: entry.source });
                } else if entry.exclusive {
                    clashes.push(DesktopClash::ExclusiveShared { exclusive: entry.source, other: first });
                }
            }
            first = first.or(Some(entry.source));
            if entry.exclusive {
                desktop.exclusive = Some(entry.source);
            }
            add_new(&mut desktop.outcomes, &mut assigned, &entry.outcomes);
            add_new(&mut desktop.unassigned, &mut unassigned, &entry.unassigned);
            match (&desktop.default, &entry.default) {
                (Some(first), Some(second)) if first.value != second.value => {
                    clashes.push(DesktopClash::TwoDefaults(first.clone(), second.clone()));
                }
                (None, Some(_)) => desktop.default.clone_from(&entry.default),
                _ => {}
            }
        }
        for off in &desktop.unassigned {
            if let Some(&assigned) = assigned.get(&off.value) {
                clashes.push(DesktopClash::AssignedAndUnassigned {
                    outcome: off.value.clone(),
                    assigned,
                    unassigned: off.source,
                });
            }
        }
        if clashes.is_empty() { Ok(desktop) } else { Err(clashes) }
    }
}

/// Adds what is not known yet; the index tells where each was first asked for.
fn add_new<'a>(
    all: &mut Vec<Sourced<Address>>,
    known: &mut HashMap<&'a Address, Source>,
    more: &'a [Sourced<Address>],
) {
    for outcome in more {
        if let std::collections::hash_map::Entry::Vacant(free) = known.entry(&outcome.value) {
            free.insert(outcome.source);
            all.push(outcome.clone());
        }
    }
}
