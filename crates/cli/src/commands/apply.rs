//! `cxform apply`: plans, shows, asks, carries out; or carries out a saved plan and nothing else; or goes on with a run.

use anyhow::bail;
use cxform_manifest::{Environment, Project};
use cxform_plan::Plan;
use cxform_record::{Run, RunKind};

use crate::args::{ApplyArgs, Global};
use crate::carrying::{Task, carry_out};
use crate::connect::{self, Session};
use crate::planning::{self, Request};
use crate::project::Asked;
use crate::recording::run::{Kind, Recorder};
use crate::terminal::say;
use crate::{late, live, objecting, policies, project, provenance, saved, views};

/// Applies.
pub async fn run(global: &Global, args: ApplyArgs) -> anyhow::Result<u8> {
    let ApplyArgs { file, resume, tenant, shape, manner, no_store, expect_digest } = args;
    let project = project::open(global, tenant.base_url.is_some())?;
    let environment = project::environment(&project, global)?;
    let saved = file.as_deref().map(saved::read).transpose()?;
    // Before anybody is asked for credentials or made to wait: manifests with errors are refused at once.
    let desired = if saved.is_none() && !resume {
        Some(project::load(&project, environment, &project::today(), global)?)
    } else {
        None
    };
    let resolved = project::resolve(&project, environment, global, &tenant)?;
    let protected = resolved.protected;
    if protected && manner.auto_approve && saved.is_none() && !resume && expect_digest.is_none() {
        bail!(
            "environment `{}` is protected: `--auto-approve` takes a saved plan or `--expect-digest` there\n\
             hint: `cxform plan --env {0} --out FILE`, have it reviewed, then `cxform apply --env {0} FILE --auto-approve`",
            environment.name
        );
    }
    let identity = connect::identity(&resolved.name, &resolved.tenant);
    if let Some(plan) = &saved {
        belongs(plan, &project, environment, &identity)?;
        let another = provenance::check(plan, &provenance::of(&project).await?)?;
        if let (Some(another), false) = (another, global.quiet) {
            say(&another);
        }
        provenance::expect(plan, expect_digest.as_deref())?;
    }
    let recorder = if no_store {
        if !global.quiet {
            say("Without a store: no journal, no lock, no audit trail. The preconditions alone protect this run.");
        }
        None
    } else {
        let name = connect::lock_name(&project.root, &resolved);
        Some(Recorder::open(&project, &environment.name, &identity, &name, manner.lock_timeout, global.quiet).await?)
    };
    let Some(Course { saved, resumed, unfinished }) = course(recorder.as_ref(), saved, resume).await? else {
        say("Nothing to resume: no run on this tenant is unfinished.");
        return Ok(0);
    };
    if let (Some(recorder), false) = (&recorder, global.quiet) {
        announce(recorder, resumed.as_ref(), &unfinished).await?;
    }

    let rate_limits = resolved.rate_limits;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let settled = match &recorder {
        Some(recorder) => settle(recorder, &session, resumed.as_ref(), &unfinished, global.quiet).await,
        None => Ok(()),
    };
    let from_file = file.is_some() || resumed.as_ref().is_some_and(|run| run.saved_plan);
    let plan = match (settled, saved, &desired) {
        (Err(error), ..) => Err(error),
        (Ok(()), Some(mut plan), _) => {
            let verified = session.verify(&plan.provenance.fingerprint, "the plan").await;
            // The figures in a file are those of its day.
            live::figures(&mut plan, &session.connection.reader()).await;
            // A run that goes on was judged when it began, and half of it is worse than all.
            match (verified, &resumed) {
                (Err(error), _) => Err(error),
                (Ok(()), Some(_)) => Ok(plan),
                (Ok(()), None) => {
                    let asked = project::asked(global, &project, environment);
                    judge(&project, plan, shape.forbid_loosening, &asked).await
                }
            }
        }
        (Ok(()), None, Some(desired)) => {
            let request = Request {
                project: &project,
                environment: &environment.name,
                desired,
                rate_limits,
                shape: &shape,
                context: project::today(),
                wanted: global.wanted,
                fingerprint: &environment.fingerprint,
            };
            planning::plan(&session, &request).await
        }
        (Ok(()), None, None) => bail!("there is neither a plan nor a manifest to apply"),
    };
    let plan = plan.and_then(|plan| provenance::expect(&plan, expect_digest.as_deref()).map(|()| plan));
    let ended = match plan {
        Ok(plan) => {
            let kind = Kind { kind: RunKind::Apply, undoes: None, saved: from_file };
            let environment = &environment.name;
            let task = Task { plan, environment, protected, recorder, kind, resumed, unfinished };
            carry_out(global, &session, task, &manner).await
        }
        Err(error) => Err(error),
    };
    session.close().await;
    ended
}

