//! `cxform export`: a living tenant as a project. Reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use cxform_author::export::{LeftOut, Remote, Settings};
use cxform_manifest::{PROJECT_FILE, Project, Resolved, ResolvedTenant, TokenStyle};
use cxform_model::{Address, Kind, Observed, Rate};
use cxform_plan::Selector;
use cxform_tenant::{Reader, TenantError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::schema;
use crate::args::{Format, Global, TenantArgs};
use crate::connect::Session;
use crate::exporting::{Settled, settle};
use crate::terminal::{print, say};
use crate::views::text::{counted, safe};
use crate::{placing, project};

/// `cxform export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Export these addresses only. `*` matches any text: `outcome/SI-*`.
    #[arg(value_name = "ADDRESS")]
    pub addresses: Vec<String>,
    /// The folder that becomes a project. Files that are there are never overwritten.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Export these kinds only: `outcome`, `callcode`, `campaign`, `assignment`, `webhook`.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
    pub kind: Vec<Kind>,
    /// Keep fields that stand at their documented defaults. Without it they are left out, and what is left out is not managed.
    #[arg(long)]
    pub full: bool,
    /// Lift ids of lists and skills into variables of the environment.
    #[arg(long)]
    pub variables: bool,
    /// The name of the new project; the folder's, where left out.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::from_word(&word.to_lowercase()).ok_or_else(|| {
        let words: Vec<_> = Kind::ALL.iter().map(|kind| format!("`{kind}`")).collect();
        format!("there are {}", words.join(", "))
    })
}

/// Desktops under way at once. The rate limits decide how fast they go.
const DESKTOPS_AT_ONCE: usize = 16;

/// Reads, writes, tells.
pub async fn run(global: &Global, args: ExportArgs) -> anyhow::Result<u8> {
    let selectors: Vec<Selector> = args
        .addresses
        .iter()
        .map(|text| text.parse().with_context(|| format!("`{text}` selects nothing")))
        .collect::<anyhow::Result<_>>()?;
    let name = match &args.name {
        Some(name) => name.clone(),
        None => super::init::name_of(&args.out)?,
    };
    placing::free(&args.out, [PROJECT_FILE])?;
    let kinds: BTreeSet<Kind> = args.kind.iter().copied().collect();
    let picks = |address: &Address| {
        (kinds.is_empty() || kinds.contains(&address.kind()))
            && (selectors.is_empty() || selectors.iter().any(|selector| selector.picks(address)))
    };

    let bare = args.tenant.base_url.is_some() && !Project::is_project(&global.directory);
    let source = if bare { unnamed()? } else { project::open(global, false)? };
    let environment = project::environment(&source, global)?;
    let resolved = project::resolve(&source, environment, global, &args.tenant)?;
    let remote = remote(&resolved);
    let environment = if bare { "prod".to_owned() } else { environment.name.clone() };
    let rate = resolved.rate_limits.default;
    let session = Session::open(&source.root, resolved, &args.tenant).await?;
    let read = observe(&session.connection.reader(), &kinds, global, rate).await;
    session.close().await;
    let (observed, unread) = read?;

    let context = project::today();
    let settings = Settings {
        project: &name,
        environment: &environment,
        remote,
        full: args.full,
        variables: args.variables,
        picks: &picks,
        today: context.as_of,
    };
    let Settled { mut exported, waived } = settle(&observed, &settings, &context)?;
    exported.left_out.extend(unread);
    if exported.objects.is_empty() {
        tell(&exported.left_out);
        bail!("there is nothing to export");
    }
    let mut beside = BTreeMap::from([(".gitignore".to_owned(), ".cxform/\n".to_owned())]);
    beside.extend(
        schema::all()?.remove_entry("cxform.schema.json").map(|(name, text)| (format!("schemas/{name}"), text)),
    );
    placing::place(&args.out, &exported.files, &beside)?;

    let out = args.out.display().to_string();
    if global.format == Format::Json {
        let left_out: Vec<_> = exported.left_out.iter().map(json).collect();
        let waivers: Vec<_> =
            waived.iter().map(|(rule, address)| serde_json::json!({ "rule": rule, "address": address })).collect();
        let objects: BTreeMap<&str, usize> =
            exported.objects.iter().map(|(kind, count)| (kind.word(), *count)).collect();
        let report = serde_json::json!({
            "formatVersion": 1, "project": name, "environment": environment, "out": out,
            "files": exported.files.keys().collect::<Vec<_>>(), "objects": objects, "leftOut": left_out, "waivers": waivers,
        });
        print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
        return Ok(0);
    }
    tell(&exported.left_out);
    if !waived.is_empty() && !global.quiet {
        say(&format!("{} lowered in `{PROJECT_FILE}` until the tenant keeps them:", counted(waived.len(), "rule")));
        for (rule, address) in &waived {
            say(&format!("  {rule} {address}"));
        }
    }
    let objects: Vec<String> =
        exported.objects.iter().map(|(kind, count)| counted(*count, kind.plural().trim_end_matches('s'))).collect();
    print(&safe(&format!("Exported {} to `{out}`: {}.\n", counted(exported.files.len(), "file"), objects.join(", "))))?;
    if !global.quiet {
        say(&safe(&format!(
            "What the manifests do not name is not managed. `cxform plan -C {out}` shows no changes now."
        )));
    }
    Ok(0)
}

