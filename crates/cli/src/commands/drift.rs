//! `cxform drift`: what is not what git says, and which side moved. Holds a `Reader` only, so it cannot write to a tenant.

mod adopt;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use cxform_manifest::{Diagnostics, PROJECT_FILE, Project, SNOOZE_FILE, Snooze, Statistics};
use cxform_model::{Address, Field, FileId, Severity, Source};
use jiff::civil::Date;

use crate::args::{AsOf, Global, TenantArgs, Wanted};
use crate::connect::Session;
use crate::drifting::agreed::Memory;
use crate::drifting::v1::DriftReportV1;
use crate::drifting::{self, Request};
use crate::project::Refused;
use crate::recording::courier::Courier;
use crate::recording::notices::Audience;
use crate::terminal::{colour_on_stdout, print, say, width};
use crate::views::style::Palette;
use crate::views::text::safe;
use crate::{project, saved, views};
pub use adopt::AdoptArgs;

/// Drift was found.
const DRIFT: u8 = 2;

/// `cxform drift`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DriftArgs {
    /// What to do instead of looking.
    #[command(subcommand)]
    pub command: Option<DriftCommand>,
    /// How to look.
    #[command(flatten)]
    pub look: LookArgs,
}

/// How to look for drift.
#[derive(Debug, Args)]
pub struct LookArgs {
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
    /// The day that counts as today.
    #[command(flatten)]
    pub as_of: AsOf,
    /// Exit with 2 only where a difference is so bad or worse; smaller ones are shown all the same.
    #[arg(long, value_name = "SEVERITY", default_value = "minor")]
    pub fail_on: Threshold,
    /// Tell the receivers under `notifications` of every difference that `--fail-on` counts, each once.
    #[arg(long, conflicts_with = "no_store")]
    pub notify: bool,
    /// Write gauges to a file for Prometheus, as a node exporter reads them.
    #[arg(long, value_name = "FILE")]
    pub prometheus: Option<PathBuf>,
    /// Go without the store: then nobody knows which side moved.
    #[arg(long)]
    pub no_store: bool,
}

/// How bad a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Threshold {
    /// Any.
    Minor,
    /// Whatever changes how, when or whom a campaign dials, or what agents can choose.
    Major,
    /// Compliance alone.
    Critical,
}

/// `cxform drift ...`.
#[derive(Debug, Subcommand)]
pub enum DriftCommand {
    /// Let the tenant win: puts its values into the manifests, comments kept, ready to be committed.
    Adopt(AdoptArgs),
    /// Accept a difference for a while: writes it into `drift.snooze.yaml`, to be committed.
    Snooze(SnoozeArgs),
}

/// `cxform drift snooze`. With `--env` it holds in that environment alone.
#[derive(Debug, Args)]
pub struct SnoozeArgs {
    /// The object.
    #[arg(value_name = "ADDRESS")]
    pub address: Address,
    /// Only this field of it, such as `dialerSettings.callRate`.
    #[arg(long, value_name = "PATH")]
    pub field: Option<String>,
    /// The last day on which it holds.
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// Why it is accepted.
    #[arg(long, value_name = "TEXT")]
    pub why: String,
}

impl From<Threshold> for Severity {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Minor => Self::Minor,
            Threshold::Major => Self::Major,
            Threshold::Critical => Self::Critical,
        }
    }
}

/// Looks, or snoozes.
pub async fn run(global: &Global, args: DriftArgs) -> anyhow::Result<u8> {
    match args.command {
        Some(DriftCommand::Adopt(args)) => adopt::run(global, args).await,
        Some(DriftCommand::Snooze(args)) => snooze(global, args),
        None => look(global, args.look).await,
    }
}

async fn look(global: &Global, args: LookArgs) -> anyhow::Result<u8> {
    let LookArgs { tenant, as_of, fail_on, notify, prometheus, no_store } = args;
    let project = project::open(global, tenant.base_url.is_some())?;
    if notify && project.recording.notifications.is_empty() {
        bail!(
            "`--notify` tells nobody: `{PROJECT_FILE}` names no receiver\n\
             hint: add one under `notifications`, see docs/runs.md"
        );
    }
    let environment = project::environment(&project, global)?;
    let context = project::context(as_of);
    let desired = project::load(&project, environment, &context, global)?;
    let resolved = project::resolve(&project, environment, global, &tenant)?;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let memory = match memory(&project, &session, no_store, notify).await {
        Ok(memory) => memory,
        Err(error) => {
            session.close().await;
            return Err(error);
        }
    };
    let asked = project::asked(global, &project, environment);
    let request = Request {
        project: &project,
        environment: &environment.name,
        desired: &desired,
        today: context.as_of,
        asked: &asked,
    };
    let report = drifting::report(&session, &request, memory.as_ref()).await;
    session.close().await;
    let report = report?;

    if let Some(file) = &prometheus {
        let metrics = views::drift::prometheus::metrics(&report, jiff::Timestamp::now());
        saved::put_for_all(&metrics, file, "the gauges")?;
    }
    show(global, &report)?;
    let severity = Severity::from(fail_on);
    if let (true, Some(memory)) = (notify, &memory) {
        tell(&project, &report, severity, memory).await?;
    }
    Ok(if report.at_least(severity).next().is_some() { DRIFT } else { 0 })
}

