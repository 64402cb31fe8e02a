//! `cxform drift adopt`: the tenant wins. Reads the tenant, and edits manifests in place.

use clap::Args;
use cxform_plan::Selector;

use crate::args::{Global, TenantArgs};
use crate::connect::Session;
use crate::drifting::adopting::{Adopted, Source, adopt};
use crate::drifting::{self, Request};
use crate::project::{self, Refused};
use crate::saved;
use crate::terminal::{print, say};
use crate::views::text::{counted, safe};

/// `cxform drift adopt`.
#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// The objects. `*` matches any text: `campaign/*`. `assignment/CAMPAIGN/*` is the campaign's desktop.
    #[arg(value_name = "ADDRESS")]
    pub address: Selector,
    /// Only this field, such as `dialerSettings.callRate`.
    #[arg(long, value_name = "PATH")]
    pub field: Option<String>,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Takes over what can be, and tells what cannot.
pub async fn run(global: &Global, args: AdoptArgs) -> anyhow::Result<u8> {
    let AdoptArgs { address, field, tenant } = args;
    let project = project::open(global, tenant.base_url.is_some())?;
    let environment = project::environment(&project, global)?;
    let context = project::today();
    let desired = project::load(&project, environment, &context, global)?;
    let resolved = project::resolve(&project, environment, global, &tenant)?;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let asked = project::asked(global, &project, environment);
    let request = Request {
        project: &project,
        environment: &environment.name,
        desired: &desired,
        today: context.as_of,
        asked: &asked,
    };
    let observed = drifting::read(&session, &request).await;
    session.close().await;
    let observed = observed?;

    let mut drifts = drifting::compare(&request, &observed, None)?.drifts;
    drifts.retain(|drift| {
        address.picks(&drift.address) && field.as_ref().is_none_or(|field| drift.path.as_ref() == Some(field))
    });
    if drifts.is_empty() {
        say("There is no difference to adopt.");
        return Ok(0);
    }
    let lookup = |name: &str| std::env::var(name).ok();
    let source = Source { project: &project, environment, context: &context, lookup: &lookup };
    let Adopted { edited, done, stays } = adopt(&source, &observed, &drifts);
    for (name, text) in &edited.files {
        saved::replace(&project.root.join(name), text)?;
    }

    let named = |address: &cxform_model::Address, path: Option<&str>| {
        path.map_or_else(|| address.to_string(), |path| format!("{address} {path}"))
    };
    for (address, path, (file, line)) in &done {
        let told = named(address, path.as_deref().or(Some("desktop")));
        print(&safe(&format!("{file}:{line}  {told}\n")))?;
    }
    if !stays.is_empty() {
        say(&format!("Not adopted: {}.", counted(stays.len(), "difference")));
        for (address, path, why) in &stays {
            say(&safe(&format!("  {}: {why}", named(address, path.as_deref()))));
        }
    }
    if !done.is_empty() && !global.quiet {
        let files = counted(edited.files.len(), "file");
        say(&format!("{files} changed. See `git diff`, then commit."));
        if !edited.also_in.is_empty() {
            let others: Vec<_> = edited.also_in.iter().map(|name| format!("`{}`", safe(name))).collect();
            say(&format!("Other environments share these lines and ask for the same now: {}.", others.join(", ")));
        }
    }
    if stays.is_empty() { Ok(0) } else { Err(Refused.into()) }
}