/// A project of nothing, for a tenant that no project names yet.
fn unnamed() -> anyhow::Result<Project> {
    Project::in_memory(None, []).0.context("cannot begin without a project")
}

/// What the new project says of the tenant. Credentials come from `CXONE_CLIENT_ID` and `CXONE_CLIENT_SECRET`.
fn remote(resolved: &Resolved) -> Option<Remote> {
    let ResolvedTenant::Remote { base_url, campaigns_path, auth } = &resolved.tenant else { return None };
    let style = match auth.style {
        TokenStyle::Form => "form",
        TokenStyle::Basic => "basic",
        TokenStyle::Json => "json",
    };
    let usual = auth.token_path == "/api/v2/oauth/token" && style == "form";
    Some(Remote {
        base_url: base_url.clone(),
        campaigns_path: Some(campaigns_path.clone()).filter(|path| path != "/api/v2/campaigns"),
        token: (!usual).then(|| (auth.token_path.clone(), style)),
        scopes: auth.scopes.clone(),
    })
}

/// Reads everything there is, completely or not at all; what the client has no scope for is left out.
async fn observe(
    reader: &Reader,
    kinds: &BTreeSet<Kind>,
    global: &Global,
    rate: Rate,
) -> anyhow::Result<(Observed, Vec<LeftOut>)> {
    let wants = |kind| kinds.is_empty() || kinds.contains(&kind);
    let (outcomes, codes, campaigns, webhooks) =
        tokio::join!(reader.list(Kind::Outcome), reader.list(Kind::CallCode), reader.list(Kind::Campaign), async {
            if wants(Kind::Webhook) { Some(reader.list(Kind::Webhook).await) } else { None }
        },);
    let failed = "the tenant could not be read, so nothing was written";
    let mut observed = Observed::default();
    observed.listings.insert(Kind::Outcome, outcomes.context(failed)?);
    observed.listings.insert(Kind::CallCode, codes.context(failed)?);
    observed.listings.insert(Kind::Campaign, campaigns.context(failed)?);
    let mut unread = Vec::new();
    match webhooks {
        None => {}
        Some(Ok(webhooks)) => drop(observed.listings.insert(Kind::Webhook, webhooks)),
        Some(Err(error @ (TenantError::Forbidden(_) | TenantError::NotFound(_)))) => {
            let why = format!("none of them could be read: {error}");
            unread.push(LeftOut { kind: Kind::Webhook, address: None, id: None, path: None, why });
        }
        Some(Err(error)) => return Err(error).context(failed),
    }
    if wants(Kind::Assignment) {
        let ids: Vec<_> = observed.of(Kind::Campaign).iter().map(|campaign| campaign.id.clone()).collect();
        let seconds = ids.len() as u64 * u64::from(rate.seconds) / u64::from(rate.requests).max(1);
        if seconds > 10 && !global.quiet {
            say(&format!("Reading {}, about {} s within the rate limit.", counted(ids.len(), "desktop"), seconds));
        }
        observed.desktops = stream::iter(ids)
            .map(|campaign| async move { Ok::<_, TenantError>((reader.desktop(&campaign).await?, campaign)) })
            .buffer_unordered(DESKTOPS_AT_ONCE)
            .try_filter_map(|(desktop, campaign)| async move { Ok(desktop.map(|desktop| (campaign, desktop))) })
            .try_collect()
            .await
            .context(failed)?;
    }
    Ok((observed, unread))
}

/// What is not in the manifests, for people.
fn tell(left_out: &BTreeSet<LeftOut>) {
    if left_out.is_empty() {
        return;
    }
    say(&format!("{} left out:", counted(left_out.len(), "thing")));
    for LeftOut { kind, address, id, path, why } in left_out {
        let name = address.as_ref().map_or_else(|| kind.plural().to_owned(), Address::to_string);
        let path = path.as_ref().map_or_else(String::new, |path| format!(" {path}"));
        let id = id.as_ref().map_or_else(String::new, |id| format!(" (id {id})"));
        say(&safe(&format!("  {name}{path}{id}: {why}")));
    }
}

fn json(one: &LeftOut) -> serde_json::Value {
    let LeftOut { kind, address, id, path, why } = one;
    let mut members = serde_json::Map::new();
    members.insert("kind".to_owned(), kind.word().into());
    members.extend(address.as_ref().map(|address| ("address".to_owned(), address.to_string().into())));
    members.extend(id.as_ref().map(|id| ("id".to_owned(), id.as_str().into())));
    members.extend(path.as_ref().map(|path| ("path".to_owned(), path.as_str().into())));
    members.insert("why".to_owned(), why.as_str().into());
    members.into()
}
