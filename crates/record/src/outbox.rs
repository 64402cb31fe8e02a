//! The outbox of notifications: stored with what they tell, sent later, at least once. Knows no HTTP.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::clock::stamp;
use crate::redact::Redactor;
use crate::sql::{Row, Sql, cells};
use crate::{Answer, Store, StoreError};

/// Something to tell others.
#[derive(Debug, Clone, PartialEq)]
pub struct NewNotice {
    /// Its id, by which a receiver drops what it has seen before. One made of run, step and kind is the same after a crash.
    pub id: String,
    /// The kind of event.
    pub kind: String,
    /// The body.
    pub payload: Value,
}

/// Something to tell others, as it waits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// The kind of event.
    pub kind: String,
    /// The body.
    pub payload: Value,
    /// Since when it waits.
    pub created: String,
    /// How often it was sent.
    pub attempts: u64,
    /// When it may be sent again.
    pub next_attempt: String,
    /// When it arrived.
    pub delivered: Option<String>,
    /// Why it did not arrive the last time.
    pub error: Option<String>,
}

const COLUMNS: &str = "id, kind, payload, created, attempts, next_attempt, delivered, error";

pub(crate) fn enqueue(sql: &mut dyn Sql, redactor: &Redactor, now: &str, notice: &NewNotice) -> Result<(), StoreError> {
    let NewNotice { id, kind, payload } = notice;
    sql.execute(
        "INSERT INTO outbox (id, kind, payload, created, attempts, next_attempt) VALUES ($1, $2, $3, $4, 0, $4) \
         ON CONFLICT (id) DO NOTHING",
        cells![id, kind, &redactor.kept(payload), now],
    )
    .map(drop)
}

fn notice(mut row: Row) -> Result<Notice, StoreError> {
    Ok(Notice {
        id: row.text()?,
        kind: row.text()?,
        payload: row.json()?,
        created: row.text()?,
        attempts: row.count()?,
        next_attempt: row.text()?,
        delivered: row.maybe_text()?,
        error: row.maybe_text()?,
    })
}

impl Store {
    /// Something to tell others that comes with no step and no end of a run, such as the start of one.
    ///
    /// # Errors
    /// The store fails.
    pub fn enqueue(&self, notice: NewNotice) -> Answer<()> {
        let (now, redactor) = (self.now(), self.redactor().clone());
        self.write(move |sql| enqueue(sql, &redactor, &now, &notice))
    }

    /// Takes what is to be sent now, the oldest first, and counts the attempt. It is not taken again for `hold`, so that two
    /// senders share the work; a sender that dies delays it by that, no more.
    ///
    /// # Errors
    /// The store fails.
    pub fn due(&self, now: Timestamp, limit: u32, hold: Duration) -> Answer<Vec<Notice>> {
        self.write(move |sql| {
            let held = stamp(now.saturating_add(hold).unwrap_or(now));
            // The condition stands twice: a second sender that waited for the first one looks at the row again.
            let statement = format!(
                "UPDATE outbox SET attempts = attempts + 1, next_attempt = $2 WHERE delivered IS NULL AND next_attempt <= $1 \
                 AND id IN (SELECT id FROM outbox WHERE delivered IS NULL AND next_attempt <= $1 \
                 ORDER BY next_attempt, created LIMIT $3) RETURNING {COLUMNS}"
            );
            let rows = sql.query(&statement, cells![&stamp(now), &held, limit])?;
            let mut notices = rows.into_iter().map(notice).collect::<Result<Vec<_>, _>>()?;
            notices.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
            Ok(notices)
        })
    }

    /// A notice has arrived.
    ///
    /// # Errors
    /// There is none of that id, or the store fails.
    pub fn delivered(&self, id: &str) -> Answer<()> {
        let (id, now) = (id.to_owned(), self.now());
        self.write(move |sql| {
            let statement = "UPDATE outbox SET delivered = $2, error = NULL WHERE id = $1";
            one(sql.execute(statement, cells![&id, &now])?, &id)
        })
    }

    /// A notice has not arrived; it is due again at `next`, or never if that is `None`.
    ///
    /// # Errors
    /// There is none of that id, or the store fails.
    pub fn failed(&self, id: &str, error: &str, next: Option<Timestamp>) -> Answer<()> {
        let (id, error) = (id.to_owned(), error.to_owned());
        // Later than every moment that a clock can show.
        let next = next.map_or_else(|| "9999-12-31T23:59:59.999999Z".to_owned(), stamp);
        self.write(move |sql| {
            let statement = "UPDATE outbox SET next_attempt = $2, error = $3 WHERE id = $1 AND delivered IS NULL";
            one(sql.execute(statement, cells![&id, &next, &error])?, &id)
        })
    }

    /// What has not arrived yet.
    ///
    /// # Errors
    /// The store fails.
    pub fn undelivered(&self) -> Answer<Vec<Notice>> {
        self.read(|sql| {
            let statement = format!("SELECT {COLUMNS} FROM outbox WHERE delivered IS NULL ORDER BY created, id");
            sql.query(&statement, &[])?.into_iter().map(notice).collect()
        })
    }
}

fn one(rows: u64, id: &str) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Missing(format!("an undelivered notice `{id}`"))) }
}
