//! `cxform apply`: plans, shows, asks, carries out; or carries out a saved plan and nothing else.

use std::sync::Arc;

use anyhow::bail;
use cxform_apply::{ReportV1, Unrecorded};
use cxform_manifest::{Environment, Project};
use cxform_plan::Plan;

use crate::approval::{self, Answer};
use crate::args::{ApplyArgs, Format, Global};
use crate::connect::Session;
use crate::planning::{self, Request};
use crate::signals::stop_on_signals;
use crate::terminal::{colour_on_stderr, colour_on_stdout, print, say, width};
use crate::views::progress::Progress;
use crate::views::style::Palette;
use crate::{project, saved, views};

/// Applies.
pub async fn run(global: &Global, args: ApplyArgs) -> anyhow::Result<u8> {
    let ApplyArgs { file, tenant, shape, auto_approve, parallelism } = args;
    let project = project::open(global, tenant.base_url.is_some())?;
    let environment = project::environment(&project, global)?;
    let saved = file.as_deref().map(saved::read).transpose()?;
    let resolved = project::resolve(environment, &tenant)?;
    let protected = resolved.protected;
    if protected && auto_approve && saved.is_none() {
        bail!(
            "environment `{}` is protected: `--auto-approve` takes a saved plan there\n\
             hint: `cxform plan --env {0} --out FILE`, have it reviewed, then `cxform apply --env {0} FILE --auto-approve`",
            environment.name
        );
    }
    let rate_limits = resolved.rate_limits;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let plan = match saved {
        Some(plan) => belongs(&plan, &project, environment, &session).map(|()| plan),
        None => {
            let desired = project::load(&project, environment, global)?;
            let request = Request {
                project: &project,
                environment: &environment.name,
                desired: &desired,
                rate_limits,
                shape: &shape,
                format: global.format,
            };
            planning::plan(&session, &request).await
        }
    };
    let ended = match plan {
        Ok(plan) => {
            let question = Approval { environment: &environment.name, protected, given: auto_approve };
            approve_and_execute(global, &session, plan, &question, parallelism).await
        }
        Err(error) => Err(error),
    };
    session.close().await;
    ended
}

/// What has to be said before anything is written.
struct Approval<'a> {
    environment: &'a str,
    protected: bool,
    given: bool,
}

async fn approve_and_execute(
    global: &Global,
    session: &Session,
    plan: Plan,
    approval: &Approval<'_>,
    parallelism: u16,
) -> anyhow::Result<u8> {
    if !(global.quiet && approval.given) {
        show(&plan, global)?;
    }
    if !plan.steps.is_empty() && !approval.given {
        let wanted = if approval.protected { Answer::Name(approval.environment) } else { Answer::Yes };
        let question = format!("Apply this to `{}` ({})?", approval.environment, plan.tenant);
        if !approval::ask(&question, wanted)? {
            say("Not applied: nothing was written.");
            return Ok(1);
        }
    }
    let progress = Progress::new(global.quiet);
    let stop = stop_on_signals()?;
    let options = cxform_apply::Options {
        parallelism: usize::from(parallelism),
        ..cxform_apply::Options::new(Arc::new(Unrecorded))
    };
    let report =
        cxform_apply::run(plan.into(), &session.connection, options, move |event| progress.show(&event), &stop).await?;
    match global.format {
        Format::Json => print(&(serde_json::to_string_pretty(&ReportV1::from(&report))? + "\n"))?,
        Format::Human => print(&views::report::human(&report, Palette::new(colour_on_stdout())))?,
    }
    Ok(report.exit_code())
}

/// People see the plan before they are asked. Where a program reads standard output, the plan is talk.
fn show(plan: &Plan, global: &Global) -> anyhow::Result<()> {
    match global.format {
        Format::Human => {
            let text = views::plan::human(plan, width(), Palette::new(colour_on_stdout()));
            print(&text)?;
        }
        Format::Json => say(&views::plan::human(plan, width(), Palette::new(colour_on_stderr()))),
    }
    Ok(())
}

/// A saved plan speaks of one project, one environment and one tenant.
fn belongs(plan: &Plan, project: &Project, environment: &Environment, session: &Session) -> anyhow::Result<()> {
    for (what, planned, here) in [
        ("project", &plan.project, &project.name),
        ("environment", &plan.environment, &environment.name),
        ("tenant", &plan.tenant, &session.tenant),
    ] {
        if planned != here {
            bail!(
                "the plan was made for the {what} `{}`, but this is `{}`\nhint: plan again here",
                views::text::safe(planned),
                views::text::safe(here)
            );
        }
    }
    Ok(())
}
