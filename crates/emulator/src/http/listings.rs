//! Everything that comes in pages, and the figures of a campaign.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{App, answer::Answer, asked::Asked, dress, locked};
use crate::{
    dialer::Figures,
    paging::{Page, Place, Style},
    store::{Kind, Refusal, Store, Table, assignments, callcodes, campaigns},
};

/// The documented bound for outcomes; the other listings are not bounded in the documents [A].
const MOST_OUTCOMES: usize = 250;
const MOST: usize = 1_000;

const METRICS: [&str; 4] = ["answerRate", "abandonRate", "connectedCalls", "attemptedCalls"];

impl App {
    /// A whole table in the order of creation.
    pub(super) fn list(&self, kind: Kind, asked: &Asked) -> Result<Answer, Refusal> {
        let (listing, most) = match kind {
            Kind::Outcomes => ("outcomes", MOST_OUTCOMES),
            Kind::Callcodes => ("callcodes", MOST),
            Kind::Campaigns => ("campaigns", MOST),
            Kind::Groups => ("campaign-groups", MOST),
            Kind::Assignments => ("assignments", MOST),
            Kind::Webhooks => ("webhooks", MOST),
        };
        let page = self.page(listing, most, asked)?;
        let tenant = locked(&self.tenant);
        let table = tenant.store.table(kind);
        Ok(self.rows(&page, table, table.live(), asked, false))
    }

    /// Call codes, narrowed by `filter=code=X` and `parentCallCodeId`.
    pub(super) fn list_callcodes(&self, asked: &Asked) -> Result<Answer, Refusal> {
        let page = self.page("callcodes", MOST, asked)?;
        let code = match asked.query.get("filter").filter(|filter| !filter.is_empty()) {
            None => None,
            Some(filter) => Some(filter.strip_prefix("code=").ok_or_else(|| {
                Refusal::new(400, "invalid_filter", format!("expected `filter=code=X`, got `{filter}`"))
            })?),
        };
        let parent = asked.query.get("parentCallCodeId");
        let tenant = locked(&self.tenant);
        let table = tenant.store.table(Kind::Callcodes);
        let positions = match (parent, code) {
            (None, None) => table.live(),
            (Some(parent), None) => table.find(&callcodes::parent_key(parent)),
            (None, Some(code)) => table.find(&callcodes::code_key(code)),
            (Some(parent), Some(code)) => table.find(&callcodes::sibling_key(parent, code)),
        };
        Ok(self.rows(&page, table, positions, asked, true))
    }

    /// The outcomes on a campaign.
    pub(super) fn list_assignments(&self, campaign: &str, asked: &Asked) -> Result<Answer, Refusal> {
        let page = self.page("assignments", MOST, asked)?;
        let tenant = locked(&self.tenant);
        tenant.store.object(Kind::Campaigns, campaign)?;
        let table = tenant.store.table(Kind::Assignments);
        let positions = table.find(&assignments::campaign_key(campaign));
        let rows: Vec<_> = positions[page.range(positions.len())]
            .iter()
            .filter_map(|position| serde_json::from_str(table.text(*position)).ok())
            .map(|row: Value| dress::shown(&assignments::shown(row).to_string(), &self.quirks).into_owned())
            .collect();
        Ok(Answer::json(200, page.body(positions.len(), &rows, &place(asked), &self.total(positions.len()))))
    }

    /// `GET /api/v2/outbound/campaigns/{id}/stats`.
    pub(super) fn stats(&self, id: &str) -> Result<Answer, Refusal> {
        let tenant = locked(&self.tenant);
        let campaign = tenant.store.object(Kind::Campaigns, id)?;
        let figures = figures(&tenant.store, id, &campaign);
        drop(tenant);
        let body = json!({
            "version": campaigns::version(&campaign),
            "status": campaign.get("status"),
            "totalCalls": figures.total,
            "answeredCalls": figures.answered,
            "abandonedCalls": figures.abandoned,
            "agentUtilization": figures.utilization,
            "complianceViolations": figures.violations,
        });
        Ok(self.shown(200, &body))
    }

