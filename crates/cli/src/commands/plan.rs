//! `cxform plan`: what would change. Holds a `Reader` only, so it cannot write.

use std::path::Path;

use crate::args::{Global, PlanArgs, TenantArgs};
use crate::connect::Session;
use crate::planning::{self, Request};
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
    let PlanArgs { tenant, shape, as_of, out, elsewhere, detailed_exitcode } = args;
    let context = project::context(as_of);
    let project = project::open(global, tenant.base_url.is_some())?;
    let environment = project::environment(&project, global)?;
    let desired = project::load(&project, environment, &context, global)?;
    let resolved = project::resolve(environment, &tenant)?;
    let rate_limits = resolved.rate_limits;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let request = Request {
        project: &project,
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

    showing::show(global, &plan, &elsewhere)?;
    if let Some(file) = out {
        saved::write(&plan, &file)?;
        if !global.quiet {
            say(&format!(
                "Saved. `cxform apply{} {}` carries out exactly this plan.",
                again(global, &tenant),
                file.display()
            ));
        }
    }
    Ok(if detailed_exitcode && !plan.changes.is_empty() { CHANGES } else { 0 })
}
