//! The write-ahead journal: what a run is about to send is on disk before it is sent, its answer right after.
//!
//! A crash leaves attempts without an answer. A resume looks at the tenant to learn what became of them, and rebuilds
//! from the rest what the run has created so far. Many steps at a time share one commit.

use serde::Serialize;
use serde_json::Value;

use crate::audit::{self, NewRecord};
use crate::bases::{self, NewBase};
use crate::outbox::{self, NewNotice};
use crate::redact::Redactor;
use crate::sql::{Row, Sql, cells};
use crate::words::words;
use crate::{Answer, Store, StoreError};

/// A request that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAttempt {
    /// The step.
    pub step: String,
    /// How often the step was sent before by this run, in whatever process.
    pub attempt: u32,
    /// The object.
    pub address: String,
    /// The call.
    pub endpoint: String,
    /// Its method, where the caller knows it.
    pub method: Option<String>,
    /// The natural key or the id under which to look for the object.
    pub key: String,
    /// The hash of the body.
    pub body_sha256: String,
    /// What must hold on the tenant: nothing there, a version, a content hash, or what an earlier step left.
    pub precondition: String,
    /// What `Idempotency-Key` carries.
    pub idempotency_key: Option<String>,
}

words! {
    /// What became of a request.
    AttemptOutcome {
        /// The tenant accepted it.
        Accepted = "accepted",
        /// The tenant refused it, or never saw it.
        Refused = "refused",
        /// Nobody knows.
        Lost = "lost",
    }
}

/// The answer to a request, and all that is stored with it in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptResult {
    /// What became of it.
    pub outcome: AttemptOutcome,
    /// The object's id.
    pub remote_id: Option<String>,
    /// The version that it left.
    pub version: Option<String>,
    /// The HTTP status, where there was one.
    pub status: Option<u32>,
    /// The server's name for the request.
    pub request_id: Option<String>,
    /// From sending to the answer; `None` where it is not the answer that tells what became of it.
    pub latency_ms: Option<u64>,
    /// Requests that repeated an earlier one.
    pub retries: u64,
    /// Why it was refused or lost.
    pub error: Option<String>,
    /// The record for the audit trail.
    pub audit: Option<NewRecord>,
}

words! {
    /// How a step ended.
    StepOutcome {
        /// The tenant is as the step wants it, and this run made it so.
        Applied = "applied",
        /// The same, after somebody else's change of other fields.
        Rebased = "rebased",
        /// It was so already.
        Unchanged = "unchanged",
        /// The tenant refused it, or nobody knows.
        Failed = "failed",
        /// The tenant is not what the reviewer saw.
        Conflict = "conflict",
        /// It was not tried.
        Skipped = "skipped",
        /// It was applied, and taken back.
        RolledBack = "rolled-back",
    }
}

/// A step is decided, with all that is stored in the same transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct StepEnd {
    /// The step.
    pub step: String,
    /// The object.
    pub address: String,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Whether a request of the step is still in flight for all that anybody knows.
    pub unsettled: bool,
    /// The object's id.
    pub remote_id: Option<String>,
    /// The version that it left.
    pub version: Option<String>,
    /// Why it failed, or who changed what was rebased on.
    pub detail: Option<String>,
    /// What the object is now, as the base of later comparisons.
    pub base: Option<NewBase>,
    /// A record for the audit trail where no answer brought one: a lost request that was found to be applied.
    pub audit: Option<NewRecord>,
    /// What to tell others. A member `auditId` that is null gets the number of the step's newest audit record \[004\].
    pub notices: Vec<NewNotice>,
}

const AUDIT_ID: &str = "auditId";

/// A request that was intended and has no known answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InFlight {
    /// What was about to be sent.
    #[serde(flatten)]
    pub request: NewAttempt,
    /// When.
    pub intended: String,
    /// Why its answer did not come, where the process lived to tell.
    pub error: Option<String>,
}

/// A step as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRecord {
    /// The step.
    pub step: String,
    /// The object.
    pub address: String,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Whether a request of it is in flight still.
    pub unsettled: bool,
    /// The object's id.
    pub remote_id: Option<String>,
    /// The version that it left.
    pub version: Option<String>,
    /// Why it failed, or who changed what was rebased on.
    pub detail: Option<String>,
    /// When it was decided.
    pub ended: String,
    /// How many requests it has intended: the number of its next attempt.
    pub attempts: u32,
}

/// What is known of the requests of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The step.
    pub step: String,
    /// How many requests it has intended: the number of its next attempt.
    pub attempts: u32,
    /// What became of the last one; `None` where no answer came.
    pub last: Option<AttemptOutcome>,
    /// The object's id, where the last answer told.
    pub remote_id: Option<String>,
    /// The version that it left.
    pub version: Option<String>,
    /// The hash of its body.
    pub body_sha256: String,
}