/// Where a run begins: anew, or where an earlier one stopped.
#[derive(Default)]
struct Course {
    /// The plan that is applied as it is.
    saved: Option<Plan>,
    /// The run that goes on.
    resumed: Option<Run>,
    unfinished: Vec<Run>,
}

/// `None` where somebody asked to go on, and there is nothing to go on with.
async fn course(recorder: Option<&Recorder>, saved: Option<Plan>, resume: bool) -> anyhow::Result<Option<Course>> {
    let Some(recorder) = recorder else { return Ok(Some(Course { saved, ..Course::default() })) };
    let unfinished = recorder.unfinished().await?;
    if resume {
        // What tuning left is settled and gives way: it decides anew.
        let resumable = unfinished.iter().rev().find(|run| run.kind != RunKind::Tune);
        let Some(run) = resumable.cloned() else { return Ok(None) };
        let plan = recorder.plan_of(&run).await?;
        return Ok(Some(Course { saved: Some(plan), resumed: Some(run), unfinished }));
    }
    let resumed = match &saved {
        Some(plan) => recorder.saved(plan, &unfinished).await?,
        None => None,
    };
    Ok(Some(Course { saved, resumed, unfinished }))
}

/// A saved plan once more, with the allowances that it carries.
async fn judge(project: &Project, mut plan: Plan, forbid_loosening: bool, asked: &Asked<'_>) -> anyhow::Result<Plan> {
    if forbid_loosening {
        objecting::loosening(project, &plan, asked)?;
    }
    let allowed = plan.allowances.clone();
    policies::hold(project, &mut plan, &allowed, asked).await?;
    Ok(plan)
}

/// Finds out what became of everything that runs left in flight which give way now, so that the next plan is made from it.
async fn settle(
    recorder: &Recorder,
    session: &Session,
    resumed: Option<&Run>,
    unfinished: &[Run],
    quiet: bool,
) -> anyhow::Result<()> {
    let giving_way = unfinished.iter().filter(|run| resumed.is_none_or(|resumed| resumed.id != run.id));
    recorder.settle(giving_way, &session.connection, quiet).await?;
    if resumed.is_none() {
        late::until_listed(&session.connection.reader(), recorder.written(unfinished).await?).await?;
    }
    Ok(())
}

/// Says what becomes of runs that did not come to their end.
async fn announce(recorder: &Recorder, resumed: Option<&Run>, unfinished: &[Run]) -> anyhow::Result<()> {
    for run in unfinished {
        let (done, in_flight) = recorder.progress(run).await?;
        let steps = if done == 1 { "1 step is".to_owned() } else { format!("{done} steps are") };
        let flight = match in_flight {
            0 => String::new(),
            1 => "; 1 request has no known answer, so the tenant is asked first".to_owned(),
            many => format!("; {many} requests have no known answer, so the tenant is asked first"),
        };
        let began = views::text::second(&run.started);
        say(&if resumed.is_some_and(|resumed| resumed.id == run.id) {
            format!("Going on with run {} of {began}: {steps} done{flight}.", run.id)
        } else {
            format!(
                "Run {} of {began} did not come to its end: {steps} done{flight}. It gives way to this one, which is \
                 made from what the tenant holds now.",
                run.id
            )
        });
    }
    Ok(())
}

/// A saved plan speaks of one project, one environment and one tenant.
pub fn belongs(plan: &Plan, project: &Project, environment: &Environment, tenant: &str) -> anyhow::Result<()> {
    for (what, planned, here) in [
        ("project", &*plan.project, &*project.name),
        ("environment", &plan.environment, &environment.name),
        ("tenant", &plan.tenant, tenant),
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
