//! How campaigns are doing, for people.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use cxform_model::{CampaignStatus, RemoteId};
use cxform_operate::stats::{ABANDON_BUDGET, CampaignStats, Reading};
use jiff::Timestamp;

use super::style::Palette;
use super::text;

/// Readings that a sparkline shows.
const REMEMBERED: usize = 20;

const HEADS: [&str; 9] =
    ["campaign", "status", "calls", "answered", "abandoned", "violations", "utilisation", "efficiency", "budget used"];

/// One line a campaign.
pub fn table(campaigns: &[CampaignStats], palette: Palette) -> String {
    if campaigns.is_empty() {
        return "The tenant has no campaign.\n".to_owned();
    }
    rows(campaigns, None, palette)
}

/// The same with what happened since the watch began, below a head line.
pub fn frame(
    of: &str,
    at: Timestamp,
    interval: Duration,
    campaigns: &[CampaignStats],
    history: &History,
    trouble: Option<&str>,
    palette: Palette,
) -> String {
    let clock = at.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string();
    let every = text::duration(interval);
    let head = format!("{}  {clock}, every {every}", text::safe(of));
    let mut out = format!("{}  {}\n\n", palette.bold("cxform stats"), palette.dim(&head));
    if campaigns.is_empty() {
        out.push_str("The tenant has no campaign.\n");
    } else {
        out.push_str(&rows(campaigns, Some(history), palette));
    }
    if let Some(trouble) = trouble {
        let _ = write!(out, "\n{} {trouble}\n", palette.bad("Not read anew:"));
    }
    let _ = write!(out, "\n{}\n", palette.dim("Ctrl-C ends it."));
    out
}

/// Lines of a log.
pub fn lines(at: Timestamp, campaigns: &[CampaignStats]) -> String {
    let mut out = String::new();
    for campaign in campaigns {
        let cells = cells(campaign);
        let said: Vec<_> =
            HEADS.iter().zip(&cells).skip(2).map(|(head, cell)| format!("{head} {}", cell.text)).collect();
        let told = if campaign.figures().is_some() { said.join(", ") } else { unknown(&campaign.reading) };
        let _ = writeln!(out, "{at:.0}  {}  {}  {told}", cells[0].text, cells[1].text);
    }
    out
}

/// What a cell says, and how it is dressed.
struct Cell {
    text: String,
    dress: fn(Palette, &str) -> String,
}

impl Cell {
    fn plain(text: String) -> Self {
        Self { text, dress: |_, text| text.to_owned() }
    }
}

