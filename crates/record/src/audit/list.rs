//! Reading the audit trail, page by page.

use jiff::Timestamp;

use super::{AuditRecord, CONTENT, record};
use crate::clock::stamp;
use crate::sql::{Cell, Sql, cells};
use crate::{Answer, Store, StoreError};

/// Which records to list, in the order of the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of one run.
    pub run: Option<String>,
    /// Of one object.
    pub address: Option<String>,
    /// By one user.
    pub actor: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
    /// Behind the record of this number.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: Option<u64>,
}

pub(super) fn select(sql: &mut dyn Sql, filter: &AuditFilter) -> Result<Vec<AuditRecord>, StoreError> {
    let AuditFilter { run, address, actor, since, until, after, limit } = filter;
    let mut parameters = cells![after.unwrap_or(i64::MIN), limit.unwrap_or(u64::MAX)].to_vec();
    let mut conditions = String::from("seq > $1");
    let mut require = |condition: &str, value: Option<Cell>| {
        if let Some(value) = value {
            parameters.push(value);
            conditions.push_str(&format!(" AND {condition} ${}", parameters.len()));
        }
    };
    require("run =", run.as_ref().map(Cell::from));
    require("address =", address.as_ref().map(Cell::from));
    require("actor =", actor.as_ref().map(Cell::from));
    require("time >=", since.map(|time| Cell::from(&stamp(time))));
    require("time <=", until.map(|time| Cell::from(&stamp(time))));
    let statement =
        format!("SELECT {CONTENT}, seq, previous, hash FROM audit WHERE {conditions} ORDER BY seq LIMIT $2");
    sql.query(&statement, &parameters)?.into_iter().map(record).collect()
}

impl Store {
    /// Records of the audit trail, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn audit(&self, filter: AuditFilter) -> Answer<Vec<AuditRecord>> {
        self.read(move |sql| select(sql, &filter))
    }

    /// One record.
    ///
    /// # Errors
    /// There is none of that number, or the store fails.
    pub fn audit_record(&self, seq: i64) -> Answer<AuditRecord> {
        self.read(move |sql| {
            let filter = AuditFilter { after: Some(seq.saturating_sub(1)), limit: Some(1), ..AuditFilter::default() };
            let found = select(sql, &filter)?.into_iter().find(|record| record.seq == seq);
            found.ok_or_else(|| StoreError::Missing(format!("audit record {seq}")))
        })
    }
}
