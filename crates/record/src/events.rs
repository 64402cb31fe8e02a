//! Events that others told, each stored once. Knows no HTTP and no signature: who hands one over has checked it.

use std::collections::{BTreeSet, HashSet};
use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::audit::{ExportError, ExportFormat};
use crate::clock::stamp;
use crate::csv::csv_line;
use crate::mappings::{self, Counted, MappingMetrics};
use crate::redact::Redactor;
use crate::sql::{Cell, Row, Sql, cells};
use crate::words::words;
use crate::{Answer, Store, StoreError};

words! {
    /// What an event speaks of.
    Channel {
        /// A mapping of codes \[001\]; its subject is the mapping.
        Mapping = "mapping",
        /// A campaign \[002\]\[004\]; its subject is the campaign.
        Campaign = "campaign",
        /// A run, or a step of one; its subject is the run.
        Run = "run",
    }
}

/// An event that somebody told.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// What it speaks of.
    pub channel: Channel,
    /// The id under which its sender tells it, however often.
    pub id: String,
    /// What happened.
    pub event: String,
    /// The mapping, campaign or run.
    pub subject: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// When it happened, as the sender says.
    pub occurred: Option<Timestamp>,
    /// The SHA-256 of the bytes that came.
    pub sha256: String,
    /// What came.
    pub body: Value,
    /// The figures of a mapping.
    pub metrics: Option<MappingMetrics>,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reception {
    /// It is stored, since then.
    Stored(String),
    /// The same bytes were stored before, at this time.
    Known(String),
    /// Its id belongs to another event, so it is not stored.
    IdTaken,
}

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its number. Later ones have higher ones, with gaps.
    pub seq: i64,
    /// What it speaks of.
    pub channel: Channel,
    /// The id under which it was told.
    pub id: String,
    /// What happened.
    pub event: String,
    /// The mapping, campaign or run.
    pub subject: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// When it happened, as the sender says.
    pub occurred: Option<String>,
    /// When it was stored.
    pub received: String,
    /// The SHA-256 of the bytes that came.
    pub sha256: String,
    /// What came, in the form in which this store keeps documents.
    pub body: Value,
}

/// Which events, in the order in which they were stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this channel.
    pub channel: Option<Channel>,
    /// Of one of these; any, where it is empty.
    pub events: BTreeSet<String>,
    /// Of this mapping, campaign or run.
    pub subject: Option<String>,
    /// Not stored before.
    pub since: Option<Timestamp>,
    /// Not stored after.
    pub until: Option<Timestamp>,
    /// Behind the one of this number.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: Option<u64>,
    /// The last ones first.
    pub newest_first: bool,
}

/// Events of one statement: every parameter has a number, and the databases know 32,766 of them.
const CHUNK: usize = 100;
/// Events that are in memory at a time.
const PAGE: u64 = 500;

const COLUMNS: &str = "seq, channel, id, event, subject, source, occurred, received, sha256, body";

impl Store {
    /// Stores events that are not stored yet, all or none, and says of each what became of it. What is told as stored is
    /// on disk.
    ///
    /// # Errors
    /// The store fails. After [`StoreError::Uncertain`] they may be stored; telling them again does no harm.
    pub fn receive(&self, events: Vec<NewEvent>) -> Answer<Vec<Reception>> {
        let (now, redactor) = (self.now(), self.redactor().clone());
        let bodies: Vec<_> = events.iter().map(|event| redacted(&redactor, &event.body)).collect();
        self.write(move |sql| {
            let mut receptions = Vec::with_capacity(events.len());
            for (events, bodies) in events.chunks(CHUNK).zip(bodies.chunks(CHUNK)) {
                receptions.extend(put(sql, &now, events, bodies)?);
            }
            Ok(receptions)
        })
    }

    /// Whether events can be stored now: a write that changes nothing.
    ///
    /// # Errors
    /// They cannot.
    pub fn can_write(&self) -> Answer<()> {
        self.write(|sql| sql.execute("UPDATE counters SET value = value WHERE name = 'events'", &[]).map(drop))
    }

    /// Events.
    ///
    /// # Errors
    /// The store fails.
    pub fn events(&self, filter: EventFilter) -> Answer<Vec<Event>> {
        self.read(move |sql| select(sql, &filter))
    }

    /// Writes events to `out`, the oldest first. Answers with their number.
    ///
    /// # Errors
    /// Reading or writing fails.
    pub async fn export_events(
        &self,
        format: ExportFormat,
        filter: EventFilter,
        out: &mut (dyn Write + Send),
    ) -> Result<u64, ExportError> {
        if format == ExportFormat::Csv {
            let header = COLUMNS.split(", ");
            csv_line(out, header)?;
        }
        let (mut page, mut written) = (EventFilter { newest_first: false, ..filter.clone() }, 0);
        loop {
            let left = filter.limit.map_or(u64::MAX, |limit| limit.saturating_sub(written));
            page.limit = Some(PAGE.min(left));
            let events = self.events(page.clone()).await?;
            for event in &events {
                match format {
                    ExportFormat::Jsonl => {
                        serde_json::to_writer(&mut *out, event).map_err(std::io::Error::from)?;
                        out.write_all(b"\n")?;
                    }
                    ExportFormat::Csv => csv_line(out, csv(event).iter().map(String::as_str))?,
                }
            }
            written += events.len() as u64;
            match events.last() {
                Some(last) => page.after = Some(last.seq),
                None => break,
            }
        }
        out.flush()?;
        Ok(written)
    }
}

