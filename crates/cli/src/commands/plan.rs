//! `cxform plan`: what would change. Holds a `Reader` only, so it cannot write.

use std::path::Path;

use cxform_manifest::{Environment, Project};

use crate::args::{Global, PlanArgs, TenantArgs};
use crate::connect::Session;
use crate::planning::{self, Request};
use crate::project::Refused;
use crate::terminal::say;
use crate::{project, saved, showing};

/// Changes were found, and `--detailed-exitcode` asks to tell.
const CHANGES: u8 = 2;

/// The options that lead an apply to the same project, environment and tenant.
fn again(global: &Global, tenant: &TenantArgs) -> String {
    let folder = (global.directory != Path::new(".")).then(|| format!(" -C {}", global.directory.display()));
    let environment = global.environment.as_ref().map(|name| format!(" --env {name}"));
    let url = tenant.base_url.as_ref().map(|url| format!(" --base-url {url}"));
    let ca_file = tenant.ca_file.as_ref().map(|file| format!(" --ca-file {}", file.display()));
    [folder, environment, url, ca_file].into_iter().flatten().collect()
}

/// Plans, shows, and saves where asked.
pub async fn run(global: &Global, args: PlanArgs) -> anyhow::Result<u8> {
    let project = project::open(global, args.tenant.base_url.is_some())?;
    let environment = project::environment(&project, global)?;
    let planned = plan(global, &project, environment, args).await;
    if let Err(error) = &planned
        && !error.is::<Refused>()
    {
        showing::failed(error, &project::asked(global, &project, environment))?;
    }
    planned
}

async fn plan(global: &Global, project: &Project, environment: &Environment, args: PlanArgs) -> anyhow::Result<u8> {
    let PlanArgs { tenant, shape, as_of, out, elsewhere, detailed_exitcode } = args;
    let context = project::context(as_of);
    let desired = project::load(project, environment, &context, global)?;
    let resolved = project::resolve(environment, &tenant)?;
    let rate_limits = resolved.rate_limits;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let request = Request {
        project,
        environment: &environment.name,
        desired: &desired,
        rate_limits,
        shape: &shape,
        context,
        wanted: global.wanted,
    };
    let planned = planning::plan(&session, &request).await;
    session.close().await;
    let plan = planned?;

    // Saved first: what is shown as a plan can then be applied.
    if let Some(file) = &out {
        saved::write(&plan, file)?;
    }
    showing::show(global, &plan, &elsewhere)?;
    if let (Some(file), false) = (out, global.quiet) {
        let again = again(global, &tenant);
        say(&format!("Saved. `cxform apply{again} {}` carries out exactly this plan.", file.display()));
    }
    Ok(if detailed_exitcode && !plan.changes.is_empty() { CHANGES } else { 0 })
}
