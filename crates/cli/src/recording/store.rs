//! Opening the store that the project names, and saying what to do where it cannot be opened.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use cxform_manifest::Project;
use cxform_record::{Location, Mode, Options, Redaction, Run, RunFilter, RunKind, Store, StoreError};
use secrecy::ExposeSecret as _;

use super::folder;

/// Opens the store of a project.
pub async fn open(project: &Project, mode: Mode) -> anyhow::Result<Store> {
    opened(project, mode).await?.map_err(|error| explain(error, mode))
}

/// Opens the store of a project for a command that is nothing without one.
pub async fn open_to_fill(project: &Project) -> anyhow::Result<Store> {
    opened(project, Mode::ReadWrite).await?.map_err(|error| explain(error, Mode::ReadOnly))
}

async fn opened(project: &Project, mode: Mode) -> anyhow::Result<Result<Store, StoreError>> {
    let setting = project.recording.store(&|name| std::env::var(name).ok())?;
    let setting = setting.as_ref().map(|setting| setting.expose_secret());
    let location = match Location::parse(setting, &project.root) {
        Ok(location) => location,
        Err(error) => return Ok(Err(error)),
    };
    if let (Location::File(file), Mode::ReadWrite) = (&location, mode)
        && file.starts_with(project.root.join(folder::STATE))
    {
        let unusable = |error| StoreError::Unreachable { place: format!("`{}`", file.display()), cause: error };
        if let Err(error) = folder::prepare(&project.root) {
            return Ok(Err(unusable(error.to_string())));
        }
    }
    let mut options = Options::new(location, lock_folder(&project.root));
    options.mode = mode;
    if project.recording.hashes_filter_rules {
        options.redaction = Redaction::HashOnly;
    }
    Ok(Store::open(options).await)
}

/// Opens the store for looking only. `None` where nothing has been recorded yet.
pub async fn look(project: &Project) -> anyhow::Result<Option<Store>> {
    let setting = project.recording.store(&|name| std::env::var(name).ok())?;
    let location = Location::parse(setting.as_ref().map(|setting| setting.expose_secret()), &project.root);
    if let Ok(Location::File(file)) = &location
        && !file.exists()
    {
        return Ok(None);
    }
    open(project, Mode::ReadOnly).await.map(Some)
}

/// A store's error with its hint; where a run is at stake, with the way to go on without.
pub fn explain(error: StoreError, mode: Mode) -> anyhow::Error {
    let hint = error.hint().map_or_else(String::new, |hint| format!("\nhint: {hint}"));
    let without = match mode {
        Mode::ReadWrite => {
            "\nhint: `--no-store` goes on without journal, lock and audit trail: the preconditions alone protect then"
        }
        Mode::ReadOnly => "",
    };
    anyhow!("{error}{hint}{without}")
}

/// Where the locks of this machine and user lie, whatever the project: a tenant has one writer.
fn lock_folder(project: &Path) -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| set("HOME").map(|home| home.join(".local/state")));
    match state {
        Some(state) => state.join("cxform").join("locks"),
        None => {
            tracing::warn!("neither `XDG_STATE_HOME` nor `HOME` is set: the lock guards this project's folder only");
            project.join(folder::STATE).join("locks")
        }
    }
}

/// A run by its id, or by the beginning of it, as people type it; `last` is the last one of the environment, where one is
/// named, that somebody asked for: tuning goes on by itself.
pub async fn find_run(store: &Store, id: &str, environment: Option<&str>) -> anyhow::Result<Run> {
    if id == "last" {
        let environment = environment.map(ToOwned::to_owned);
        let filter = RunFilter {
            environment: environment.clone(),
            without: Some(RunKind::Tune),
            limit: Some(1),
            ..RunFilter::default()
        };
        let last = store.runs(filter).await?.into_iter().next();
        return last.with_context(|| match environment {
            Some(name) => format!("no run of environment `{name}` is recorded yet"),
            None => "no run is recorded yet".to_owned(),
        });
    }
    let runs = store.runs(RunFilter::default()).await?;
    let mut found = runs.into_iter().filter(|run| !id.is_empty() && run.id.starts_with(id));
    match (found.next(), found.next()) {
        (Some(run), None) => Ok(run),
        (Some(_), Some(_)) => Err(anyhow!("several runs begin with `{id}`\nhint: `cxform runs list` shows them all")),
        (None, _) => Err(anyhow!("there is no run `{id}`\nhint: `cxform runs list` shows them all")),
    }
}