fn redacted(redactor: &Redactor, body: &Value) -> String {
    redactor.kept(body).to_string()
}

fn put(sql: &mut dyn Sql, now: &str, events: &[NewEvent], bodies: &[String]) -> Result<Vec<Reception>, StoreError> {
    // The row of the counter is held until the commit: whoever reads on behind a number misses nothing.
    let count = events.len() as u64;
    let last = sql
        .first(
            "INSERT INTO counters (name, value) VALUES ('events', $1) \
             ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value",
            cells![count],
        )?
        .ok_or_else(|| StoreError::Damaged("the counter of events is missing".into()))?
        .count()?;
    let mut parameters = Vec::with_capacity(events.len() * 10);
    let mut rows = Vec::with_capacity(events.len());
    for (seq, (event, body)) in (last - count + 1..).zip(events.iter().zip(bodies)) {
        let NewEvent { channel, id, event: name, subject, source, occurred, sha256, body: _, metrics: _ } = event;
        let first = parameters.len();
        let places: Vec<_> = (first + 1..=first + 10).map(|at| format!("${at}")).collect();
        rows.push(format!("({})", places.join(", ")));
        let occurred = occurred.map(stamp);
        parameters.extend_from_slice(cells![
            seq,
            channel.word(),
            id,
            name,
            subject,
            source,
            &occurred,
            now,
            sha256,
            body
        ]);
    }
    let statement = format!(
        "INSERT INTO events ({COLUMNS}) VALUES {} ON CONFLICT DO NOTHING RETURNING channel, sha256",
        rows.join(", ")
    );
    let mut fresh = HashSet::with_capacity(events.len());
    for mut row in sql.query(&statement, &parameters)? {
        fresh.insert((row.word(Channel::from_word)?, row.text()?));
    }
    let mut receptions = Vec::with_capacity(events.len());
    let mut figures = Vec::new();
    for event in events {
        // The first of two in one statement is the stored one.
        if fresh.remove(&(event.channel, event.sha256.clone())) {
            if let (Some(metrics), Some(subject)) = (event.metrics, &event.subject) {
                figures.push((subject.as_str(), metrics));
            }
            receptions.push(Reception::Stored(now.to_owned()));
            continue;
        }
        let known = sql.first(
            "SELECT received FROM events WHERE channel = $1 AND sha256 = $2",
            cells![event.channel.word(), &event.sha256],
        )?;
        receptions.push(match known {
            Some(mut row) => Reception::Known(row.text()?),
            None => Reception::IdTaken,
        });
    }
    mappings::put(sql, Counted::ByTeller, now, &figures)?;
    Ok(receptions)
}

fn select(sql: &mut dyn Sql, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
    let EventFilter { channel, events, subject, since, until, after, limit, newest_first } = filter;
    let mut parameters = cells![after.unwrap_or(i64::MIN), limit.unwrap_or(u64::MAX)].to_vec();
    let mut conditions = String::from("seq > $1");
    let mut require = |condition: &str, value: Option<Cell>| {
        if let Some(value) = value {
            parameters.push(value);
            conditions.push_str(&format!(" AND {condition} ${}", parameters.len()));
        }
    };
    require("channel =", channel.map(|channel| Cell::from(channel.word())));
    require("subject =", subject.as_ref().map(Cell::from));
    require("received >=", since.map(|time| Cell::from(&stamp(time))));
    require("received <=", until.map(|time| Cell::from(&stamp(time))));
    if !events.is_empty() {
        let places: Vec<_> = (1..=events.len()).map(|at| format!("${}", parameters.len() + at)).collect();
        conditions.push_str(&format!(" AND event IN ({})", places.join(", ")));
        parameters.extend(events.iter().map(Cell::from));
    }
    let order = if *newest_first { "DESC" } else { "ASC" };
    let statement = format!("SELECT {COLUMNS} FROM events WHERE {conditions} ORDER BY seq {order} LIMIT $2");
    sql.query(&statement, &parameters)?.into_iter().map(event).collect()
}

fn event(mut row: Row) -> Result<Event, StoreError> {
    Ok(Event {
        seq: row.int()?,
        channel: row.word(Channel::from_word)?,
        id: row.text()?,
        event: row.text()?,
        subject: row.maybe_text()?,
        source: row.maybe_text()?,
        occurred: row.maybe_text()?,
        received: row.text()?,
        sha256: row.text()?,
        body: row.json()?,
    })
}

fn csv(event: &Event) -> [String; 10] {
    let Event { seq, channel, id, event, subject, source, occurred, received, sha256, body } = event;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        seq.to_string(),
        channel.to_string(),
        id.clone(),
        event.clone(),
        text(subject),
        text(source),
        text(occurred),
        received.clone(),
        sha256.clone(),
        body.to_string(),
    ]
}
