//! The audit trail: one record for every write, chained by hashes, never changed.
//!
//! A record's hash covers its content, its number and the hash before it. Whoever changes, removes or moves a record
//! breaks the chain; whoever builds the whole chain anew, or cuts its tail, ends with another head than the one that
//! results and notifications have carried away ([`Store::verify_audit`]).

mod asof;
mod export;
mod list;
mod tuned;
mod verify;
mod word;

use serde::Serialize;
use serde_json::Value;

use crate::hash::CellHash;
use crate::redact::{Redactor, bare_path};
use crate::sql::{Cell, Row, Sql, cells};
use crate::words::words;
use crate::{Answer, Store, StoreError};

pub use asof::{AsOf, FieldAsOf, PutBy};
pub use export::{ExportError, ExportFormat};
pub use list::AuditFilter;
pub use tuned::Tuned;
pub use verify::{Fault, Flaw, Verdict};
pub use word::LastWord;

words! {
    /// What became of a write.
    WriteResult {
        /// The tenant accepted it.
        Applied = "applied",
        /// Accepted, after somebody else's change of other fields.
        Rebased = "rebased",
        /// Its answer was lost, and the tenant was found as the write wants it.
        Settled = "settled",
        /// The tenant refused it, or never saw it.
        Refused = "refused",
        /// Its answer was lost, and nobody knows yet.
        Lost = "lost",
    }
}

impl WriteResult {
    const fn has_written(self) -> bool {
        matches!(self, Self::Applied | Self::Rebased | Self::Settled)
    }
}

/// A write to put on record. Digest, commit, author and actor are those of the run; time and hashes are the store's.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecord {
    /// The run.
    pub run: String,
    /// The step.
    pub step: String,
    /// The object.
    pub address: String,
    /// The call.
    pub endpoint: String,
    /// Its method.
    pub method: String,
    /// Its path; a query is cut off.
    pub path: String,
    /// The fields before, by path; `None` where nothing was there.
    pub before: Option<Value>,
    /// The fields after, by path: the written ones, or all that are known. `None` where nothing is left.
    pub after: Option<Value>,
    /// The version before.
    pub version_before: Option<String>,
    /// The version after.
    pub version_after: Option<String>,
    /// What became of it.
    pub result: WriteResult,
    /// From sending to the answer.
    pub latency_ms: u64,
    /// Requests that repeated an earlier one.
    pub retries: u64,
    /// The server's name for the request.
    pub request_id: Option<String>,
    /// What was checked before it was sent: overlap, complexity, windows, DNC \[004\].
    pub compliance: Value,
    /// The SHA-256 of the body, see [`crate::payload_sha256`].
    pub payload_sha256: Option<String>,
}

/// A record of the audit trail.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Its number, from 1, without gaps.
    pub seq: i64,
    /// When it was recorded.
    pub time: String,
    /// The run.
    pub run: String,
    /// The step.
    pub step: String,
    /// The digest of the plan.
    pub plan_digest: String,
    /// The commit of the manifests.
    pub git_commit: Option<String>,
    /// Its author.
    pub git_author: Option<String>,
    /// The user who ran it.
    pub actor: String,
    /// The object.
    pub address: String,
    /// The call.
    pub endpoint: String,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// The fields before.
    pub before: Option<Value>,
    /// The fields after.
    pub after: Option<Value>,
    /// The version before.
    pub version_before: Option<String>,
    /// The version after.
    pub version_after: Option<String>,
    /// What became of it.
    pub result: WriteResult,
    /// From sending to the answer.
    pub latency_ms: u64,
    /// Requests that repeated an earlier one.
    pub retries: u64,
    /// The server's name for the request.
    pub request_id: Option<String>,
    /// What was checked before it was sent.
    pub compliance: Value,
    /// The SHA-256 of the body.
    pub payload_sha256: Option<String>,
    /// The hash of the record before.
    pub previous: String,
    /// The hash of this record.
    pub hash: String,
}

/// The columns that a hash covers besides `seq` and `previous`, in the order of the hash.
const CONTENT: &str = "time, run, step, plan_digest, git_commit, git_author, actor, address, endpoint, method, path, \
                       before_doc, after_doc, version_before, version_after, result, latency_ms, retries, request_id, \
                       compliance, payload_sha256";
const CONTENT_WIDTH: usize = 21;

/// The `previous` of a store's first record.
pub(crate) fn genesis(store: &str) -> String {
    let mut hash = CellHash::new("cxform audit genesis 1");
    hash.cell(&store.into());
    hash.finish()
}

fn digest(seq: i64, previous: &str, content: &[Cell]) -> String {
    let mut hash = CellHash::new("cxform audit record 1");
    hash.cell(&previous.into());
    hash.cell(&seq.into());
    content.iter().for_each(|cell| hash.cell(cell));
    hash.finish()
}