fn rows(campaigns: &[CampaignStats], history: Option<&History>, palette: Palette) -> String {
    let lines: Vec<[Cell; 9]> = campaigns.iter().map(cells).collect();
    let wide = |column: usize| {
        let cells = lines.iter().map(|line| line[column].text.chars().count());
        cells.chain([HEADS[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; 9] = std::array::from_fn(wide);
    let mut out = String::new();
    for (column, head) in HEADS.iter().enumerate() {
        let _ = write!(out, "{}", palette.dim(&padded(head, column, widths[column])));
    }
    if history.is_some() {
        let _ = write!(out, "  {}", palette.dim(&format!("{:<REMEMBERED$}  {}", "calls since", "budget used")));
    }
    trim(&mut out);
    for (campaign, line) in campaigns.iter().zip(&lines) {
        if campaign.figures().is_none() {
            for (column, cell) in line.iter().enumerate().take(2) {
                out.push_str(&(cell.dress)(palette, &padded(&cell.text, column, widths[column])));
            }
            let _ = write!(out, "  {}", palette.dim(&unknown(&campaign.reading)));
            trim(&mut out);
            continue;
        }
        for (column, cell) in line.iter().enumerate() {
            out.push_str(&(cell.dress)(palette, &padded(&cell.text, column, widths[column])));
        }
        if let Some(track) = history.and_then(|history| history.0.get(&campaign.id)) {
            let _ = write!(out, "  {:<REMEMBERED$}  {}", spark(&track.calls, None), spark(&track.budget, Some(1.0)));
        }
        trim(&mut out);
    }
    out
}

fn trim(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

/// Words stand left, figures right.
fn padded(text: &str, column: usize, width: usize) -> String {
    match column {
        0 => format!("{text:<width$}"),
        1 => format!("  {text:<width$}"),
        _ => format!("  {text:>width$}"),
    }
}

fn cells(campaign: &CampaignStats) -> [Cell; 9] {
    let standing = campaign.standing();
    let figures = campaign.figures();
    let count = |count: Option<u64>| Cell::plain(count.map_or_else(|| "-".to_owned(), |count| count.to_string()));
    let percent = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let status = campaign.status;
    let used = standing.budget_used();
    [
        Cell { text: text::cut(&one_line(&campaign.name), 40), dress: Palette::bold },
        Cell {
            text: status.map_or("-", CampaignStatus::word).to_owned(),
            dress: if status == Some(CampaignStatus::Active) { Palette::good } else { Palette::dim },
        },
        count(figures.and_then(|figures| figures.total)),
        Cell::plain(percent(standing.answer_rate)),
        Cell::plain(percent(standing.abandonment_rate)),
        Cell {
            text: percent(standing.violation_rate),
            dress: if standing.violation_rate.is_some_and(|rate| rate > 0.0) {
                Palette::attention
            } else {
                |_, text| text.to_owned()
            },
        },
        Cell::plain(percent(figures.and_then(|figures| figures.utilization).map(|percent| percent / 100.0))),
        Cell::plain(standing.efficiency.map_or_else(|| "-".to_owned(), |score| format!("{score:.2}"))),
        Cell {
            text: used.map_or_else(
                || "-".to_owned(),
                |used| format!("{:.0} % of {:.0} %", used * 100.0, ABANDON_BUDGET * 100.0),
            ),
            dress: match used {
                Some(used) if used > 1.0 => Palette::bad,
                Some(used) if used > 0.8 => Palette::attention,
                _ => |_, text| text.to_owned(),
            },
        },
    ]
}

fn unknown(reading: &Reading) -> String {
    match reading {
        Reading::Known(_) => String::new(),
        Reading::NotPermitted(reason) => format!("unknown: {}", one_line(reason)),
        Reading::Absent => "unknown: the tenant tells no figures of it".to_owned(),
        Reading::Failed(reason) => format!("could not be read: {}", one_line(reason)),
    }
}

fn one_line(told: &str) -> String {
    text::safe(&told.replace('\n', " "))
}

/// What a watch has seen so far.
#[derive(Debug, Default)]
pub struct History(BTreeMap<RemoteId, Track>);

#[derive(Debug, Default)]
struct Track {
    total: Option<u64>,
    calls: VecDeque<Option<f64>>,
    budget: VecDeque<Option<f64>>,
}

impl History {
    /// Adds one reading. Campaigns that are gone are forgotten.
    pub fn add(&mut self, campaigns: &[CampaignStats]) {
        self.0.retain(|id, _| campaigns.iter().any(|campaign| campaign.id == *id));
        for campaign in campaigns {
            let track = self.0.entry(campaign.id.clone()).or_default();
            let total = campaign.figures().and_then(|figures| figures.total);
            let first = track.total.is_none() && track.calls.is_empty();
            if !first {
                // A total that falls was set back; what was called since is unknown.
                let since = track.total.zip(total).and_then(|(before, now)| now.checked_sub(before));
                remember(&mut track.calls, since.map(|calls| calls as f64));
            }
            track.total = total;
            remember(&mut track.budget, campaign.standing().budget_used());
        }
    }
}

fn remember(values: &mut VecDeque<Option<f64>>, value: Option<f64>) {
    if values.len() == REMEMBERED {
        values.pop_front();
    }
    values.push_back(value);
}

/// A line of bars from nought to `top`, or to the highest value; a gap where the value is unknown.
fn spark(values: &VecDeque<Option<f64>>, top: Option<f64>) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let highest = values.iter().flatten().copied().fold(top.unwrap_or(0.0), f64::max);
    let bar = |value: &Option<f64>| match value {
        None => ' ',
        Some(value) if highest > 0.0 => BARS[((value / highest * 8.0) as usize).min(7)],
        Some(_) => BARS[0],
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use cxform_tenant::Figures;

    use super::*;

    fn campaign(name: &str, reading: Reading) -> CampaignStats {
        CampaignStats {
            id: RemoteId(name.to_owned()),
            name: name.to_owned(),
            status: Some(CampaignStatus::Active),
            reading,
        }
    }

    fn known(total: u64, answered: u64, abandoned: u64) -> Reading {
        Reading::Known(Figures {
            total: Some(total),
            answered: Some(answered),
            abandoned: Some(abandoned),
            violations: Some(0),
            utilization: Some(81.25),
            ..Figures::default()
        })
    }

    #[test]
    fn a_table_tells_what_is_known_and_says_what_is_not() {
        let campaigns = [
            campaign("q3-renewals", known(1204, 400, 13)),
            campaign("new", known(0, 0, 0)),
            campaign("far\u{1b}[2J", Reading::NotPermitted("the client lacks a scope".to_owned())),
        ];
        insta::assert_snapshot!(table(&campaigns, Palette::new(false)), @r"
        campaign      status  calls  answered  abandoned  violations  utilisation  efficiency   budget used
        q3-renewals   active   1204    33.2 %      1.1 %       0.0 %       81.2 %       16.29  108 % of 3 %
        new           active      0         -          -           -       81.2 %           -             -
        far\u{1b}[2J  active  unknown: the client lacks a scope
        ");
    }

    #[test]
    fn a_watch_draws_what_happened_since() {
        let mut history = History::default();
        for total in [100, 110, 150, 150, 90, 130] {
            history.add(&[campaign("q3", known(total, total / 2, 1))]);
        }
        assert_eq!(spark(&history.0[&RemoteId("q3".to_owned())].calls, None), "▃█▁ █");
    }
}
