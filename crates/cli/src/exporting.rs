//! An export that holds: the project is read back and planned against the tenant that it describes, until that plan is empty.
//! What stands in the way is left out and told; rules that the tenant breaks are lowered.

use std::collections::BTreeSet;

use cxform_author::export::{Exported, Settings, Verdicts, export};
use cxform_manifest::{HumanStyle, PROJECT_FILE, Project};
use cxform_model::{Address, Desired, Field, Kind, Observed};
use cxform_plan::{Action, Change, Options, Refusal, Waiver};
use cxform_rules::{Context, Severity};

/// Each round learns something. Problems are told a thousand at a time, and few need a round of their own.
const ROUNDS: usize = 200;

/// A project whose plan is empty.
pub struct Settled {
    /// The files, and what is not in them.
    pub exported: Exported,
    /// The rules that are lowered, with their addresses.
    pub waived: BTreeSet<(String, Address)>,
}

/// Exports what was observed.
///
/// # Errors
/// No project could be found that asks for nothing else than the tenant has. Nobody should ever see this.
pub fn settle(observed: &Observed, settings: &Settings<'_>, context: &Context) -> anyhow::Result<Settled> {
    let mut verdicts = Verdicts::default();
    for _ in 0..ROUNDS {
        let exported = export(observed, settings, &verdicts);
        let before = verdicts.clone();
        let told = match read(&exported, context, &mut verdicts) {
            Ok((project, desired)) => match plan(&project, &desired, observed, settings, context) {
                Ok(changes) if changes.is_empty() => return Ok(Settled { exported, waived: verdicts.waived }),
                Ok(changes) => {
                    changes.iter().for_each(|change| learn(change, &mut verdicts));
                    let told = changes.iter().map(|change| format!("`{}`: {}", change.address, change.reason));
                    told.collect::<Vec<_>>().join("\n")
                }
                Err(refusal) => {
                    object(&refusal, &mut verdicts);
                    refusal.to_string()
                }
            },
            Err(told) => told,
        };
        if verdicts == before {
            anyhow::bail!("this tenant cannot be exported, please report it\n{told}");
        }
    }
    anyhow::bail!("this tenant cannot be exported: there was no end to what stands in the way")
}

/// Reads a project back. Where rules of the domain stand against it, they are lowered for the next try.
fn read(exported: &Exported, context: &Context, verdicts: &mut Verdicts) -> Result<(Project, Desired), String> {
    let project = exported.files.get(PROJECT_FILE).map(String::as_bytes);
    let files = exported.files.iter().filter(|(name, _)| *name != PROJECT_FILE);
    let files = files.map(|(name, text)| (name.as_str(), text.as_bytes()));
    let (project, diagnostics) = Project::in_memory(project, files);
    let Some(project) = project else { return Err(diagnostics.human(&HumanStyle::default())) };
    let environment = project.environment(None).map_err(|error| error.to_string())?;
    let loaded = project.load(environment, context, None);
    if let Some(desired) = loaded.desired {
        return Ok((project, desired));
    }
    for problem in &loaded.diagnostics {
        if let (Severity::Error, Some(address)) = (problem.severity, &problem.address) {
            stands_against(problem.rule.id, address, &problem.message, verdicts);
        }
    }
    Err(loaded.diagnostics.human(&HumanStyle::default()))
}

fn plan(
    project: &Project,
    desired: &Desired,
    observed: &Observed,
    settings: &Settings<'_>,
    context: &Context,
) -> Result<Vec<Change>, Refusal> {
    let waivers = project
        .waivers
        .iter()
        .filter_map(|waiver| Some(Waiver { rule: waiver.rule.id.to_owned(), addresses: waiver.address.parse().ok()? }));
    let options = Options {
        waivers: waivers.collect(),
        ..Options::new(settings.project, settings.environment, "tenant", *context)
    };
    cxform_plan::plan(desired, observed, &options).map(|plan| plan.changes)
}

/// A rule of the domain is lowered, anything else keeps the object out.
fn stands_against(rule: &str, address: &Address, message: &str, verdicts: &mut Verdicts) {
    let lowered = (rule.to_owned(), address.clone());
    if cxform_rules::catalogue().iter().any(|known| known.id == rule) && !verdicts.waived.contains(&lowered) {
        verdicts.waived.insert(lowered);
    } else {
        verdicts.left_out.entry(address.clone()).or_insert_with(|| message.to_owned());
    }
}

fn object(refusal: &Refusal, verdicts: &mut Verdicts) {
    for problem in &refusal.problems {
        if let Some(address) = &problem.address {
            stands_against(problem.code, address, &problem.message, verdicts);
        }
    }
}

/// What a plan would change is not as the manifest says: the field goes, or the object.
fn learn(change: &Change, verdicts: &mut Verdicts) {
    let Change { address, action, reason, fields, .. } = change;
    let known: Vec<Field> = fields.iter().filter_map(|field| Field::find(address.kind(), &field.path)).collect();
    if *action == Action::Update
        && address.kind() != Kind::Assignment
        && known.len() == fields.len()
        && !known.is_empty()
    {
        for field in known {
            let why = "it would not read back as the tenant has it".to_owned();
            if verdicts.unmanaged.insert((address.clone(), field), why).is_some() {
                verdicts.left_out.entry(address.clone()).or_insert_with(|| reason.clone());
            }
        }
    } else {
        verdicts.left_out.entry(address.clone()).or_insert_with(|| format!("a plan would change it: {reason}"));
        // A manifest that calls an outcome inactive takes it off the desktops that it knows.
        if let (Action::Unassign, Some(outcome)) = (*action, address.assignment_outcome())
            && let Some(status) = Field::find(Kind::Outcome, "status")
        {
            let why = "it is inactive, and a manifest that says so would take it off a desktop".to_owned();
            if verdicts.unmanaged.insert((outcome.clone(), status), why).is_some() {
                verdicts.left_out.entry(outcome).or_insert_with(|| reason.clone());
            }
        }
    }
}
