//! `cxform stats export`: every interval of campaigns as a file, whole or not at all.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use cxform_model::{Kind, ObservedObject};
use cxform_operate::export::{About, Export, ExportError, Form, Of, Sums};
use cxform_tenant::{Intervals, Reader, Span, Told};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Picked;
use crate::args::{Global, TenantArgs, Wanted};
use crate::connect::Session;
use crate::terminal::say;
use crate::views::gauge::Gauge;
use crate::views::text;
use crate::whole::Whole;
use crate::{project, signals};

/// `cxform stats export`.
#[derive(Debug, Args)]
pub struct StatsExportArgs {
    /// The first moment, such as `2026-11-01` or `2026-11-01T09:00`, by the clock of `--time-zone`, or with an offset of its own.
    #[arg(long, value_name = "TIME")]
    pub from: String,
    /// The first moment that no longer counts: `--from 2026-11-01 --to 2026-12-01` is November.
    #[arg(long, value_name = "TIME")]
    pub to: String,
    /// These campaigns only, by name. `*` matches any text: `q3-*`. Without any: all of the tenant.
    #[arg(long, value_name = "CAMPAIGN", num_args = 1..)]
    pub campaign: Vec<String>,
    /// The time zone in which times are read and written, such as `America/New_York`. Each row names it.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub time_zone: String,
    /// The file. It is CSV, unless `--format json` asks for a document.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Exports.
pub async fn run(global: &Global, args: StatsExportArgs) -> anyhow::Result<u8> {
    let StatsExportArgs { from, to, campaign, time_zone, out, tenant } = args;
    let zone = TimeZone::get(&time_zone).map_err(|_| {
        anyhow!("there is no time zone `{}`\nhint: write one such as `Europe/Berlin`", text::safe(&time_zone))
    })?;
    let span = Span { from: moment(&from, &zone, "--from")?, until: moment(&to, &zone, "--to")? };
    if span.from >= span.until {
        bail!("`--from` is not before `--to`");
    }
    let picked = Picked::new(&campaign)?;
    let project = project::open(global, tenant.base_url.is_some())?;
    let resolved = project::resolve(&project, project::environment(&project, global)?, global, &tenant)?;
    let environment = resolved.name.clone();
    // Told before anything is read: a year of intervals takes its time.
    let file = Whole::begin(&out)?;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let about = About {
        environment,
        tenant: session.tenant.clone(),
        read_at: Timestamp::now(),
        span,
        zone,
        zone_name: time_zone,
    };
    let form = if global.wanted == Wanted::Json { Form::Json } else { Form::Csv };
    // Stopped or not, nothing half-written stays behind.
    let ended = signals::ended()?;
    let written = tokio::select! {
        written = write(&session, &picked, about, form, file, global.quiet) => written,
        () = ended => Err(anyhow!("stopped before its end, so nothing was written")),
    };
    session.close().await;
    let (campaigns, sums) = written?;
    if !global.quiet {
        say(&format!(
            "{} of {} written to `{}`{}.",
            text::counted(sums.intervals, "interval"),
            text::counted(campaigns, "campaign"),
            out.display(),
            came_to(&sums)
        ));
    }
    Ok(0)
}

async fn write(
    session: &Session,
    picked: &Picked,
    about: About,
    form: Form,
    mut file: Whole,
    quiet: bool,
) -> anyhow::Result<(usize, Sums)> {
    let reader = session.connection.reader();
    let mut campaigns = reader
        .list(Kind::Campaign)
        .await
        .with_context(|| format!("the campaigns of `{}` could not be read", session.tenant))?;
    picked.all_found(campaigns.iter().map(|campaign| &*campaign.key))?;
    campaigns.retain(|campaign| picked.picks(campaign));
    campaigns.sort_by(|one, other| (&one.key, &one.id).cmp(&(&other.key, &other.id)));
    let span = about.span;
    let gauge = Gauge::new(quiet, campaigns.len());
    let mut export = Export::begin(file.writer(), form, about)?;
    for campaign in &campaigns {
        let mut intervals = open(&reader, campaign, span).await?;
        gauge.campaign(&campaign.key, intervals.announced());
        let of = Of { id: &campaign.id, name: &campaign.key };
        export.campaign(of, &mut intervals, |rows| gauge.rows(rows)).await.map_err(|error| match error {
            ExportError::Tenant(error) => anyhow!(error).context(unread(campaign)),
            ExportError::Write(error) => anyhow!(error).context("the file could not be written"),
        })?;
    }
    let sums = export.finish().context("the file could not be written")?;
    drop(gauge);
    file.finish()?;
    Ok((campaigns.len(), sums))
}

async fn open(reader: &Reader, campaign: &ObservedObject, span: Span) -> anyhow::Result<Intervals> {
    match reader.intervals(&campaign.id, span).await.with_context(|| unread(campaign))? {
        Told::Known(intervals) => Ok(intervals),
        Told::NotPermitted(refusal) => bail!("{}: {refusal}", unread(campaign)),
        Told::Absent => bail!("{}: the tenant has none of it", unread(campaign)),
    }
}

fn unread(campaign: &ObservedObject) -> String {
    format!("the intervals of `{}` could not be read, so nothing was written", text::safe(&campaign.key))
}

fn came_to(sums: &Sums) -> String {
    let unknown = match sums.unknown {
        0 => String::new(),
        some => format!("; {} tell no calls that make sense", text::counted(some, "interval")),
    };
    match sums.efficiency() {
        Some(share) => {
            format!(": {} of {} calls reached an agent ({share:.4}){unknown}", sums.connected, sums.attempted)
        }
        None => unknown,
    }
}

/// A time with an offset, or one by the clock of the zone. A clock that skips it or shows it twice is taken as it goes on.
fn moment(text: &str, zone: &TimeZone, flag: &str) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let civil: DateTime = text.parse().map_err(|_| {
        anyhow!("`{flag}` is `{}`, which is no time\nhint: write `2026-11-01` or `2026-11-01T09:00`", text::safe(text))
    })?;
    Ok(zone.to_ambiguous_timestamp(civil).compatible()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_by_the_clock_of_its_zone() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = |text| moment(text, &zone, "--from").unwrap().to_string();
        assert_eq!(at("2026-11-01"), "2026-11-01T04:00:00Z");
        assert_eq!(at("2026-11-02"), "2026-11-02T05:00:00Z");
        assert_eq!(at("2026-11-01T09:00:00Z"), "2026-11-01T09:00:00Z");
        assert!(moment("November", &zone, "--from").is_err());
    }
}