impl Store {
    /// The requests of a run by step, decided or not.
    ///
    /// # Errors
    /// The store fails.
    pub fn traces(&self, run: &str) -> Answer<Vec<Trace>> {
        let run = run.to_owned();
        self.read(move |sql| {
            sql.query(
                "SELECT step, attempt, outcome, remote_id, version, body_sha256 FROM attempts a WHERE a.run = $1 AND NOT EXISTS \
                 (SELECT 1 FROM attempts b WHERE b.run = a.run AND b.step = a.step AND b.attempt > a.attempt) ORDER BY step",
                cells![&run],
            )?
            .into_iter()
            .map(|mut row| {
                Ok(Trace {
                    step: row.text()?,
                    attempts: row.small()?.saturating_add(1),
                    last: row.maybe_text()?.and_then(|word| AttemptOutcome::from_word(&word)),
                    remote_id: row.maybe_text()?,
                    version: row.maybe_text()?,
                    body_sha256: row.text()?,
                })
            })
            .collect()
        })
    }

    /// A request is about to be sent. Once this is answered, the intent survives a crash of process and machine.
    ///
    /// # Errors
    /// The run is unknown, the attempt has an answer already or was another request, or the store fails. Then the
    /// request must not be sent.
    pub fn intend(&self, run: &str, attempt: NewAttempt) -> Answer<()> {
        let (run, now) = (run.to_owned(), self.now());
        self.write(move |sql| {
            let NewAttempt {
                step,
                attempt,
                address,
                endpoint,
                method,
                key,
                body_sha256,
                precondition,
                idempotency_key,
            } = &attempt;
            // The same intent twice is a caller that could not know whether the first one was stored.
            let rows = sql.execute(
                "INSERT INTO attempts (run, step, attempt, address, endpoint, method, key, body_sha256, precondition, \
                 idempotency_key, intended) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                 ON CONFLICT (run, step, attempt) DO UPDATE SET intended = excluded.intended \
                 WHERE attempts.answered IS NULL AND attempts.body_sha256 = excluded.body_sha256 \
                 AND attempts.endpoint = excluded.endpoint",
                cells![
                    &run,
                    step,
                    *attempt,
                    address,
                    endpoint,
                    method,
                    key,
                    body_sha256,
                    precondition,
                    idempotency_key,
                    &now,
                ],
            )?;
            if rows != 1 {
                return Err(StoreError::Contradiction(format!("attempt {attempt} of `{step}` was another request")));
            }
            if *attempt > 0 {
                // It is sent again, so what was concluded from the last attempt holds no more.
                sql.execute("DELETE FROM steps WHERE run = $1 AND step = $2", cells![&run, step])?;
            }
            Ok(())
        })
    }

    /// The answer to a request, with its audit record: both are stored, or neither.
    ///
    /// # Errors
    /// The request was not intended or is answered already, or the store fails.
    pub fn result(&self, run: &str, step: &str, attempt: u32, result: AttemptResult) -> Answer<()> {
        let (run, step, now) = (run.to_owned(), step.to_owned(), self.now());
        let redactor = self.redactor().clone();
        self.write(move |sql| {
            if answer(sql, &redactor, &now, (&run, &step, attempt), &result, "answered IS NULL")? {
                Ok(())
            } else {
                Err(StoreError::Missing(format!("attempt {attempt} of `{step}` without an answer")))
            }
        })
    }

    /// What became of a request that was left without an answer, as somebody found out later, with its audit record. What is
    /// known already is left as it is.
    ///
    /// # Errors
    /// The store fails.
    pub fn found_out(&self, run: &str, step: &str, attempt: u32, result: AttemptResult) -> Answer<()> {
        let (run, step, now) = (run.to_owned(), step.to_owned(), self.now());
        let redactor = self.redactor().clone();
        let open = if result.outcome == AttemptOutcome::Lost {
            "answered IS NULL"
        } else {
            "(answered IS NULL OR outcome = 'lost')"
        };
        self.write(move |sql| answer(sql, &redactor, &now, (&run, &step, attempt), &result, open).map(drop))
    }

