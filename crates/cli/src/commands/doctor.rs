//! `cxform doctor`: everything that a first plan needs, one check after the other, each failure with its remedy.
//! It reads only: it holds a `Reader`, and looks at the store without making one.

mod checks;
mod tenant;

use clap::Args;
use cxform_manifest::ResolvedTenant;
use serde_json::json;

use crate::args::{Format, Global, TenantArgs};
use crate::connect::{self, Session};
use crate::project;
use crate::terminal::{colour_on_stdout, print, width};
use crate::views::style::Palette;
use crate::views::text::{counted, folded, safe};

use checks::{Check, Checks, Verdict};

/// `cxform doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Checks, and exits with 1 where something stands in the way of a plan.
pub async fn run(global: &Global, args: DoctorArgs) -> anyhow::Result<u8> {
    let mut checks = Checks::default();
    examine(global, &args, &mut checks).await;
    let text = match global.format {
        Format::Json => as_json(&checks)?,
        Format::Human => human(&checks, width(), Palette::new(colour_on_stdout())),
    };
    print(&text)?;
    Ok(u8::from(checks.failed() > 0))
}

/// Each part needs the one before it; what cannot be checked any more is told as such.
async fn examine(global: &Global, args: &DoctorArgs, checks: &mut Checks) {
    let project = match project::open(global, args.tenant.base_url.is_some()) {
        Ok(project) => project,
        Err(error) => {
            let remedy = "`cxform validate` shows every problem; `cxform init` begins a project";
            return checks.fail("project", &error, remedy);
        }
    };
    checks.good("project", format!("`{}` in `{}`", project.name, project.root.display()));
    let environment = match project::environment(&project, global) {
        Ok(environment) => environment,
        Err(error) => return checks.fail("environment", &error, "name one with `--env NAME`"),
    };
    let loaded = project.load(environment, &project::today(), None);
    let read =
        format!("{} in {}", counted(loaded.statistics.objects, "object"), counted(loaded.statistics.files, "file"));
    match loaded.diagnostics.count(cxform_rules::Severity::Error) {
        0 => checks.good("manifests", format!("valid, {read}")),
        errors => checks.add(Check {
            name: "manifests",
            verdict: Verdict::Failed,
            told: format!("{}, {read}", counted(errors, "error")),
            remedy: Some("`cxform validate` shows them all with their places".to_owned()),
        }),
    }
    let resolved = match project::resolve(&project, environment, global, &args.tenant) {
        Ok(resolved) => resolved,
        Err(error) => {
            let remedy = "set CXONE_CLIENT_ID and CXONE_CLIENT_SECRET, and `baseUrl` of the environment";
            return checks.fail("environment", &error, remedy);
        }
    };
    let identity = connect::identity(&resolved.name, &resolved.tenant);
    checks.good("environment", format!("`{}` is {identity}", resolved.name));
    checks::store(&project, checks).await;
    let path = match &resolved.tenant {
        ResolvedTenant::Remote { campaigns_path, .. } => campaigns_path.clone(),
        ResolvedTenant::Emulator { .. } => String::new(),
    };
    match Session::open(&project.root, resolved, &args.tenant).await {
        Ok(session) => {
            tenant::examine(&session.connection, &path, checks).await;
            session.close().await;
        }
        Err(error) => checks.fail("connection", &error, "check `baseUrl`; behind a proxy of your own, `--ca-file`"),
    }
}

fn human(checks: &Checks, width: usize, palette: Palette) -> String {
    let mut text = String::new();
    for Check { name, verdict, told, remedy } in checks.iter() {
        let word = match verdict {
            Verdict::Good => palette.good("ok     "),
            Verdict::Warning => palette.attention("warning"),
            Verdict::Failed => palette.bad("failed "),
            Verdict::Unknown => palette.dim("unknown"),
        };
        let lines = folded(&safe(told), width, 27);
        text.push_str(&format!("{word}  {name:<16}  {}", lines.trim_start()));
        if told.is_empty() {
            text.push('\n');
        }
        if let Some(remedy) = remedy {
            text.push_str(&folded(&format!("-> {}", safe(remedy)), width, 27));
        }
    }
    let (failed, warned) = (checks.failed(), checks.warned());
    let verdict = match (failed, warned) {
        (0, 0) => palette.good("All is well: `cxform plan` is next."),
        (0, warned) => palette.good(&format!("Good enough: {}. `cxform plan` is next.", counted(warned, "warning"))),
        (failed, _) => palette.bad(&format!("{} in the way of a plan.", stands(failed))),
    };
    format!("{text}\n{verdict}\n")
}

fn stands(failed: usize) -> String {
    if failed == 1 { "One thing stands".to_owned() } else { format!("{failed} things stand") }
}

fn as_json(checks: &Checks) -> anyhow::Result<String> {
    let list: Vec<_> = checks
        .iter()
        .map(|Check { name, verdict, told, remedy }| {
            json!({ "check": name, "verdict": verdict.word(), "told": told, "remedy": remedy })
        })
        .collect();
    let document = json!({ "formatVersion": 1, "ok": checks.failed() == 0, "checks": list });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
