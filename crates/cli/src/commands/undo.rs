//! `cxform undo RUN`: the inverse of an earlier run as a new plan, shown, asked about and applied like any other.

use anyhow::bail;
use cxform_plan::{Inverse, inverse};
use cxform_record::{RunFilter, RunKind, RunState};

use super::apply::belongs;
use crate::args::{Global, UndoArgs};
use crate::carrying::{Task, carry_out};
use crate::connect::{self, Session};
use crate::recording::run::{self, Kind, Recorder};
use crate::recording::store::find_run;
use crate::terminal::{print, say, width};
use crate::views::style::Palette;
use crate::{live, objecting, policies, project, saved, terminal, views};

/// Undoes.
pub async fn run(global: &Global, args: UndoArgs) -> anyhow::Result<u8> {
    let UndoArgs { run: wanted, allow_policy, forbid_loosening, out, tenant, manner } = args;
    let project = project::open(global, tenant.base_url.is_some())?;
    let environment = project::environment(&project, global)?;
    let resolved = project::resolve(&project, environment, global, &tenant)?;
    let protected = resolved.protected;
    if protected && manner.auto_approve && out.is_none() {
        bail!(
            "environment `{}` is protected: `--auto-approve` takes a saved plan there\n\
             hint: `cxform undo {wanted} --env {0} --out FILE`, have it reviewed, then `cxform apply --env {0} FILE --auto-approve`",
            environment.name
        );
    }
    let identity = connect::identity(&resolved.name, &resolved.tenant);
    let name = connect::lock_name(&project.root, &resolved);
    let recorder =
        Recorder::open(&project, &environment.name, &identity, &name, manner.lock_timeout, global.quiet).await?;
    let store = recorder.store();
    let undone = find_run(store, &wanted, Some(&environment.name)).await?;
    if undone.state.is_unfinished() {
        bail!("run {} did not come to its end\nhint: `cxform apply --resume` first, or `cxform apply`", undone.id);
    }
    let runs = store.runs(RunFilter::default()).await?;
    if let Some(by) = runs.iter().find(|by| by.undoes.as_ref() == Some(&undone.id) && by.state == RunState::Done) {
        bail!("run {} has been undone already, by run {}", undone.id, by.id);
    }
    let plan = run::plan_of(store, &undone).await?;
    belongs(&plan, &project, environment, &identity)?;
    let done = run::done(store, &undone, &plan).await?;
    let Inverse { mut plan, cannot: _ } = inverse(&plan, &done);
    let asked = project::asked(global, &project, environment);
    if forbid_loosening {
        objecting::loosening(&project, &plan, &asked)?;
    }
    policies::hold(&project, &mut plan, &allow_policy, &asked).await?;

    if let Some(file) = out {
        print(&views::plan::human(&plan, width(), Palette::new(terminal::colour_on_stdout())))?;
        saved::write(&plan, &file)?;
        say(&format!("Saved. `cxform apply {}` carries out exactly this plan.", file.display()));
        return Ok(0);
    }
    let unfinished = recorder.unfinished().await?;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    live::figures(&mut plan, &session.connection.reader()).await;
    recorder.settle(&unfinished, &session.connection, global.quiet).await?;
    let task = Task {
        plan,
        environment: &environment.name,
        protected,
        recorder: Some(recorder),
        kind: Kind { kind: RunKind::Undo, undoes: Some(undone.id), saved: false },
        resumed: None,
        unfinished,
    };
    if let Err(error) = session.verify(&task.plan.provenance.fingerprint, "the run").await {
        session.close().await;
        return Err(error);
    }
    let ended = carry_out(global, &session, task, &manner).await;
    session.close().await;
    ended
}
