//! Opening the project, and reading its manifests for one environment.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use cxform_manifest::{Diagnostics, Environment, HumanStyle, PROJECT_FILE, Project, ReportV1, Resolved, Statistics};
use cxform_model::Desired;
use cxform_plan::Waiver;
use cxform_rules::Context;

use crate::args::{AsOf, Global, TenantArgs, Wanted};
use crate::connection;
use crate::terminal::{colour_on_stderr, print, say, width};
use crate::views::{github, markdown};

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
            let asked = Asked { wanted: global.wanted, folder: &folder, about: None };
            refuse(&diagnostics, &Statistics::default(), &asked)?;
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
pub fn resolve(
    project: &Project,
    environment: &Environment,
    global: &Global,
    tenant: &TenantArgs,
) -> anyhow::Result<Resolved> {
    if let Some(revision) = &tenant.connection_base {
        connection::unchanged_since(project, environment, global.environment.is_some(), revision)?;
    }
    let lookup = |name: &str| match (name, &tenant.base_url) {
        ("CXONE_BASE_URL", Some(url)) => Some(url.clone()),
        _ => std::env::var(name).ok(),
    };
    Ok(environment.resolve(&lookup)?)
}

/// What the manifests ask for in one environment. Problems are shown; errors end it here.
pub fn load(
    project: &Project,
    environment: &Environment,
    context: &Context,
    global: &Global,
) -> anyhow::Result<Desired> {
    let lookup = |name: &str| std::env::var(name).ok();
    let loaded = project.load(environment, context, Some(&lookup));
    match loaded.desired {
        Some(desired) => {
            if !loaded.diagnostics.is_empty() && !global.quiet {
                say(loaded.diagnostics.human(&style()).trim_end());
            }
            Ok(desired)
        }
        None => {
            refuse(&loaded.diagnostics, &loaded.statistics, &asked(global, project, environment))?;
            Err(Refused.into())
        }
    }
}

/// How a refusal is wanted, and what it is about.
pub struct Asked<'a> {
    /// The form.
    pub wanted: Wanted,
    /// The project's folder.
    pub folder: &'a Path,
    /// The names of project and environment, as far as they are known.
    pub about: Option<(&'a str, &'a str)>,
}

/// The form that `--format` names, for what is refused in an environment.
pub fn asked<'a>(global: &Global, project: &'a Project, environment: &'a Environment) -> Asked<'a> {
    Asked { wanted: global.wanted, folder: &project.root, about: Some((&project.name, &environment.name)) }
}

/// Shows why there is no result: in the form of the result on standard output, or for people where talk goes.
pub fn refuse(diagnostics: &Diagnostics, statistics: &Statistics, asked: &Asked<'_>) -> anyhow::Result<()> {
    if !tell(&diagnostics.report(statistics), asked)? {
        say(diagnostics.human(&style()).trim_end());
    }
    Ok(())
}

/// Shows problems in the form of the result; `false` where people are to be told in words.
pub fn tell(report: &ReportV1, asked: &Asked<'_>) -> anyhow::Result<bool> {
    match asked.wanted {
        Wanted::Json | Wanted::Jsonl | Wanted::Csv => print(&(serde_json::to_string_pretty(report)? + "\n"))?,
        Wanted::Markdown => print(&markdown::refused(report, asked.about).text)?,
        Wanted::Github => print(&github::problems(report, &github::Base::of(asked.folder)))?,
        Wanted::Human | Wanted::Html | Wanted::Mermaid | Wanted::Prometheus => return Ok(false),
    }
    Ok(true)
}

/// What rules are judged with: today, where the user is.
pub fn today() -> Context {
    Context { as_of: jiff::Zoned::now().date() }
}

/// The same, or another day where somebody names it.
pub fn context(as_of: AsOf) -> Context {
    as_of.date.map_or_else(today, |as_of| Context { as_of })
}

/// The lowered rules that hold today, for the planner's own run of the rules.
pub fn waivers(project: &Project, context: &Context) -> Vec<Waiver> {
    let today = context.as_of;
    let holding = project.waivers.iter().filter(|waiver| waiver.holds_on(today));
    holding
        .filter_map(|waiver| Some(Waiver { rule: waiver.rule.id.to_owned(), addresses: waiver.address.parse().ok()? }))
        .collect()
}

fn style() -> HumanStyle {
    HumanStyle { color: colour_on_stderr(), width: width() }
}
