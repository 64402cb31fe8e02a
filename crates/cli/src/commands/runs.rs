//! `cxform runs`: what has been run, how it went, and who may write.

use anyhow::Context as _;
use cxform_plan::v1::AllowanceV1;
use cxform_record::{Mode, Run, RunFilter, Span, Store};
use serde_json::json;

use crate::args::{Format, Global, RunsCommand, TenantArgs};
use crate::recording::lock;
use crate::recording::store::{find_run, look, open};
use crate::terminal::{colour_on_stdout, print, say, width};
use crate::views::style::Palette;
use crate::{connect, project, views};

/// Looks at runs, or frees a tenant.
pub async fn run(global: &Global, command: RunsCommand) -> anyhow::Result<u8> {
    let project = project::open(global, true)?;
    let palette = Palette::new(colour_on_stdout());
    if let RunsCommand::Unlock { force, tenant } = command {
        return unlock(global, &project, force, &tenant).await;
    }
    let store = look(&project).await?;
    let text = match command {
        RunsCommand::List { limit } => {
            let environment = global.environment.clone();
            let filter = RunFilter { environment, limit: Some(limit), ..RunFilter::default() };
            let runs = match &store {
                Some(store) => store.runs(filter).await?,
                None => Vec::new(),
            };
            match global.format {
                Format::Json => document(&json!({ "formatVersion": 1, "runs": runs }))?,
                Format::Human => views::runs::list(&runs, palette),
            }
        }
        RunsCommand::Show { run } => {
            let store = recorded(store)?;
            let run = find_run(&store, &run, global.environment.as_deref()).await?;
            let steps = store.steps(&run.id).await?;
            let in_flight = if run.state.is_unfinished() { store.in_flight(&run.id).await? } else { Vec::new() };
            let allowances = allowances(&store, &run).await?;
            match global.format {
                Format::Json => document(&json!({
                    "formatVersion": 1, "run": run, "allowances": allowances, "steps": steps, "inFlight": in_flight,
                }))?,
                Format::Human => views::runs::show(&run, &allowances, &steps, &in_flight, palette, width()),
            }
        }
        RunsCommand::Stats { run } => {
            let store = recorded(store)?;
            let environment = global.environment.clone();
            let span = match run {
                Some(run) => Span::Run(find_run(&store, &run, environment.as_deref()).await?.id),
                None => environment.map_or(Span::All, Span::Environment),
            };
            let stats = store.stats(span.clone()).await?;
            match global.format {
                Format::Json => {
                    let (run, environment) = match &span {
                        Span::All => (None, None),
                        Span::Environment(name) => (None, Some(name)),
                        Span::Run(id) => (Some(id), None),
                    };
                    document(&json!({ "formatVersion": 1, "run": run, "environment": environment, "stats": stats }))?
                }
                Format::Human => views::runs::stats(&stats, &span, palette),
            }
        }
        RunsCommand::Unlock { .. } => String::new(),
    };
    print(&text)?;
    Ok(0)
}

/// The policies that somebody let pass. Whatever else a store may hide of a plan, these it tells.
async fn allowances(store: &Store, run: &Run) -> anyhow::Result<Vec<AllowanceV1>> {
    let plan = store.plan_of(&run.id).await?;
    let allowances = plan.get("allowances").cloned().unwrap_or_else(|| json!([]));
    serde_json::from_value(allowances).with_context(|| format!("the plan of run {}", run.id))
}

fn recorded(store: Option<Store>) -> anyhow::Result<Store> {
    store.ok_or_else(|| anyhow::anyhow!("no run is recorded yet"))
}

async fn unlock(
    global: &Global,
    project: &cxform_manifest::Project,
    force: bool,
    tenant: &TenantArgs,
) -> anyhow::Result<u8> {
    let resolved = project::resolve(project, project::environment(project, global)?, global, tenant)?;
    let name = connect::lock_name(&project.root, &resolved);
    let store = open(project, Mode::ReadWrite).await?;
    match store.unlock(&name, force).await {
        Ok(Some(holder)) => say(&format!("Freed: it was held by {}.", views::text::safe(&holder.to_string()))),
        Ok(None) => say("Nobody holds the lock."),
        Err(error) => return Err(lock::explain(error)),
    }
    Ok(0)
}

fn document(value: &serde_json::Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
