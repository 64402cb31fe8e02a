//! Opening the project, and reading its manifests for one environment.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use cxform_manifest::{Diagnostics, Environment, HumanStyle, PROJECT_FILE, Project, Resolved, Statistics};
use cxform_model::Desired;
use cxform_plan::Waiver;
use cxform_rules::Context;

use crate::args::{Format, Global, TenantArgs};
use crate::terminal::{colour_on_stderr, print, say, width};

/// Something was refused, and everything that there is to say has been said.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
pub struct Refused;

/// Opens the project of `-C`. Without a `cxform.yaml` the folder itself is the project where `bare` allows it.
pub fn open(global: &Global, bare: bool) -> anyhow::Result<Project> {
    let folder = existing(&global.directory)?;
    let (project, diagnostics) = if Project::is_project(&folder) {
        Project::open(&folder)
    } else if bare {
        Project::bare(&folder)
    } else {
        let hint = near(&folder).unwrap_or_else(|| {
            "name the project's folder with `-C DIR`, or try a folder of manifests with `cxform plan --base-url URL`"
                .to_owned()
        });
        return Err(no_project(&folder, &hint));
    };
    match project {
        Some(project) => Ok(project),
        None => {
            refuse(&diagnostics, &Statistics::default(), global.format)?;
            Err(Refused.into())
        }
    }
}

/// Opens the project of `-C`, or the folder as a bare one: nothing but manifests, without environments. Where a project
/// stands right beside it, the folder is a slip.
pub fn open_to_check(global: &Global) -> anyhow::Result<Project> {
    let folder = existing(&global.directory)?;
    if !Project::is_project(&folder) {
        if let Some(hint) = near(&folder) {
            return Err(no_project(&folder, &hint));
        }
        if !global.quiet {
            let words = "checked as a bare folder, without environments or variables";
            say(&format!("There is no `{PROJECT_FILE}` in `{}`: {words}.", folder.display()));
        }
    }
    open(global, true)
}

fn no_project(folder: &Path, hint: &str) -> anyhow::Error {
    anyhow!("there is no `{PROJECT_FILE}` in `{}`\nhint: {hint}", folder.display())
}

/// Where the project is that somebody seems to mean.
fn near(folder: &Path) -> Option<String> {
    if folder.join("cxform.yml").is_file() {
        return Some(format!("rename `cxform.yml` to `{PROJECT_FILE}`"));
    }
    let (below, above) = (folder.join("manifests"), folder.join(".."));
    let found = [below, above].into_iter().find(|near| Project::is_project(near))?;
    let found = found.strip_prefix(".").unwrap_or(&found);
    Some(format!("the project is in `{0}`: add `-C {0}`", found.display()))
}

fn existing(folder: &Path) -> anyhow::Result<PathBuf> {
    let metadata =
        std::fs::metadata(folder).with_context(|| format!("cannot open the folder `{}`", folder.display()))?;
    if !metadata.is_dir() {
        bail!("`{}` is no folder", folder.display());
    }
    Ok(folder.to_owned())
}

/// The environment of `--env`, or the project's default one.
pub fn environment<'p>(project: &'p Project, global: &Global) -> anyhow::Result<&'p Environment> {
    use cxform_manifest::UnknownEnvironment::{NoDefault, Unknown};
    project.environment(global.environment.as_deref()).map_err(|error| match &error {
        Unknown { hint: Some(hint), .. } | NoDefault { hint } => anyhow!("{error}\nhint: {hint}"),
        Unknown { hint: None, .. } => anyhow!("{error}"),
    })
}

/// The environment with everything filled in. `--base-url` counts like `CXONE_BASE_URL`.
pub fn resolve(environment: &Environment, tenant: &TenantArgs) -> anyhow::Result<Resolved> {
    let lookup = |name: &str| match (name, &tenant.base_url) {
        ("CXONE_BASE_URL", Some(url)) => Some(url.clone()),
        _ => std::env::var(name).ok(),
    };
    Ok(environment.resolve(&lookup)?)
}

/// What the manifests ask for in one environment. Problems are shown; errors end it here.
pub fn load(project: &Project, environment: &Environment, global: &Global) -> anyhow::Result<Desired> {
    let lookup = |name: &str| std::env::var(name).ok();
    let loaded = project.load(environment, &context(), Some(&lookup));
    match loaded.desired {
        Some(desired) => {
            if !loaded.diagnostics.is_empty() && !global.quiet {
                say(loaded.diagnostics.human(&style()).trim_end());
            }
            Ok(desired)
        }
        None => {
            refuse(&loaded.diagnostics, &loaded.statistics, global.format)?;
            Err(Refused.into())
        }
    }
}

/// Shows why the manifests cannot be used: for programs on standard output, for people where talk goes.
pub fn refuse(diagnostics: &Diagnostics, statistics: &Statistics, format: Format) -> anyhow::Result<()> {
    match format {
        Format::Json => {
            let mut text = serde_json::to_string_pretty(&diagnostics.report(statistics))?;
            text.push('\n');
            print(&text)?;
        }
        Format::Human => say(diagnostics.human(&style()).trim_end()),
    }
    Ok(())
}

/// What rules are judged with: today, where the user is.
pub fn context() -> Context {
    Context { as_of: jiff::Zoned::now().date() }
}

/// The lowered rules that hold today, for the planner's own run of the rules.
pub fn waivers(project: &Project) -> Vec<Waiver> {
    let today = context().as_of;
    let holding = project.waivers.iter().filter(|waiver| waiver.holds_on(today));
    holding
        .filter_map(|waiver| Some(Waiver { rule: waiver.rule.id.to_owned(), addresses: waiver.address.parse().ok()? }))
        .collect()
}

fn style() -> HumanStyle {
    HumanStyle { color: colour_on_stderr(), width: width() }
}