    /// `GET /api/v2/campaigns/{id}/analytics`.
    pub(super) fn analytics(&self, id: &str, asked: &Asked) -> Result<Answer, Refusal> {
        let page = Page::read(&asked.query, Style::Entities, MOST, self.quirks.short_pages)?;
        let from = instant(asked, "startTime")?;
        let until = instant(asked, "endTime")?;
        let tenant = locked(&self.tenant);
        let campaign = tenant.store.object(Kind::Campaigns, id)?;
        let figures = figures(&tenant.store, id, &campaign);
        drop(tenant);
        let wanted: Vec<_> = asked.query.all("metric").flat_map(|names| names.split(',')).map(str::trim).collect();
        // Names that nobody knows narrow nothing: 003 asks for one.
        let wanted: Vec<_> = METRICS.iter().filter(|metric| wanted.contains(metric)).collect();
        let inside = |row: &&Value| {
            let at: Option<jiff::Timestamp> =
                row.get("startTime").and_then(Value::as_str).and_then(|text| text.parse().ok());
            at.is_none_or(|at| from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until))
        };
        let narrowed = |row: &Value| {
            let mut row = row.clone();
            if let Some(fields) = row.as_object_mut().filter(|_| !wanted.is_empty()) {
                fields
                    .retain(|name, _| !METRICS.contains(&name.as_str()) || wanted.iter().any(|metric| *metric == name));
            }
            row.to_string()
        };
        let rows: Vec<_> = figures.intervals.iter().filter(inside).collect();
        let total = rows.len();
        let rows: Vec<_> = rows[page.range(total)].iter().map(|row| narrowed(row)).collect();
        let more = format!(",\"summary\":{}{}", figures.summary(), self.total(total));
        Ok(Answer::json(200, page.body(total, &rows, &place(asked), &more)))
    }

    /// `GET /api/v2/outbound/campaigns/{id}/history`.
    pub(super) fn history(&self, id: &str, asked: &Asked) -> Result<Answer, Refusal> {
        let page = Page::read(&asked.query, Style::Cursor, MOST, self.quirks.short_pages)?;
        let tenant = locked(&self.tenant);
        tenant.store.object(Kind::Campaigns, id)?;
        let records = tenant.store.history(id);
        let rows = &records[page.range(records.len())];
        Ok(Answer::json(200, page.body(records.len(), rows, &place(asked), "")))
    }

    fn page(&self, listing: &str, most: usize, asked: &Asked) -> Result<Page, Refusal> {
        Page::read(&asked.query, self.quirks.style(listing), most, self.quirks.short_pages)
    }

    fn rows(&self, page: &Page, table: &Table, positions: &[u32], asked: &Asked, count: bool) -> Answer {
        let positions = if self.quirks.late_listing { table.settled(positions) } else { positions };
        let rows: Vec<Cow<'_, str>> = positions[page.range(positions.len())]
            .iter()
            .map(|position| dress::shown(table.text(*position), &self.quirks))
            .collect();
        let mut more = self.total(positions.len());
        if count {
            // In this answer `pageSize` is the number of items: 001 takes it for "found".
            more.push_str(&format!(",\"pageSize\":{}", rows.len()));
        }
        Answer::json(200, page.body(positions.len(), &rows, &place(asked), &more))
    }

    fn total(&self, total: usize) -> String {
        if self.quirks.no_total { String::new() } else { format!(",\"total\":{total}") }
    }
}

fn place(asked: &Asked) -> Place<'_> {
    Place { origin: &asked.origin, path: &asked.path, query: &asked.query }
}

fn figures(store: &Store, id: &str, campaign: &Value) -> Figures {
    store.stats(id).map_or_else(|| Figures::simulated(campaign), Figures::seeded)
}

fn instant(asked: &Asked, name: &str) -> Result<Option<jiff::Timestamp>, Refusal> {
    let Some(text) = asked.query.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let refused = |_| Refusal::new(400, "invalid_time", format!("`{name}` must be an RFC 3339 instant"));
    text.parse().map(Some).map_err(refused)
}
