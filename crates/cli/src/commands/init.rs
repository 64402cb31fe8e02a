//! `cxform init`: the files that a project begins with. Nothing that exists is touched.

mod ci;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Args;
use cxform_manifest::{PROJECT_FILE, Project, Statistics};

use super::schema;
use crate::args::{Format, Global};
use crate::project::{self, Asked, Refused};
use crate::terminal::print;
use ci::{Ci, Scene};

/// `cxform init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The project's name; the folder's, where left out.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The tenant's address, for the environment `prod`.
    #[arg(long, value_name = "URL", default_value = "https://api-us-01.nice-incontact.com")]
    pub base_url: String,
    /// Write pipelines as well: on pull requests a check and a plan, apply after a merge, a daily look. Also for a project that exists.
    #[arg(long, value_name = "FORGE", default_value = "none")]
    pub ci: Ci,
}

/// Writes the files.
pub fn run(global: &Global, args: &InitArgs) -> anyhow::Result<u8> {
    let folder = &global.directory;
    if folder.join(PROJECT_FILE).exists() {
        if args.ci == Ci::None {
            bail!(
                "`{}` is a project already\nhint: `cxform validate` checks it, `cxform init --ci github` or `gitlab` adds pipelines",
                folder.display()
            );
        }
        let project = project::open(global, false)?;
        let scene = Scene::of(folder, ci::environments(&project))?;
        let written = Written::default().and(&scene.top, scene.files(args.ci))?;
        return written.told(global, &project.name, "");
    }
    let name = match &args.name {
        Some(name) => name.clone(),
        None => name_of(folder)?,
    };
    let files = files(&name, &args.base_url)?;
    sound(&files, global)?;
    let pipelines = match args.ci {
        Ci::None => None,
        _ => Some(Scene::of(folder, vec!["prod".to_owned()])?),
    };
    let mut written = Written::default().and(folder, files)?;
    if let Some(scene) = pipelines {
        written = written.and(&scene.top, scene.files(args.ci))?;
    }
    let next = format!("It plans against a tenant inside the process until you name yours:\n\n{}", next_steps(folder));
    written.told(global, &name, &next)
}

/// What became of the files.
#[derive(Debug, Default)]
struct Written {
    written: Vec<String>,
    left: Vec<String>,
}

impl Written {
    fn and(mut self, folder: &Path, files: Vec<(String, String)>) -> anyhow::Result<Self> {
        for (path, text) in files {
            if write_new(&folder.join(&path), &text)? { self.written.push(path) } else { self.left.push(path) }
        }
        Ok(self)
    }

    fn told(&self, global: &Global, name: &str, next: &str) -> anyhow::Result<u8> {
        let Self { written, left } = self;
        let text = match global.format {
            Format::Json => {
                serde_json::to_string_pretty(&serde_json::json!({ "project": name, "written": written, "left": left }))?
                    + "\n"
            }
            Format::Human => {
                let list = |mark: &str, paths: &[String]| {
                    paths.iter().map(|path| format!("{mark} {path}\n")).collect::<String>()
                };
                let pipelines = written.iter().any(|path| path.starts_with(".git") && path.ends_with(".yml"));
                let pipelines =
                    if pipelines { "\nThe pipelines say at their top which secrets they need.\n" } else { "" };
                let project = if next.is_empty() { String::new() } else { format!("\nProject `{name}`. {next}") };
                format!("{}{}{project}{pipelines}", list("  written ", written), list("  left as it is ", left))
            }
        };
        print(&text)?;
        Ok(0)
    }
}

fn next_steps(folder: &Path) -> String {
    let here = if folder == Path::new(".") { String::new() } else { format!(" -C {}", folder.display()) };
    format!(
        "  cxform validate{here}            # check the manifests, offline\n  \
           cxform plan{here}                # what would change on the local tenant\n  \
           cxform doctor{here} --env prod   # once the credentials of a real one are at hand\n"
    )
}

/// The name of the folder, as far as it is one for a project.
pub(super) fn name_of(folder: &Path) -> anyhow::Result<String> {
    let full = std::path::absolute(folder).with_context(|| format!("cannot find `{}`", folder.display()))?;
    let full = full.canonicalize().unwrap_or(full);
    let name: String = full
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default()
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
        .collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() {
        bail!("the folder's name is no name for a project\nhint: give one with `--name NAME`");
    }
    Ok(name)
}

/// The files by path, in the order in which a person reads them.
fn files(name: &str, base_url: &str) -> anyhow::Result<Vec<(String, String)>> {
    let schemas = schema::all()?;
    let editor = schemas.get("cxform.schema.json").cloned().unwrap_or_default();
    let project = include_str!("init/cxform.yaml")
        .replace("@NAME@", &serde_json::to_string(name)?)
        .replace("@BASE_URL@", &serde_json::to_string(base_url)?);
    Ok(vec![
        (PROJECT_FILE.to_owned(), project),
        ("manifests/dispositions.yaml".to_owned(), include_str!("init/dispositions.yaml").to_owned()),
        ("manifests/campaigns.yaml".to_owned(), include_str!("init/campaigns.yaml").to_owned()),
        ("policies/starter.yaml".to_owned(), include_str!("init/policies/starter.yaml").to_owned()),
        ("schemas/cxform.schema.json".to_owned(), editor),
        ("schemas/policy.schema.json".to_owned(), schemas.get("policy.schema.json").cloned().unwrap_or_default()),
        (".gitignore".to_owned(), ".cxform/\n".to_owned()),
    ])
}

/// A name or an address that makes no valid project is refused before anything is written.
fn sound(files: &[(String, String)], global: &Global) -> anyhow::Result<()> {
    let trial = tempfile::tempdir()?;
    for (path, text) in files {
        write_new(&trial.path().join(path), text)?;
    }
    let (project, mut diagnostics) = Project::open(trial.path());
    if let Some(project) = project {
        diagnostics = project.validate_all(&project::today()).diagnostics;
    }
    if diagnostics.has_errors() {
        let asked = Asked { wanted: global.wanted, folder: trial.path(), about: None };
        project::refuse(&diagnostics, &Statistics::default(), &asked)?;
        return Err(Refused.into());
    }
    Ok(())
}

/// Whether the file was written; `false` where there is one already.
fn write_new(file: &Path, text: &str) -> anyhow::Result<bool> {
    let fails = || format!("cannot write `{}`", file.display());
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent).with_context(fails)?;
    }
    match std::fs::File::options().write(true).create_new(true).open(file) {
        Ok(mut created) => created.write_all(text.as_bytes()).with_context(fails).map(|()| true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(fails),
    }
}
