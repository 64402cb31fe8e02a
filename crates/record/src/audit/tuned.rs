//! What tuning wrote to an object: when, from what, to what. A write of which nobody knows the fate counts as one.

use jiff::Timestamp;
use serde_json::Value;

use crate::clock::stamp;
use crate::sql::cells;
use crate::{Answer, RunKind, Store, StoreError};

/// A write of a tuning run.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// When it was recorded.
    pub time: Timestamp,
    /// The fields before, by path.
    pub before: Option<Value>,
    /// The fields after, by path.
    pub after: Option<Value>,
}

impl Store {
    /// What tuning wrote to an object of a tenant since a moment, in the order of the trail.
    ///
    /// # Errors
    /// The store fails.
    pub fn tuned(&self, tenant: &str, address: &str, since: Timestamp) -> Answer<Vec<Tuned>> {
        let (tenant, address, since) = (tenant.to_owned(), address.to_owned(), stamp(since));
        self.read(move |sql| {
            let rows = sql.query(
                "SELECT a.time, a.before_doc, a.after_doc FROM audit a JOIN runs r ON r.id = a.run \
                 WHERE a.address = $1 AND r.tenant = $2 AND r.kind = $3 AND a.time >= $4 AND a.result <> 'refused' \
                 ORDER BY a.seq",
                cells![&address, &tenant, RunKind::Tune.word(), &since],
            )?;
            let tuned = rows.into_iter().map(|mut row| {
                let time = row.text()?;
                let time = time.parse().map_err(|_| StoreError::Damaged(format!("a record's time is `{time}`")))?;
                Ok(Tuned { time, before: row.maybe_json()?, after: row.maybe_json()? })
            });
            tuned.collect()
        })
    }
}