/// The hash of the newest record.
pub(crate) fn head(sql: &mut dyn Sql) -> Result<String, StoreError> {
    chain_end(sql).map(|(_, hash)| hash)
}

fn chain_end(sql: &mut dyn Sql) -> Result<(i64, String), StoreError> {
    let mut row = sql.first("SELECT seq, hash FROM chain WHERE id = 1", &[])?.ok_or_else(no_chain)?;
    Ok((row.int()?, row.text()?))
}

fn no_chain() -> StoreError {
    StoreError::Damaged("the end of the audit chain is missing".into())
}

/// Appends a record in the caller's transaction.
pub(crate) fn append(sql: &mut dyn Sql, redactor: &Redactor, now: &str, record: &NewRecord) -> Result<i64, StoreError> {
    let NewRecord {
        run,
        step,
        address,
        endpoint,
        method,
        path,
        before,
        after,
        version_before,
        version_after,
        result,
        latency_ms,
        retries,
        request_id,
        compliance,
        payload_sha256,
    } = record;
    // Counting up takes the row's lock: whoever else appends waits here until this transaction ends, in both databases.
    let counted = "UPDATE chain SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash";
    let mut row = sql.first(counted, &[])?.ok_or_else(no_chain)?;
    let (seq, previous) = (row.int()?, row.text()?);
    let who = "SELECT digest, git_commit, git_author, actor FROM runs WHERE id = $1";
    let mut row = sql.first(who, cells![run])?.ok_or_else(|| StoreError::Missing(format!("run `{run}`")))?;
    let (plan_digest, git_commit, git_author, actor) = (row.text()?, row.maybe_text()?, row.maybe_text()?, row.text()?);
    let kept = |document: &Option<Value>| document.as_ref().map(|document| redactor.kept(document));
    let content = cells![
        now,
        run,
        step,
        &plan_digest,
        &git_commit,
        &git_author,
        &actor,
        address,
        endpoint,
        method,
        bare_path(path),
        &kept(before),
        &kept(after),
        version_before,
        version_after,
        result.word(),
        *latency_ms,
        *retries,
        request_id,
        &redactor.kept(compliance),
        payload_sha256,
    ];
    let hash = digest(seq, &previous, content);
    let mut row = content.to_vec();
    row.extend([seq.into(), (&previous).into(), (&hash).into()]);
    let places = (1..=row.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    sql.execute(&format!("INSERT INTO audit ({CONTENT}, seq, previous, hash) VALUES ({places})"), &row)?;
    sql.execute("UPDATE chain SET hash = $1 WHERE id = 1", cells![&hash])?;
    Ok(seq)
}

/// The number of the newest record of a step.
pub(crate) fn newest(sql: &mut dyn Sql, run: &str, step: &str) -> Result<Option<i64>, StoreError> {
    let statement = "SELECT seq FROM audit WHERE run = $1 AND step = $2 ORDER BY seq DESC LIMIT 1";
    sql.first(statement, cells![run, step])?.map(|mut row| row.int()).transpose()
}

fn record(mut row: Row) -> Result<AuditRecord, StoreError> {
    Ok(AuditRecord {
        time: row.text()?,
        run: row.text()?,
        step: row.text()?,
        plan_digest: row.text()?,
        git_commit: row.maybe_text()?,
        git_author: row.maybe_text()?,
        actor: row.text()?,
        address: row.text()?,
        endpoint: row.text()?,
        method: row.text()?,
        path: row.text()?,
        before: row.maybe_json()?,
        after: row.maybe_json()?,
        version_before: row.maybe_text()?,
        version_after: row.maybe_text()?,
        result: row.word(WriteResult::from_word)?,
        latency_ms: row.count()?,
        retries: row.count()?,
        request_id: row.maybe_text()?,
        compliance: row.json()?,
        payload_sha256: row.maybe_text()?,
        seq: row.int()?,
        previous: row.text()?,
        hash: row.text()?,
    })
}

impl Store {
    /// Puts a write on record by itself. Answers with the number of the record.
    ///
    /// # Errors
    /// The run is unknown, or the store fails.
    pub fn append_audit(&self, record: NewRecord) -> Answer<i64> {
        let (now, redactor) = (self.now(), self.redactor().clone());
        self.write(move |sql| append(sql, &redactor, &now, &record))
    }

    /// The hash of the newest record: what is carried away to tell later that the trail is whole.
    ///
    /// # Errors
    /// The store fails.
    pub fn audit_head(&self) -> Answer<String> {
        self.read(|sql| head(sql))
    }
}
