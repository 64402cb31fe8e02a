//! `cxform stats`: how campaigns are doing. It holds a `Reader`, and so cannot change anything.

mod export;
mod watch;

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use cxform_model::{Address, ObservedObject};
use cxform_operate::stats::{self, CampaignStats, Reading, StatsV1};
use cxform_plan::Selector;
use jiff::Timestamp;

use crate::args::{Global, TenantArgs, Wanted, duration};
use crate::connect::Session;
use crate::project;
use crate::terminal::{colour_on_stdout, print};
use crate::views::style::Palette;
use crate::views::{self, text};

/// `cxform stats`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct StatsArgs {
    /// What else there is to do.
    #[command(subcommand)]
    pub command: Option<StatsCommand>,
    /// These campaigns only, by name. `*` matches any text: `q3-*`. Without any: all of the tenant.
    #[arg(value_name = "CAMPAIGN")]
    pub campaigns: Vec<String>,
    /// Read again and again, every so often, until Ctrl-C.
    #[arg(long, value_name = "INTERVAL", num_args = 0..=1, require_equals = true, default_missing_value = "10s", value_parser = duration)]
    pub watch: Option<Duration>,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// What `stats` does beside showing.
#[derive(Debug, Subcommand)]
pub enum StatsCommand {
    /// Write the intervals of campaigns to a file, with what they come to: for planning shifts. Reads only.
    #[command(after_help = "Formats: CSV, or json.")]
    Export(export::StatsExportArgs),
}

/// What statistics are read of.
struct Source<'a> {
    session: &'a Session,
    environment: String,
    picked: Picked,
}

/// One reading.
struct Read {
    at: Timestamp,
    campaigns: Vec<CampaignStats>,
}

impl Source<'_> {
    async fn read(&self) -> anyhow::Result<Read> {
        let reader = self.session.connection.reader();
        let campaigns = stats::gather(&reader, |campaign| self.picked.picks(campaign))
            .await
            .with_context(|| format!("the campaigns of `{}` could not be read", self.session.tenant))?;
        self.picked.all_found(campaigns.iter().map(|campaign| &*campaign.name))?;
        Ok(Read { at: Timestamp::now(), campaigns })
    }

    fn document(&self, read: &Read) -> StatsV1 {
        StatsV1::new(&self.environment, &self.session.tenant, read.at, &read.campaigns)
    }
}

/// Reads and shows, once or until it is stopped.
pub async fn run(global: &Global, args: StatsArgs) -> anyhow::Result<u8> {
    let StatsArgs { command, campaigns, watch, tenant } = args;
    if let Some(StatsCommand::Export(args)) = command {
        return export::run(global, args).await;
    }
    if watch.is_some() && global.wanted == Wanted::Prometheus {
        bail!(
            "`--watch` has no `--format prometheus`\nhint: let a timer write `cxform stats --format prometheus` to a file that the collector reads"
        );
    }
    if watch.is_some_and(|interval| interval < Duration::from_secs(1)) {
        bail!("`--watch` reads at most once a second");
    }
    let picked = Picked::new(&campaigns)?;
    let project = project::open(global, tenant.base_url.is_some())?;
    let resolved = project::resolve(&project, project::environment(&project, global)?, global, &tenant)?;
    let environment = resolved.name.clone();
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let source = Source { session: &session, environment, picked };
    let result = match watch {
        Some(interval) => watch::run(&source, global, interval).await,
        None => once(&source, global).await,
    };
    session.close().await;
    result
}

async fn once(source: &Source<'_>, global: &Global) -> anyhow::Result<u8> {
    let read = source.read().await?;
    let text = match global.wanted {
        Wanted::Json => serde_json::to_string_pretty(&source.document(&read))? + "\n",
        Wanted::Csv => csv(&source.document(&read), true)?,
        Wanted::Prometheus => stats::prometheus(&source.document(&read)),
        _ => views::stats::table(&read.campaigns, Palette::new(colour_on_stdout())),
    };
    print(&text)?;
    Ok(u8::from(failed(&read)))
}

/// A campaign that may not be read is unknown; one whose read failed is an error, told after all the others.
fn failed(read: &Read) -> bool {
    read.campaigns.iter().any(|campaign| matches!(campaign.reading, Reading::Failed(_)))
}

fn csv(document: &StatsV1, header: bool) -> anyhow::Result<String> {
    let mut out = Vec::new();
    if header {
        cxform_record::csv_line(&mut out, stats::HEADER)?;
    }
    stats::csv(document, &mut out)?;
    Ok(String::from_utf8(out)?)
}

/// The campaigns that the command line names.
struct Picked(Vec<(String, Selector)>);

impl Picked {
    fn new(names: &[String]) -> anyhow::Result<Self> {
        let selector = |name: &String| {
            let text = if name.starts_with("campaign/") { name.clone() } else { format!("campaign/{name}") };
            let selector = text.parse().with_context(|| format!("`{}` names no campaign", text::safe(name)))?;
            Ok((name.clone(), selector))
        };
        names.iter().map(selector).collect::<anyhow::Result<_>>().map(Self)
    }

    fn picks(&self, campaign: &ObservedObject) -> bool {
        let address = Address::campaign(campaign.key.trim().to_owned());
        self.0.is_empty() || self.0.iter().any(|(name, selector)| *name == campaign.key || selector.picks(&address))
    }

    fn all_found<'a>(&self, names: impl Iterator<Item = &'a str> + Clone) -> anyhow::Result<()> {
        let found = |name: &String, selector: &Selector| {
            names.clone().any(|key| key == name || selector.picks(&Address::campaign(key.trim().to_owned())))
        };
        match self.0.iter().find(|(name, selector)| !found(name, selector)) {
            Some((name, _)) => bail!(
                "the tenant has no campaign `{}`\nhint: `cxform stats` without a name shows all of them",
                text::safe(name)
            ),
            None => Ok(()),
        }
    }
}