/// What the store knows. One that cannot be opened is no reason not to look, unless it is what remembers who was told.
async fn memory(project: &Project, session: &Session, no_store: bool, needed: bool) -> anyhow::Result<Option<Memory>> {
    if no_store {
        return Ok(None);
    }
    match Memory::open(project, &session.tenant).await {
        Ok(memory) => Ok(Some(memory)),
        Err(error) if needed => Err(error),
        Err(error) => {
            let said = error.to_string();
            tracing::warn!("{}", safe(said.lines().next().unwrap_or_default()));
            Ok(None)
        }
    }
}

fn show(global: &Global, report: &DriftReportV1) -> anyhow::Result<()> {
    match global.wanted {
        Wanted::Json => print(&(serde_json::to_string_pretty(report)? + "\n"))?,
        Wanted::Markdown => print(&views::drift::markdown::report(report))?,
        _ => print(&views::drift::human(report, width(), Palette::new(colour_on_stdout())))?,
    }
    if global.quiet || report.drifts.is_empty() {
        return Ok(());
    }
    if report.comparison == "two-way" {
        say(views::drift::TWO_WAY);
    }
    if report.awake().next().is_some() {
        say(views::drift::WAYS_OUT);
    }
    Ok(())
}

/// Stores what is to be told, and sends it. What was stored once is not stored again.
async fn tell(project: &Project, report: &DriftReportV1, least: Severity, memory: &Memory) -> anyhow::Result<()> {
    let notifications = &project.recording.notifications;
    let audience = Audience::new(notifications);
    let drifts: Vec<_> = report.at_least(least).cloned().collect();
    for notice in drifts.iter().flat_map(|drift| audience.drift(report, drift)) {
        memory.store().enqueue(notice).await.context("what is to be told could not be stored")?;
    }
    if let Some(courier) = Courier::start(memory.store().clone(), notifications) {
        courier.finish().await;
    }
    Ok(())
}

fn snooze(global: &Global, args: SnoozeArgs) -> anyhow::Result<u8> {
    let SnoozeArgs { address, field, until, why } = args;
    let project = project::open(global, false)?;
    let environment = global.environment.as_ref().map(|_| project::environment(&project, global)).transpose()?;
    if let Some(path) = &field
        && path != "parent"
        && Field::find(address.kind(), path).is_none()
    {
        let kind = address.kind();
        bail!("`{}` is no field of {kind}\nhint: docs/fields.md lists them all", safe(path));
    }
    let today = project::today().as_of;
    if until < today {
        bail!("{until} is over\nhint: name the last day on which the difference is accepted");
    }
    let why = why.trim().to_owned();
    if why.is_empty() {
        bail!("`--why` says nothing\nhint: whoever reads the next report wants to know");
    }
    let shown = |diagnostics: Diagnostics| -> anyhow::Error {
        let asked = project::Asked { wanted: global.wanted, folder: &project.root, about: None };
        match project::refuse(&diagnostics, &Statistics::default(), &asked) {
            Ok(()) => Refused.into(),
            Err(error) => error,
        }
    };
    let before = Snooze::of_project(&project.root).map_err(shown)?;
    let file = project.root.join(SNOOZE_FILE);
    let text = match file.try_exists() {
        Ok(false) => String::new(),
        _ => std::fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?,
    };
    let new = Snooze {
        address,
        field,
        environment: environment.map(|environment| environment.name.clone()),
        until,
        why,
        source: Source { file: FileId(0), line: 1, column: 1 },
    };
    let after = new.added_to(&text);
    // A file in another form than ours, such as a list in brackets, takes no further line.
    let same = |read: &Snooze, meant: &Snooze| {
        Snooze { source: new.source, ..read.clone() } == Snooze { source: new.source, ..meant.clone() }
    };
    let as_meant = Snooze::of_text(&after).is_ok_and(|read| {
        read.len() == before.len() + 1
            && read.iter().zip(before.iter().chain([&new])).all(|(read, meant)| same(read, meant))
    });
    if !as_meant {
        bail!(
            "`{SNOOZE_FILE}` is in a form to which nothing can be added\nhint: let `spec` be the last key, and a list with one `- address:` a line below it"
        );
    }
    saved::put_for_all(&after, &file, "the snoozed differences")?;
    if !global.quiet {
        say(&format!("`{}` is snoozed until {until}. Commit `{SNOOZE_FILE}`.", safe(&new.address.to_string())));
    }
    Ok(0)
}
