//! `cxform history`: what happened to a campaign, as the tenant remembers it. It holds a `Reader`, and so cannot change anything.

use anyhow::{Context as _, bail};
use clap::Args;
use cxform_model::{Kind, ObservedObject, Version};
use cxform_operate::history::{self, Filter, HistoryV1};
use cxform_tenant::Reader;
use jiff::Timestamp;

use crate::args::{Global, TenantArgs, Wanted, moment};
use crate::connect::Session;
use crate::project;
use crate::terminal::{colour_on_stdout, print, say, width};
use crate::views::style::Palette;
use crate::views::{self, text};

/// `cxform history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The campaign, by name.
    #[arg(value_name = "CAMPAIGN")]
    pub campaign: String,
    /// Not before this time, such as `2026-07-01` or `2026-07-01T14:00:00Z`; without a zone, this machine's.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Timestamp>,
    /// Not after this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// By these only, as the tenant names them, whatever the case.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub actor: Vec<String>,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Reads and shows.
pub async fn run(global: &Global, args: HistoryArgs) -> anyhow::Result<u8> {
    let HistoryArgs { campaign, since, until, actor: actors, tenant } = args;
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        bail!("`--since` is after `--until`");
    }
    let project = project::open(global, tenant.base_url.is_some())?;
    let resolved = project::resolve(&project, project::environment(&project, global)?, global, &tenant)?;
    let environment = resolved.name.clone();
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let told = tell(global, &session, &environment, &campaign, &Filter { since, until, actors }).await;
    session.close().await;
    told
}

async fn tell(
    global: &Global,
    session: &Session,
    environment: &str,
    name: &str,
    filter: &Filter,
) -> anyhow::Result<u8> {
    let reader = session.connection.reader();
    let campaign = find(&reader, name).await.with_context(|| format!("nothing was read of `{}`", session.tenant))?;
    let records = reader.history(&campaign.id, Version(0)).await;
    let picked =
        filter.pick(records.with_context(|| format!("the history of `{}` could not be read", text::safe(name)))?);
    if picked.undated > 0 && !global.quiet {
        say(&format!("{} left out: the tenant does not tell when they were.", text::counted(picked.undated, "record")));
    }
    let document =
        || HistoryV1::new(environment, &session.tenant, Timestamp::now(), &campaign.key, &campaign.id, &picked);
    print(&match global.wanted {
        Wanted::Json => serde_json::to_string_pretty(&document())? + "\n",
        Wanted::Csv => {
            let mut out = Vec::new();
            cxform_record::csv_line(&mut out, history::HEADER)?;
            history::csv(&document(), &mut out)?;
            String::from_utf8(out)?
        }
        _ => views::history::lines(&picked.records, Palette::new(colour_on_stdout()), width()),
    })?;
    Ok(0)
}

/// The one campaign of this name. Its id will do as well.
async fn find(reader: &Reader, name: &str) -> anyhow::Result<ObservedObject> {
    let name = name.strip_prefix("campaign/").unwrap_or(name).trim();
    let mut found = reader.list(Kind::Campaign).await?;
    found.retain(|campaign| campaign.key.trim() == name || campaign.id.0 == name);
    match (found.pop(), found.pop()) {
        (Some(campaign), None) => Ok(campaign),
        (None, _) => bail!("the tenant has no campaign `{}`\nhint: `cxform stats` shows all of them", text::safe(name)),
        (Some(one), Some(other)) => bail!(
            "two campaigns are `{}`: ids `{}` and `{}`\nhint: name one of them by its id",
            text::safe(name),
            text::safe(&other.id.0),
            text::safe(&one.id.0)
        ),
    }
}
