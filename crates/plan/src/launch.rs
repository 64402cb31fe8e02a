//! The campaigns that a plan is to start, as their agents will find them. Whether they may is for the rules.

use std::collections::{BTreeMap, HashMap};

use cxform_model::{Address, CampaignStatus, Field, Kind, RemoteId, Setting, Target, Write};
use cxform_rules::Launch;
use serde_json::Value;

use crate::activity::is_dialling;
use crate::draft::{Draft, DraftStep, Stage};
use crate::inputs::Inputs;
use crate::refusal::{Problem, code};

/// The campaigns on the tenant that manifests ask to start: their desktops decide whether they may.
pub(crate) fn to_start<'i>(inputs: &'i Inputs<'_>) -> impl Iterator<Item = RemoteId> + use<'i> {
    let status = Field::find(Kind::Campaign, "status");
    inputs.objects(Kind::Campaign).filter_map(move |(address, object)| {
        let status = status.filter(|field| !object.ignored.contains(field))?;
        let Setting::Value(Value::String(wanted)) = &object.fields.get(status)?.setting else { return None };
        let found = inputs.matches.found(address)?.object;
        let starts = CampaignStatus::from_word(wanted) == Some(CampaignStatus::Active) && !is_dialling(found);
        starts.then(|| found.id.clone())
    })
}

/// What the rules need to know of each campaign that the draft starts.
pub(crate) fn launches(inputs: &Inputs<'_>, draft: &mut Draft) -> BTreeMap<Address, Launch> {
    let mut seated: HashMap<Address, Vec<&DraftStep>> = HashMap::new();
    for step in &draft.steps {
        if let Some(campaign) = step.address.assignment_campaign() {
            seated.entry(campaign).or_default().push(step);
        }
    }
    let mut launches = BTreeMap::new();
    let mut problems = Vec::new();
    for step in draft.steps.iter().filter(|step| step.stage == Stage::Start) {
        let Write::Transition { target, to: _ } = &step.write else { continue };
        let Some(desktop) = desktop(inputs, target, seated.get(&step.address).map_or(&[], Vec::as_slice)) else {
            problems.push(Problem::new(code::INTERNAL, "the desktop of the campaign was not read").of(&step.address));
            continue;
        };
        let told = step.base.get("status").and_then(Value::as_str).and_then(CampaignStatus::from_word);
        let launch = Launch {
            from: told.unwrap_or(CampaignStatus::Draft),
            shown: desktop.len(),
            selected: desktop.values().any(|selected| *selected),
        };
        launches.insert(step.address.clone(), launch);
    }
    draft.problems.append(&mut problems);
    launches
}

/// The outcomes that a desktop will show, each with whether it is selected; `None` where the desktop was not read.
fn desktop(inputs: &Inputs<'_>, campaign: &Target, steps: &[&DraftStep]) -> Option<BTreeMap<Target, bool>> {
    let mut desktop: BTreeMap<Target, bool> = match campaign {
        Target::Created(_) => BTreeMap::new(),
        Target::Existing(id) => {
            let standing = inputs.observed.desktops.get(id)?;
            standing.iter().map(|one| (Target::Existing(one.outcome.clone()), one.default)).collect()
        }
    };
    for step in steps {
        match &step.write {
            Write::Assign { outcome, default, .. } | Write::Reassign { outcome, default: Some(default), .. } => {
                desktop.insert(outcome.clone(), *default);
            }
            Write::Unassign { outcome, .. } => drop(desktop.remove(outcome)),
            _ => {}
        }
    }
    Some(desktop)
}
