//! `cxform plan`: what would change. Holds a `Reader` only, so it cannot write.

use std::mem::ManuallyDrop;
use std::path::Path;

use cxform_manifest::{Environment, Project, Tenant};
use cxform_plan::Plan;

use crate::args::{Global, PlanArgs, TenantArgs};
use crate::connect::Session;
use crate::planning::{self, Request};
use crate::project::Refused;
use crate::terminal::say;
use crate::{project, provenance, saved, showing};

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

/// How to make sure that no other tenant is ever taken for this one.
fn unpinned(environment: &Environment, plan: &Plan) -> Option<String> {
    let marks = &plan.provenance.fingerprint;
    let remote = matches!(environment.tenant, Tenant::Remote(_)) && environment.source.is_some();
    if !remote || !environment.fingerprint.is_empty() || marks.is_empty() {
        return None;
    }
    let marks: Vec<_> =
        marks.0.iter().map(|(address, id)| format!("{}: {}", quoted(&address.to_string()), quoted(&id.0))).collect();
    let name = &environment.name;
    Some(format!(
        "Nothing pins the tenant of `{name}` yet: `fingerprint: {{ {} }}` in it refuses any other.",
        marks.join(", ")
    ))
}

/// A JSON text is a YAML one too, whatever it holds.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Plans, shows, and saves where asked.
pub async fn run(global: &Global, args: PlanArgs) -> anyhow::Result<u8> {
    // The process ends with the plan: taking large projects apart, value by value, would only keep people waiting.
    let project = ManuallyDrop::new(project::open(global, args.tenant.base_url.is_some())?);
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
    let desired = ManuallyDrop::new(project::load(project, environment, &context, global)?);
    let resolved = project::resolve(project, environment, global, &tenant)?;
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
        fingerprint: &environment.fingerprint,
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
        say(&provenance::told(&plan));
        if let Some(hint) = unpinned(environment, &plan) {
            say(&hint);
        }
    }
    Ok(if detailed_exitcode && !plan.changes.is_empty() { CHANGES } else { 0 })
}
