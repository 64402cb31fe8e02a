//! The way back: the plan that undoes what a run did, as far as a tenant lets it.
//!
//! Pure, and made from what the plan observed: every step that was applied gets one that writes the values from before,
//! in the opposite order, each pinned to what the run left. So the tenant goes back through the states it came from,
//! which all kept the rules of order; what nobody can take back is said.

mod done;
mod undo;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::{Address, CampaignStatus, RateLimits, RemoteId, Target, Version, Write};
use serde_json::Value;

use crate::{Action, Change, Plan, Provenance, Step, Warning, digest, estimate, impact};
use done::{History, Key};
use undo::{Undone, undo};

/// A step that a run applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Done {
    /// The step's id.
    pub step: String,
    /// The id of the object that it created.
    pub created: Option<RemoteId>,
    /// The version that it left, where the object has one.
    pub version: Option<Version>,
    /// Every known field as it left them; without it, those that the plan observed with those that the step wrote.
    pub after: Option<BTreeMap<String, Value>>,
}

/// The way back.
#[derive(Debug, Clone, PartialEq)]
pub struct Inverse {
    /// What undoes what can be undone. Its steps bear the ids of those that they undo, with `undo-` before the name.
    pub plan: Plan,
    /// What stays, or stays in part, and why. The plan's warnings say the same.
    pub cannot: Vec<(Address, String)>,
}

/// The plan that takes back the steps of `plan` that are `done`, which may be given in any order.
#[must_use]
pub fn inverse(plan: &Plan, done: &[Done]) -> Inverse {
    let history = History::of(plan, done);
    let mut cannot = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    let mut changes: Vec<Change> = Vec::new();
    // Which inverse steps stand for a step: its own, or those of the steps that needed it.
    let mut heads: HashMap<&str, BTreeSet<String>> = HashMap::new();
    let mut last: HashMap<Key, String> = HashMap::new();
    for step in plan.steps.iter().rev() {
        let needs = heads.remove(step.id.as_str()).unwrap_or_default();
        let undone = history.at(&step.id).and_then(|event| {
            let Undone { step, change, caveat } = undo(&history, event);
            cannot.extend(caveat.map(|caveat| (event.step.address.clone(), caveat)));
            Some((step?, change, event.key.clone()))
        });
        let stands = match undone {
            None => needs,
            Some((mut step, change, key)) => {
                step.needs = needs.into_iter().collect();
                if let Some(before) = last.insert(key, step.id.clone()) {
                    step.precondition = cxform_model::Precondition::Follows;
                    if !step.needs.contains(&before) {
                        step.needs.push(before);
                    }
                }
                let id = step.id.clone();
                steps.push(step);
                join(&mut changes, change);
                BTreeSet::from([id])
            }
        };
        for need in &step.needs {
            heads.entry(need).or_default().extend(stands.iter().cloned());
        }
    }
    changes.sort_by(|left, right| (&left.address, left.action).cmp(&(&right.address, right.action)));
    cannot.sort();
    cannot.dedup();
    let warning = |(address, why): &(Address, String)| Warning {
        rule: None,
        address: Some(address.clone()),
        message: format!("cannot be undone: {why}"),
        source: None,
    };
    let mut plan = Plan {
        id: None,
        project: plan.project.clone(),
        environment: plan.environment.clone(),
        tenant: plan.tenant.clone(),
        changes,
        estimate: estimate::estimate(&steps, &RateLimits::default()),
        live: impact::live(&steps, |campaign| dialling(&steps, campaign)),
        steps,
        allowances: Vec::new(),
        unchanged: 0,
        warnings: cannot.iter().map(warning).collect(),
        digest: String::new(),
        // No manifest asks for it, but it is for the same tenant.
        provenance: Provenance { commit: None, content: None, fingerprint: plan.provenance.fingerprint.clone() },
    };
    plan.digest = digest::digest(&plan);
    Inverse { plan, cannot }
}

/// What could not be undone once the whole plan is applied: to be shown before anybody approves it.
#[must_use]
pub fn irreversible(plan: &Plan) -> Vec<(Address, String)> {
    let done: Vec<Done> = plan
        .steps
        .iter()
        .map(|step| Done {
            step: step.id.clone(),
            created: Some(RemoteId(step.address.to_string())),
            version: Some(Version(0)),
            after: None,
        })
        .collect();
    inverse(plan, &done).cannot
}

/// The id of a campaign that the run left dialling, where a step of the inverse writes it.
fn dialling(steps: &[Step], campaign: &Address) -> Option<RemoteId> {
    let step = steps.iter().find(|step| step.address == *campaign)?;
    let status = step.base.get("status").and_then(Value::as_str).and_then(CampaignStatus::from_word);
    match &step.write {
        Write::Update { target: Target::Existing(id), .. } | Write::Transition { target: Target::Existing(id), .. } => {
            (status == Some(CampaignStatus::Active)).then(|| id.clone())
        }
        _ => None,
    }
}

/// One address shows each action once, however many steps carry it; a campaign that is paused for an update turns twice.
fn join(changes: &mut Vec<Change>, change: Change) {
    match changes.iter_mut().find(|other| other.address == change.address && other.action == change.action) {
        None => changes.push(change),
        Some(other) => {
            for field in change.fields {
                let turn = change.action == Action::Transition;
                match other.fields.iter_mut().find(|one| !turn && one.path == field.path) {
                    Some(one) => one.after = field.after,
                    None => other.fields.push(field),
                }
            }
        }
    }
}
