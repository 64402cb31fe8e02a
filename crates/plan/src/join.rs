//! The entries that reach one campaign, joined into what is asked of its desktop.

use std::collections::BTreeMap;

use cxform_model::{Address, Desktop, DesktopClash};

use crate::reach::Reached;
use crate::refusal::{Problem, code};

/// Joins what reaches each campaign; what contradicts itself is told.
pub(crate) fn join(
    reached: &BTreeMap<Address, Reached<'_>>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<Address, Desktop> {
    let mut joined = BTreeMap::new();
    for (address, reached) in reached {
        match Desktop::join(reached.entries.iter().copied()) {
            Ok(desktop) => {
                joined.insert(address.clone(), desktop);
            }
            Err(clashes) => problems.extend(clashes.iter().map(|clash| clash_problem(address, clash))),
        }
    }
    joined
}

fn clash_problem(campaign: &Address, clash: &DesktopClash) -> Problem {
    match clash {
        DesktopClash::TwoDefaults(first, second) => {
            let name = |default: &Option<Address>| {
                default.as_ref().map_or_else(|| "none".to_owned(), |outcome| format!("`{outcome}`"))
            };
            let message =
                format!("two entries select different outcomes: {} and {}", name(&first.value), name(&second.value));
            Problem::new(code::DESKTOP, message).of(campaign).at(first.source).and_at(second.source, "the other one")
        }
        DesktopClash::ExclusiveShared { exclusive, other } => {
            Problem::new(code::DESKTOP, "an exclusive entry shares the desktop with another entry")
                .of(campaign)
                .at(*exclusive)
                .and_at(*other, "the other entry")
        }
        DesktopClash::AssignedAndUnassigned { outcome, assigned, unassigned } => {
            Problem::new(code::DESKTOP, format!("`{outcome}` is assigned here and taken off there"))
                .of(campaign)
                .at(*assigned)
                .and_at(*unassigned, "taken off here")
        }
    }
}
