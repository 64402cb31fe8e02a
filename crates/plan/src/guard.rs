//! No plan changes or retires much of a tenant by mistake.
//!
//! Counted is what the plan would carry out, kind by kind, against what is managed on the tenant: selecting a part of a
//! plan makes it smaller, and leaves the tenant as large as it is.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Address, CampaignStatus, Field, Guard, Kind, same};

use crate::base::SEQUENCE;
use crate::draft::Draft;
use crate::inputs::Inputs;
use crate::owned::Unlisted;
use crate::refusal::{Problem, code};
use crate::{Action, Change, activity};

/// How many addresses a refusal names.
const NAMED: usize = 5;

/// How many managed objects of each kind live on the tenant. What an authority owns is managed as long as it is in use.
pub(crate) fn populations(inputs: &Inputs<'_>, unlisted: &[Unlisted<'_>], draft: &Draft) -> BTreeMap<Kind, usize> {
    let mut populations = BTreeMap::from([(Kind::Assignment, draft.seated)]);
    let listed = inputs.desired.objects.keys().filter(|address| inputs.matches.found(address).is_some());
    let owned = unlisted.iter().map(|one| one.object).filter(|object| activity::is_active(object));
    for kind in listed.map(Address::kind).chain(owned.map(|object| object.kind)) {
        *populations.entry(kind).or_default() += 1;
    }
    populations
}

/// Refuses what goes beyond the limits.
pub(crate) fn check(changes: &[Change], populations: &BTreeMap<Kind, usize>, guard: &Guard) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (&kind, &population) in populations {
        if u64::try_from(population).unwrap_or(u64::MAX) < guard.minimum_population {
            continue;
        }
        let of = |wanted: fn(&Change) -> bool| -> BTreeSet<&Address> {
            let matching = changes.iter().filter(|change| change.address.kind() == kind && wanted(change));
            matching.map(|change| &change.address).collect()
        };
        let changed = Limit { percent: guard.max_changed_percent, done: "change", flag: "--allow-changed PERCENT" };
        let retired = Limit {
            percent: guard.max_retired_percent,
            done: match kind {
                Kind::Assignment => "be taken off desktops",
                Kind::Campaign => "be completed",
                _ => "be retired",
            },
            flag: "--allow-retired PERCENT",
        };
        problems.extend(changed.exceeded(kind, &of(changes_it), population));
        problems.extend(retired.exceeded(kind, &of(retires_it), population));
    }
    problems
}

/// Pausing is never too much: somebody may have to stop a whole tenant.
fn changes_it(change: &Change) -> bool {
    match change.action {
        Action::Update => !is_light(change),
        Action::Transition => leads_to(change, CampaignStatus::Active),
        Action::Create | Action::Retire | Action::Assign | Action::Unassign => false,
    }
}

/// A create of several calls that broke off leaves objects that lack what the later calls carry, and an outcome that
/// comes to a desktop moves all that stand behind it: neither is much of a change.
fn is_light(change: &Change) -> bool {
    let kind = change.address.kind();
    change.fields.iter().all(|one| match kind {
        Kind::Assignment => one.path == SEQUENCE,
        _ => Field::find(kind, &one.path)
            .is_some_and(|field| !field.policy().on_create && same(field, Some(&one.before), None)),
    })
}

/// What is completed never dials again.
fn retires_it(change: &Change) -> bool {
    match change.action {
        Action::Retire | Action::Unassign => true,
        Action::Transition => leads_to(change, CampaignStatus::Completed),
        Action::Create | Action::Update | Action::Assign => false,
    }
}

fn leads_to(change: &Change, status: CampaignStatus) -> bool {
    change.fields.last().is_some_and(|field| field.after == status.word())
}

struct Limit {
    percent: f64,
    done: &'static str,
    flag: &'static str,
}

impl Limit {
    fn exceeded(&self, kind: Kind, addresses: &BTreeSet<&Address>, population: usize) -> Option<Problem> {
        let share = to_f64(addresses.len()) * 100.0 / to_f64(population);
        if addresses.is_empty() || share <= self.percent {
            return None;
        }
        let mut named: Vec<_> = addresses.iter().take(NAMED).map(|address| format!("`{address}`")).collect();
        if let Some(more @ 1..) = addresses.len().checked_sub(NAMED) {
            named.push(format!("and {more} more"));
        }
        let message = format!(
            "{} of {population} managed {} would {} ({} %; `guard` allows {} %): {}",
            addresses.len(),
            kind.plural(),
            self.done,
            // Rounded up, so that what is told is enough for the flag.
            share.ceil(),
            self.percent,
            named.join(", ")
        );
        Some(
            Problem::new(code::GUARD, message)
                .hint("look whether all of it is meant; `--target` carries out a part")
                .unless(self.flag),
        )
    }
}

fn to_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
