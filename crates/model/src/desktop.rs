//! The desktop of one campaign, joined from every entry that reaches it.

use std::collections::HashSet;

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
        let mut seen: Vec<Source> = Vec::new();
        for entry in entries {
            if seen.contains(&entry.source) {
                continue;
            }
            if let Some(&first) = seen.first() {
                if let Some(exclusive) = desktop.exclusive {
                    clashes.push(DesktopClash::ExclusiveShared { exclusive, other: entry.source });
                } else if entry.exclusive {
                    clashes.push(DesktopClash::ExclusiveShared { exclusive: entry.source, other: first });
                }
            }
            seen.push(entry.source);
            if entry.exclusive {
                desktop.exclusive = Some(entry.source);
            }
            add_new(&mut desktop.outcomes, &entry.outcomes);
            add_new(&mut desktop.unassigned, &entry.unassigned);
            match (&desktop.default, &entry.default) {
                (Some(first), Some(second)) if first.value != second.value => {
                    clashes.push(DesktopClash::TwoDefaults(first.clone(), second.clone()));
                }
                (None, Some(_)) => desktop.default.clone_from(&entry.default),
                _ => {}
            }
        }
        for off in &desktop.unassigned {
            if let Some(on) = desktop.outcomes.iter().find(|on| on.value == off.value) {
                clashes.push(DesktopClash::AssignedAndUnassigned {
                    outcome: off.value.clone(),
                    assigned: on.source,
                    unassigned: off.source,
                });
            }
        }
        if clashes.is_empty() { Ok(desktop) } else { Err(clashes) }
    }
}

fn add_new(all: &mut Vec<Sourced<Address>>, more: &[Sourced<Address>]) {
    let mut known: HashSet<Address> = all.iter().map(|outcome| outcome.value.clone()).collect();
    for outcome in more {
        if known.insert(outcome.value.clone()) {
            all.push(outcome.clone());
        }
    }
}
