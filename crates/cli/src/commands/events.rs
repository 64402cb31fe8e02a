//! `cxform events`: what others told, out of the store.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use cxform_record::{Channel, EventFilter, ExportFormat};
use jiff::Timestamp;
use serde_json::json;

use crate::args::{Format, Global, Wanted, moment};
use crate::recording::store::look;
use crate::terminal::{colour_on_stdout, print};
use crate::views::style::Palette;
use crate::{project, views, whole};

/// Which events.
#[derive(Debug, Args)]
pub struct EventSelection {
    /// Of this kind, such as `MAPPING_COMPLETED` or `campaign_tuned`; may be given several times.
    #[arg(long = "type", value_name = "EVENT")]
    pub events: Vec<String>,
    /// That speak of this: `mapping`, `campaign` or `run`.
    #[arg(long, value_name = "CHANNEL", value_parser = channel)]
    pub channel: Option<Channel>,
    /// Of this mapping, campaign or run, by its id.
    #[arg(long, value_name = "ID")]
    pub subject: Option<String>,
    /// Not stored before this time, such as `2026-07-01` or `2026-07-01T14:00:00Z`.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Timestamp>,
    /// Not stored after this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// At most so many.
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

/// `cxform events`.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// The events, the last ones first; 100 of them, unless `--limit` says otherwise.
    List {
        /// Which.
        #[command(flatten)]
        selection: EventSelection,
    },
    /// Write the events to standard output or a file, the oldest first: `--format jsonl` (one JSON object a line) or `--format csv`.
    Export {
        /// The file.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Which.
        #[command(flatten)]
        selection: EventSelection,
    },
}

/// More than a person reads at once.
const LISTED: u64 = 100;

fn channel(word: &str) -> Result<Channel, String> {
    Channel::from_word(word).ok_or_else(|| "there are `mapping`, `campaign` and `run`".to_owned())
}

/// Lists or exports.
pub async fn run(global: &Global, command: EventsCommand) -> anyhow::Result<u8> {
    let project = project::open(global, true)?;
    let Some(store) = look(&project).await? else {
        bail!("nothing was told yet: there is no store\nhint: `cxform serve` takes events in");
    };
    match command {
        EventsCommand::List { selection } => {
            let limit = selection.limit.or(Some(LISTED));
            let filter = EventFilter { newest_first: true, limit, ..filter(selection) };
            let events = store.events(filter).await?;
            let text = match global.format {
                Format::Json => serde_json::to_string_pretty(&json!({ "formatVersion": 1, "events": events }))? + "\n",
                Format::Human => views::events::list(&events, Palette::new(colour_on_stdout())),
            };
            print(&text)?;
        }
        EventsCommand::Export { out, selection } => {
            let form = if global.wanted == Wanted::Csv { ExportFormat::Csv } else { ExportFormat::Jsonl };
            let filter = filter(selection);
            let write = async |out: &mut (dyn std::io::Write + Send)| store.export_events(form, filter, out).await;
            whole::export(out.as_deref(), "event", global.quiet, write).await?;
        }
    }
    Ok(0)
}

fn filter(selection: EventSelection) -> EventFilter {
    let EventSelection { events, channel, subject, since, until, limit } = selection;
    EventFilter {
        channel,
        events: events.into_iter().collect(),
        subject,
        since,
        until,
        limit,
        ..EventFilter::default()
    }
}
