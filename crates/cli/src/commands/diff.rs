//! `cxform diff`: what differs between two environments, in their manifests or on their tenants. Reads only.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use cxform_manifest::{Environment, Project};
use cxform_model::{Desired, DesktopEntry, Observed};
use cxform_plan::{Difference, Sheet};
use serde_json::json;

use crate::args::{Format, Global, TenantArgs};
use crate::connect::Session;
use crate::objecting;
use crate::observe::{ObserveError, observe};
use crate::terminal::{colour_on_stdout, print};
use crate::views::style::Palette;
use crate::{project, views};

/// Differences were found, and `--detailed-exitcode` asks to tell.
const DIFFERENCES: u8 = 2;

/// `cxform diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The environment to begin with.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub from: String,
    /// The environment to compare it with.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub to: String,
    /// Compare what the two tenants hold instead, of everything that the manifests of either manage.
    #[arg(long)]
    pub live: bool,
    /// A file of PEM certificates to trust instead of the system's.
    #[arg(long, value_name = "FILE", requires = "live")]
    pub ca_file: Option<PathBuf>,
    /// Exit with 2 where anything differs.
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// Compares and shows.
pub async fn run(global: &Global, args: DiffArgs) -> anyhow::Result<u8> {
    let DiffArgs { from, to, live, ca_file, detailed_exitcode } = args;
    if global.environment.is_some() {
        bail!("`--env` names one environment, and this takes two\nhint: `cxform diff --from staging --to prod`");
    }
    let project = project::open(global, false)?;
    let one = side(&project, global, &from)?;
    let other = side(&project, global, &to)?;
    let asked = [Sheet::asked(&one.desired), Sheet::asked(&other.desired)];
    let [first, second] = if live {
        let tenant = TenantArgs { base_url: None, ca_file, connection_base: None };
        let held = tokio::try_join!(
            read(&project, &one, &other, global, &tenant),
            read(&project, &other, &one, global, &tenant),
        )?;
        [Sheet::held(&held.0, [&asked[0], &asked[1]]), Sheet::held(&held.1, [&asked[0], &asked[1]])]
    } else {
        asked
    };
    let differences = first.differences(&second);
    let compared = if live { "tenants" } else { "manifests" };
    let text = match global.format {
        Format::Json => {
            let report = json!({
                "formatVersion": 1, "project": project.name, "from": from, "to": to, "compared": compared,
                "differences": differences.iter().map(told).collect::<Vec<_>>(),
            });
            serde_json::to_string_pretty(&report)? + "\n"
        }
        Format::Human => views::diff::list(&differences, [&from, &to], compared, Palette::new(colour_on_stdout())),
    };
    print(&text)?;
    Ok(if detailed_exitcode && !differences.is_empty() { DIFFERENCES } else { 0 })
}

/// An environment, and what its manifests ask for.
struct Side<'p> {
    environment: &'p Environment,
    desired: Desired,
}

fn side<'p>(project: &'p Project, global: &Global, name: &str) -> anyhow::Result<Side<'p>> {
    let global = Global { environment: Some(name.to_owned()), ..global.clone() };
    let environment = project::environment(project, &global)?;
    let desired = project::load(project, environment, &project::today(), &global)?;
    Ok(Side { environment, desired })
}

/// Reads one tenant, and of it what either side manages: what was not read must not look as if it were not there.
async fn read(
    project: &Project,
    side: &Side<'_>,
    beside: &Side<'_>,
    global: &Global,
    tenant: &TenantArgs,
) -> anyhow::Result<Observed> {
    let Side { environment, desired } = side;
    let mut wanted = desired.clone();
    for (address, object) in &beside.desired.objects {
        wanted.objects.entry(address.clone()).or_insert_with(|| object.clone());
    }
    // Groups are those of a tenant.
    let named = beside.desired.desktops.iter().filter(|entry| !entry.campaigns.is_empty());
    wanted.desktops.extend(named.map(|entry| DesktopEntry { groups: Vec::new(), ..entry.clone() }));
    let resolved = project::resolve(project, environment, global, tenant)?;
    let session = Session::open(&project.root, resolved, tenant).await?;
    let observed = observe(&session.connection.reader(), &wanted).await;
    let place = session.tenant.clone();
    session.close().await;
    match observed {
        Ok(observed) => Ok(observed),
        Err(ObserveError::Refusal(refusal)) => {
            objecting::refused(project, refusal, &project::asked(global, project, environment))
        }
        Err(ObserveError::Tenant(error)) => {
            Err(error).with_context(|| format!("the tenant `{place}` could not be read, so nothing was compared"))
        }
    }
}

/// A side that says nothing of a field is left out; null is a value.
fn told(difference: &Difference) -> serde_json::Value {
    let Difference { address, path, from, to } = difference;
    let mut members = serde_json::Map::new();
    members.insert("address".to_owned(), address.as_str().into());
    members.insert("path".to_owned(), path.as_deref().into());
    members.extend(from.as_ref().map(|from| ("from".to_owned(), from.clone())));
    members.extend(to.as_ref().map(|to| ("to".to_owned(), to.clone())));
    members.into()
}
