//! The tenant wins: differences become edits of the manifests, as far as an edit can say them.

use std::collections::{BTreeMap, BTreeSet};

use cxform_author::{Change, Edit, Edited, edit};
use cxform_manifest::{Environment, Lookup, Project};
use cxform_model::{Address, Field, Kind, Observed};
use cxform_plan::Drift;
use cxform_rules::Context;

/// Why a difference cannot be taken over by an edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stays {
    /// The tenant lacks the object.
    #[error("the tenant does not have it: take it out of the manifests, or apply it")]
    OnlyInGit,
    /// No manifest lists the object.
    #[error("no manifest lists it: `cxform export` shows how one would")]
    OnlyOnTenant,
    /// It hangs elsewhere.
    #[error("it hangs elsewhere on the tenant: move its lines in the manifest")]
    Moved,
    /// The tenant shows outcomes whose code nobody can tell.
    #[error("the desktop shows outcomes that the listing of the tenant does not hold")]
    Stranger,
    /// The edit was not made.
    #[error("{0}")]
    Refused(String),
    /// The edit was made, and the difference is still there.
    #[error("an edit would not end the difference")]
    Persists,
}

/// What became of the differences.
pub struct Adopted {
    /// What the edits come to.
    pub edited: Edited,
    /// What is in them: address and field, `None` for a desktop, with file and line.
    pub done: Vec<(Address, Option<String>, (String, usize))>,
    /// What is not, and why.
    pub stays: Vec<(Address, Option<String>, Stays)>,
}

/// A project in one of its environments.
pub struct Source<'a> {
    pub project: &'a Project,
    pub environment: &'a Environment,
    pub context: &'a Context,
    pub lookup: Lookup<'a>,
}

/// Edits the manifests so that these differences are none. Nothing is written to disk; what would not end a difference is not
/// in the edits.
pub fn adopt(source: &Source<'_>, observed: &Observed, drifts: &[Drift]) -> Adopted {
    let mut stays = Vec::new();
    let mut wanted: BTreeMap<(Address, Option<String>), Edit> = BTreeMap::new();
    for drift in drifts {
        let (subject, change) = match change(drift, observed) {
            Ok(proposed) => proposed,
            Err(why) => {
                stays.push((drift.address.clone(), drift.path.clone(), why));
                continue;
            }
        };
        let path = drift.path.clone().filter(|_| drift.address.kind() != Kind::Assignment);
        wanted.entry((subject.clone(), path)).or_insert(Edit { address: subject, change });
    }
    // An edit that does not do what it is for is left out, and the others are made anew without it.
    loop {
        let (keys, edits): (Vec<_>, Vec<_>) = wanted.clone().into_iter().unzip();
        let edited = edit(source.project, source.environment, source.context, Some(source.lookup), &edits);
        let left = left(source, observed, &edited);
        let fails = keys.iter().enumerate().filter_map(|(at, key)| match edited.refused.get(&at) {
            Some(refused) => Some((key.clone(), Stays::Refused(refused.to_string()))),
            None => left.as_ref().is_none_or(|left| left.contains(key)).then(|| (key.clone(), Stays::Persists)),
        });
        let fails: Vec<_> = fails.collect();
        if fails.is_empty() {
            let done = keys.into_iter().enumerate();
            let done = done.filter_map(|(at, (address, path))| Some((address, path, edited.done.get(&at)?.clone())));
            return Adopted { done: done.collect(), edited, stays };
        }
        for (key, why) in fails {
            wanted.remove(&key);
            stays.push((key.0, key.1, why));
        }
    }
}

fn change(drift: &Drift, observed: &Observed) -> Result<(Address, Change), Stays> {
    let Drift { address, path, tenant, .. } = drift;
    if let Some(campaign) = address.assignment_campaign() {
        let change = desktop(&campaign, observed)?;
        return Ok((campaign, change));
    }
    match path.as_deref() {
        None if tenant.is_null() => Err(Stays::OnlyInGit),
        None => Err(Stays::OnlyOnTenant),
        Some(path) => {
            let field = Field::find(address.kind(), path).ok_or(Stays::Moved)?;
            Ok((address.clone(), Change::Field(field, tenant.clone())))
        }
    }
}

/// The desktop as the tenant has it.
fn desktop(campaign: &Address, observed: &Observed) -> Result<Change, Stays> {
    let named = |kind, key: &str| observed.of(kind).iter().find(|object| object.key.trim() == key);
    let seats = named(Kind::Campaign, campaign.key()).and_then(|campaign| observed.desktops.get(&campaign.id));
    let mut seats: Vec<_> = seats.ok_or(Stays::OnlyInGit)?.iter().collect();
    seats.sort_by_key(|seat| seat.sequence.unwrap_or(u64::MAX));
    let mut outcomes = Vec::new();
    let mut default = None;
    for seat in seats {
        let outcome = observed.of(Kind::Outcome).iter().find(|outcome| outcome.id == seat.outcome);
        let outcome = Address::outcome(outcome.ok_or(Stays::Stranger)?.key.trim());
        if seat.default {
            default = Some(outcome.clone());
        }
        outcomes.push(outcome);
    }
    Ok(Change::Desktop { outcomes, default })
}

/// What still differs once the edits are made; `None` where nobody can tell.
fn left(source: &Source<'_>, observed: &Observed, edited: &Edited) -> Option<BTreeSet<(Address, Option<String>)>> {
    let Source { project, environment, context, lookup } = source;
    let project = project.revised(&edited.files).0?;
    let environment = project.environments().find(|other| other.name == environment.name)?;
    let desired = project.load(environment, context, Some(*lookup)).desired?;
    let drifts = cxform_plan::drift(&desired, observed, None).ok()?.drifts.into_iter();
    let keys = drifts.map(|drift| match drift.address.assignment_campaign() {
        Some(campaign) => (campaign, None),
        None => (drift.address, drift.path),
    });
    Some(keys.collect())
}
