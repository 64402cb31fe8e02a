//! A project's own policies: found in `policies/`, held against a plan before anybody approves it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use cxform_manifest::{Objection, Project};
use cxform_model::Address;
use cxform_plan::v1::PlanV1;
use cxform_plan::{Allowance, Place, Plan, Warning};
use cxform_policy::{Denial, Policies, Severity, judge};
use cxform_rules::Rule;
use tokio::sync::oneshot;

use crate::objecting;
use crate::project::Asked;
use crate::views::text;

/// Where policies are, beside `cxform.yaml`.
pub const FOLDER: &str = "policies";

/// What the ids of policies stand behind wherever rules are named.
const PREFIX: &str = "policy/";

/// Every policy is one of these; its id and message are its own.
static POLICY: Rule = Rule {
    id: "policy",
    name: "policy",
    severity: cxform_rules::Severity::Error,
    about: "A policy of the project.",
    origin: "project",
};

/// The largest file.
const LARGEST: u64 = 1 << 20;

/// How many files there may be.
const MOST_FILES: usize = 500;

/// How long the policies may take altogether. What takes longer has not said yes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Judges take their time over nested data; this is room enough for the deepest expression that is accepted.
const STACK: usize = 32 << 20;

/// The policies of the project in this folder; none where it has no `policies/`.
pub fn load(root: &Path) -> anyhow::Result<Policies> {
    let folder = root.join(FOLDER);
    let mut files = Vec::new();
    if folder.is_dir() {
        find(&folder, &mut files)?;
    }
    files.sort();
    let mut texts = Vec::with_capacity(files.len());
    for file in &files {
        let name = file.strip_prefix(root).unwrap_or(file).display().to_string();
        let size = std::fs::metadata(file).with_context(|| format!("cannot read `{name}`"))?.len();
        if size > LARGEST {
            bail!("`{name}` is too large for a policy file: it has {size} bytes, and {LARGEST} are allowed");
        }
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{name}`"))?;
        texts.push((name, text));
    }
    cxform_policy::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))).map_err(|errors| {
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow!("{}\nhint: `cxform policy test` checks the policies without a tenant", said.join("\n"))
    })
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read the folder `{}`", folder.display());
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let (kind, path) = (entry.file_type().with_context(unreadable)?, entry.path());
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if kind.is_dir() {
            find(&path, files)?;
        } else if is_yaml && kind.is_file() {
            files.push(path);
        } else if is_yaml {
            // A policy that is not seen would be one that passes everything.
            bail!("`{}` is no plain file: policies are not read through links", path.display());
        }
        if files.len() > MOST_FILES {
            bail!("there are more than {MOST_FILES} policy files below `{}`", folder.display());
        }
    }
    Ok(())
}

/// Holds a plan against the project's policies. Warnings, and denials that are allowed, travel with the plan; any other
/// denial is shown, and ends it. What an earlier judgement left in a saved plan makes way for this one.
pub async fn hold(
    project: &Project,
    plan: &mut Plan,
    allowances: &[Allowance],
    asked: &Asked<'_>,
) -> anyhow::Result<()> {
    let policies = load(&project.root)?;
    plan.warnings.retain(|warning| !warning.rule.as_ref().is_some_and(|rule| rule.starts_with(PREFIX)));
    if let Some(unknown) = allowances.iter().find(|one| !policies.ids().any(|id| id == one.policy)) {
        let known: Vec<String> = policies.ids().map(|id| format!("`{id}`")).collect();
        let known = if known.is_empty() { "the project has none".to_owned() } else { known.join(", ") };
        bail!("there is no policy `{}` to allow anything of\nhint: policies: {known}", text::safe(&unknown.policy));
    }
    if policies.is_empty() {
        return Ok(());
    }
    let mut refused = Vec::new();
    for denial in denials(policies, plan).await? {
        let allowance = allowances.iter().find(|one| one.policy == denial.policy);
        match (denial.severity, allowance) {
            (Severity::Error, None) => refused.push(denial),
            (Severity::Error, Some(allowance)) => {
                if !plan.allowances.contains(allowance) {
                    plan.allowances.push(allowance.clone());
                }
                let message = format!("{} (allowed: {})", denial.message, allowance.reason);
                plan.warnings.push(warning(&denial, message));
            }
            (Severity::Warning, _) => {
                let message = denial.message.clone();
                plan.warnings.push(warning(&denial, message));
            }
        }
    }
    objecting::refuse(project, refused.iter().map(|denial| objection(project, denial)), asked)
}

/// On a thread of its own: one that does not end keeps neither the answer nor the process.
async fn denials(policies: Policies, plan: &Plan) -> anyhow::Result<Vec<Denial>> {
    let json = serde_json::to_value(PlanV1::from(plan))?;
    let now = jiff::Timestamp::now();
    let (tell, told) = oneshot::channel();
    std::thread::Builder::new()
        .name("policies".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // Nobody listens any more where it took too long.
            let _ = tell.send(judge(&policies, &json, now));
        })
        .context("cannot judge the plan by the policies")?;
    match tokio::time::timeout(PATIENCE, told).await {
        Ok(Ok(denials)) => denials.context("the policies do not say whether this may be applied, so it may not"),
        Ok(Err(_)) => bail!("the policies could not be evaluated, so nothing may be applied"),
        Err(_) => bail!(
            "the policies take longer than {} s on this plan, so nothing may be applied\n\
             hint: a loop over `plan.changes` within a loop is slow on large plans: guard it with `when`",
            PATIENCE.as_secs()
        ),
    }
}

fn rule(denial: &Denial) -> String {
    format!("{PREFIX}{}", denial.policy)
}

fn place(denial: &Denial) -> Option<Place> {
    let found = denial.place.as_ref();
    found.map(|place| Place { file: place.file.clone(), line: place.line, column: place.column })
}

fn address(denial: &Denial) -> Option<Address> {
    denial.address.as_deref().and_then(|address| address.parse().ok())
}

fn warning(denial: &Denial, message: String) -> Warning {
    Warning { rule: Some(rule(denial)), address: address(denial), message, source: place(denial) }
}

fn objection(project: &Project, denial: &Denial) -> Objection {
    Objection {
        rule: &POLICY,
        called: Some(rule(denial)),
        message: denial.message.clone(),
        hint: Some(format!("`--allow-policy {}=REASON` allows it, and the reason goes on record", denial.policy)),
        address: address(denial),
        places: objecting::at(project, place(denial).as_ref()),
    }
}