    /// A step is decided: nothing that needs it has started yet.
    ///
    /// # Errors
    /// The run is unknown, or the store fails.
    pub fn conclude(&self, run: &str, end: StepEnd) -> Answer<()> {
        let (run, now, redactor) = (run.to_owned(), self.now(), self.redactor().clone());
        self.write(move |sql| {
            let StepEnd { step, address, outcome, unsettled, remote_id, version, detail, base, audit, notices } = &end;
            sql.execute(
                "INSERT INTO steps (run, step, address, outcome, unsettled, remote_id, version, detail, ended, seq) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
                 (SELECT COALESCE(MAX(seq), 0) + 1 FROM steps WHERE run = $1)) ON CONFLICT (run, step) DO UPDATE SET \
                 outcome = excluded.outcome, unsettled = excluded.unsettled, remote_id = excluded.remote_id, \
                 version = excluded.version, detail = excluded.detail, ended = excluded.ended, seq = excluded.seq",
                cells![&run, step, address, outcome.word(), *unsettled, remote_id, version, detail, &now],
            )?;
            if let Some(base) = base {
                bases::put(sql, &redactor, &now, &run, base)?;
            }
            if let Some(record) = audit {
                audit::append(sql, &redactor, &now, record)?;
            }
            let wanted = |notice: &NewNotice| notice.payload.get(AUDIT_ID).is_some_and(Value::is_null);
            let record = if notices.iter().any(wanted) { audit::newest(sql, &run, step)? } else { None };
            notices.iter().try_for_each(|notice| {
                let mut notice = notice.clone();
                if let Some(place) = notice.payload.get_mut(AUDIT_ID).filter(|place| place.is_null()) {
                    *place = record.map_or(Value::Null, |seq| seq.to_string().into());
                }
                outbox::enqueue(sql, &redactor, &now, &notice)
            })
        })
    }

    /// The requests of a run whose fate nobody knows: look at the tenant before anything else.
    ///
    /// # Errors
    /// The store fails.
    pub fn in_flight(&self, run: &str) -> Answer<Vec<InFlight>> {
        let run = run.to_owned();
        self.read(move |sql| {
            sql.query(
                "SELECT step, attempt, address, endpoint, method, key, body_sha256, precondition, idempotency_key, \
                 intended, error FROM attempts a WHERE a.run = $1 AND (a.answered IS NULL OR a.outcome = 'lost') \
                 AND NOT EXISTS (SELECT 1 FROM attempts b \
                 WHERE b.run = a.run AND b.step = a.step AND b.attempt > a.attempt) \
                 AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.run = a.run AND s.step = a.step AND s.unsettled = 0) \
                 ORDER BY intended, step",
                cells![&run],
            )?
            .into_iter()
            .map(in_flight)
            .collect()
        })
    }

    /// The steps of a run that were decided, in that order: what a resume need not do again.
    ///
    /// # Errors
    /// The store fails.
    pub fn steps(&self, run: &str) -> Answer<Vec<StepRecord>> {
        let run = run.to_owned();
        self.read(move |sql| steps(sql, &run, ""))
    }

    /// The steps that a run has applied, with the ids and versions that they left.
    ///
    /// # Errors
    /// The store fails.
    pub fn applied(&self, run: &str) -> Answer<Vec<StepRecord>> {
        let run = run.to_owned();
        self.read(move |sql| steps(sql, &run, "AND outcome IN ('applied', 'rebased', 'unchanged')"))
    }
}

/// Stores the answer to a request of which `open` holds, and its audit record; tells whether there was one.
fn answer(
    sql: &mut dyn Sql,
    redactor: &Redactor,
    now: &str,
    (run, step, attempt): (&str, &str, u32),
    result: &AttemptResult,
    open: &str,
) -> Result<bool, StoreError> {
    let AttemptResult { outcome, remote_id, version, status, request_id, latency_ms, retries, error, audit } = result;
    let status = status.map(i64::from);
    let rows = sql.execute(
        &format!(
            "UPDATE attempts SET answered = $4, outcome = $5, remote_id = $6, version = $7, status = $8, \
             request_id = $9, latency_ms = $10, retries = $11, error = $12 \
             WHERE run = $1 AND step = $2 AND attempt = $3 AND {open}"
        ),
        cells![
            run,
            step,
            attempt,
            now,
            outcome.word(),
            remote_id,
            version,
            status,
            request_id,
            latency_ms.map(|time| i64::try_from(time).unwrap_or(i64::MAX)),
            *retries,
            error,
        ],
    )?;
    if let (1, Some(record)) = (rows, audit) {
        audit::append(sql, redactor, now, record)?;
    }
    Ok(rows == 1)
}

fn in_flight(mut row: Row) -> Result<InFlight, StoreError> {
    Ok(InFlight {
        request: NewAttempt {
            step: row.text()?,
            attempt: row.small()?,
            address: row.text()?,
            endpoint: row.text()?,
            method: row.maybe_text()?,
            key: row.text()?,
            body_sha256: row.text()?,
            precondition: row.text()?,
            idempotency_key: row.maybe_text()?,
        },
        intended: row.text()?,
        error: row.maybe_text()?,
    })
}

fn steps(sql: &mut dyn Sql, run: &str, which: &str) -> Result<Vec<StepRecord>, StoreError> {
    let statement = format!(
        "SELECT step, address, outcome, unsettled, remote_id, version, detail, ended, (SELECT COUNT(*) FROM attempts a \
         WHERE a.run = steps.run AND a.step = steps.step) FROM steps WHERE run = $1 {which} ORDER BY seq"
    );
    let record = |mut row: Row| {
        Ok(StepRecord {
            step: row.text()?,
            address: row.text()?,
            outcome: row.word(StepOutcome::from_word)?,
            unsettled: row.flag()?,
            remote_id: row.maybe_text()?,
            version: row.maybe_text()?,
            detail: row.maybe_text()?,
            ended: row.text()?,
            attempts: row.small()?,
        })
    };
    sql.query(&statement, cells![run])?.into_iter().map(record).collect()
}
