//! Runs: who applied which plan, when, and how it ended.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::outbox::{self, NewNotice};
use crate::redact::{refuse_credentials, refuse_secrets};
use crate::sql::{Cell, Row, Sql, cells};
use crate::store::refuse;
use crate::words::words;
use crate::{Answer, Store, StoreError, audit, mappings};

words! {
    /// What a run is for.
    RunKind {
        /// It applies a plan.
        Apply = "apply",
        /// It applies the inverse of an earlier run.
        Undo = "undo",
        /// It turns knobs of campaigns that dial.
        Tune = "tune",
    }
}

words! {
    /// Where a run stands.
    RunState {
        /// It goes on, or its process died.
        Running = "running",
        /// It stopped when asked to, and may be resumed.
        Interrupted = "interrupted",
        /// Every step is as the plan wants it.
        Done = "done",
        /// A part is not, and a part was written.
        Partial = "partial",
        /// Nothing was written.
        Failed = "failed",
        /// The tenant is not what the reviewer saw.
        Conflict = "conflict",
        /// What it had written was taken back.
        RolledBack = "rolled-back",
        /// Another run took its place.
        Superseded = "superseded",
    }
}

impl RunState {
    /// Whether the run may still be resumed.
    #[must_use]
    pub const fn is_unfinished(self) -> bool {
        matches!(self, Self::Running | Self::Interrupted)
    }
}

/// Who runs it, and from where. A resumed run gets new ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// The commit of the manifests.
    pub git_commit: Option<String>,
    /// Its author.
    pub git_author: Option<String>,
    /// The user, as CI or the system names them.
    pub actor: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
}

/// A run that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub kind: RunKind,
    /// The run that an undo takes back.
    pub undoes: Option<String>,
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The tenant.
    pub tenant: String,
    /// The digest of the plan.
    pub digest: String,
    /// The plan as it would be saved: a resume sends what it says. With hash-only rules it is kept whole until the run ends.
    pub plan: Value,
    /// Whether the plan came from a file.
    pub saved_plan: bool,
    /// Who runs it.
    pub origin: Origin,
}

/// How many steps ended how, and what it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are the words of step results")]
pub struct Counts {
    pub applied: u64,
    pub rebased: u64,
    pub unchanged: u64,
    pub failed: u64,
    pub conflict: u64,
    pub skipped: u64,
    pub requests: u64,
    pub retries: u64,
}

/// A run as it is recorded.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub kind: RunKind,
    /// The run that it takes back.
    pub undoes: Option<String>,
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The tenant.
    pub tenant: String,
    /// The digest of the plan.
    pub digest: String,
    /// Whether the plan came from a file.
    pub saved_plan: bool,
    /// Who ran it, last.
    pub origin: Origin,
    /// When it began.
    pub started: String,
    /// How often it was resumed.
    pub resumes: u64,
    /// Where it stands.
    pub state: RunState,
    /// When it ended or was interrupted.
    pub ended: Option<String>,
    /// What it did.
    pub counts: Option<Counts>,
    /// The one error that ended it early.
    pub error: Option<String>,
    /// The head of the audit chain when it ended.
    pub head: Option<String>,
    /// The run that took its place.
    pub superseded_by: Option<String>,
}

/// How a run ends.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// The state that it ends in; [`RunState::Interrupted`] leaves it open for a resume.
    pub state: RunState,
    /// What it did.
    pub counts: Counts,
    /// The one error that ended it early.
    pub error: Option<String>,
    /// What to tell others, stored in the same transaction. A member `auditHead` gets the head hash, a member `metrics` the
    /// figures of the mapping; where the run mapped nothing, or took everything back, such a notice falls away.
    pub notices: Vec<NewNotice>,
}

/// Which runs to list, the one that began last first, whatever the clocks said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of one environment.
    pub environment: Option<String>,
    /// Of one tenant.
    pub tenant: Option<String>,
    /// Of any kind but this one.
    pub without: Option<RunKind>,
    /// At most so many.
    pub limit: Option<u64>,
}

const COLUMNS: &str = "id, kind, undoes, project, environment, tenant, digest, saved_plan, git_commit, git_author, actor, \
                       host, pid, started, resumes, state, ended, counts, error, head, superseded_by";

fn run(mut row: Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.text()?,
        kind: row.word(RunKind::from_word)?,
        undoes: row.maybe_text()?,
        project: row.text()?,
        environment: row.text()?,
        tenant: row.text()?,
        digest: row.text()?,
        saved_plan: row.flag()?,
        origin: Origin {
            git_commit: row.maybe_text()?,
            git_author: row.maybe_text()?,
            actor: row.text()?,
            host: row.text()?,
            pid: row.small()?,
        },
        started: row.text()?,
        resumes: row.count()?,
        state: row.word(RunState::from_word)?,
        ended: row.maybe_text()?,
        counts: row.maybe_json()?.and_then(|counts| serde_json::from_value(counts).ok()),
        error: row.maybe_text()?,
        head: row.maybe_text()?,
        superseded_by: row.maybe_text()?,
    })
}

fn select(sql: &mut dyn Sql, rest: &str, parameters: &[Cell]) -> Result<Vec<Run>, StoreError> {
    sql.query(&format!("SELECT {COLUMNS} FROM runs {rest}"), parameters)?.into_iter().map(run).collect()
}

impl Store {
    /// A run begins.
    ///
    /// # Errors
    /// The plan or the tenant's address holds a secret, the id is taken, or the store fails.
    pub fn begin(&self, run: NewRun) -> Answer<()> {
        if let Err(error) = refuse_secrets(&run.plan).and_then(|()| refuse_credentials(&run.tenant)) {
            return refuse(error);
        }
        let started = self.now();
        self.write(move |sql| {
            let NewRun { id, kind, undoes, project, environment, tenant, digest, plan, saved_plan, origin } = &run;
            let Origin { git_commit, git_author, actor, host, pid } = origin;
            // Whoever else begins a run waits here until this transaction ends: no two runs share a number.
            let counted = "UPDATE counters SET value = value + 1 WHERE name = 'runs' RETURNING value";
            let seq = sql.first(counted, &[])?.ok_or_else(|| StoreError::Damaged("the count of runs is missing".into()))?.int()?;
            sql.execute(
                "INSERT INTO runs (id, kind, undoes, project, environment, tenant, digest, plan, saved_plan, git_commit, \
                 git_author, actor, host, pid, started, resumes, state, seq) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 'running', $16)",
                cells![
                    id, kind.word(), undoes, project, environment, tenant, digest, plan, *saved_plan, git_commit,
                    git_author, actor, host, *pid, &started, seq,
                ],
            )
            .map(drop)
        })
    }

    /// A run goes on in another process: same id, so that a tenant recognises a request that is sent again.
    ///
    /// # Errors
    /// There is no such unfinished run, or the store fails.
    pub fn resume(&self, run: &str, origin: Origin) -> Answer<()> {
        let run = run.to_owned();
        self.write(move |sql| {
            let Origin { git_commit: _, git_author: _, actor, host, pid } = &origin;
            // Commit and author are those of the plan, and the plan is the same.
            let rows = sql.execute(
                "UPDATE runs SET actor = $2, host = $3, pid = $4, resumes = resumes + 1, state = 'running', ended = NULL \
                 WHERE id = $1 AND state IN ('running', 'interrupted')",
                cells![&run, actor, host, *pid],
            )?;
            if rows == 1 { Ok(()) } else { Err(StoreError::Missing(format!("an unfinished run `{run}`"))) }
        })
    }

    /// A run ends, or is interrupted. Its notices are stored with it, or nothing is. Answers with the head of the audit chain.
    ///
    /// # Errors
    /// There is no such unfinished run, the state is none to end in, or the store fails.
    pub fn finish(&self, run: &str, end: RunEnd) -> Answer<String> {
        let (run, now, redactor) = (run.to_owned(), self.now(), self.redactor().clone());
        self.write(move |sql| {
            let RunEnd { state, counts, error, notices } = &end;
            if *state == RunState::Running {
                return Err(StoreError::Contradiction("a run does not end by running".into()));
            }
            let head = audit::head(sql)?;
            let counts = serde_json::to_string(counts).map_err(|error| StoreError::Database(error.to_string()))?;
            let rows = sql.execute(
                "UPDATE runs SET state = $2, ended = $3, counts = $4, error = $5, head = $6 \
                 WHERE id = $1 AND state IN ('running', 'interrupted')",
                cells![&run, state.word(), &now, &counts, error, &head],
            )?;
            if rows != 1 {
                return Err(StoreError::Missing(format!("an unfinished run `{run}`")));
            }
            if redactor.hashes() && !state.is_unfinished() {
                hide_plan(sql, &run, |plan| redactor.kept(plan))?;
            }
            let metrics = match state {
                RunState::Running | RunState::Interrupted | RunState::Superseded | RunState::RolledBack => None,
                RunState::Done | RunState::Partial | RunState::Failed | RunState::Conflict => {
                    mappings::of_run(sql, &run, &now)?
                }
            };
            for notice in notices {
                let mut notice = notice.clone();
                if let Some(member) = notice.payload.get_mut("auditHead") {
                    *member = head.clone().into();
                }
                match (notice.payload.get_mut("metrics"), metrics) {
                    (Some(_), None) => continue,
                    (Some(member), Some(metrics)) => *member = metrics.told(),
                    (None, _) => {}
                }
                outbox::enqueue(sql, &redactor, &now, &notice)?;
            }
            Ok(head)
        })
    }

    /// An unfinished run gives way to another one. Its requests in flight must be settled before.
    ///
    /// # Errors
    /// There is no such unfinished run, or the store fails.
    pub fn supersede(&self, run: &str, by: Option<&str>) -> Answer<()> {
        let (run, by, now) = (run.to_owned(), by.map(ToOwned::to_owned), self.now());
        let redactor = self.redactor().clone();
        self.write(move |sql| {
            let head = audit::head(sql)?;
            let rows = sql.execute(
                "UPDATE runs SET state = 'superseded', ended = $2, superseded_by = $3, head = $4 \
                 WHERE id = $1 AND state IN ('running', 'interrupted')",
                cells![&run, &now, &by, &head],
            )?;
            if rows != 1 {
                return Err(StoreError::Missing(format!("an unfinished run `{run}`")));
            }
            if redactor.hashes() { hide_plan(sql, &run, |plan| redactor.kept(plan)) } else { Ok(()) }
        })
    }

    /// Runs, the newest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn runs(&self, filter: RunFilter) -> Answer<Vec<Run>> {
        self.read(move |sql| {
            let RunFilter { environment, tenant, without, limit } = &filter;
            let mut parameters = vec![Cell::from(limit.unwrap_or(u64::MAX))];
            let mut conditions = Vec::new();
            for (column, value) in [("environment", environment), ("tenant", tenant)] {
                if let Some(value) = value {
                    parameters.push(value.into());
                    conditions.push(format!("{column} = ${}", parameters.len()));
                }
            }
            if let Some(kind) = without {
                parameters.push(kind.word().into());
                conditions.push(format!("kind <> ${}", parameters.len()));
            }
            let filter =
                if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
            select(sql, &format!("{filter} ORDER BY seq DESC LIMIT $1"), &parameters)
        })
    }

    /// One run.
    ///
    /// # Errors
    /// There is none of that id, or the store fails.
    pub fn run(&self, id: &str) -> Answer<Run> {
        let id = id.to_owned();
        self.read(move |sql| {
            let found = select(sql, "WHERE id = $1", cells![&id])?;
            found.into_iter().next().ok_or_else(|| StoreError::Missing(format!("run `{id}`")))
        })
    }

    /// The plan of a run.
    ///
    /// # Errors
    /// There is no such run, or the store fails.
    pub fn plan_of(&self, run: &str) -> Answer<Value> {
        let run = run.to_owned();
        self.read(move |sql| match sql.first("SELECT plan FROM runs WHERE id = $1", cells![&run])? {
            Some(mut row) => row.json(),
            None => Err(StoreError::Missing(format!("run `{run}`"))),
        })
    }

    /// The runs on a tenant that neither ended nor were superseded, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn unfinished(&self, tenant: &str) -> Answer<Vec<Run>> {
        let tenant = tenant.to_owned();
        self.read(move |sql| {
            let open = "WHERE tenant = $1 AND state IN ('running', 'interrupted') ORDER BY seq";
            select(sql, open, cells![&tenant])
        })
    }

    /// The run that used up a saved plan: one that applied it from a file and ended, however it ended. Two plans may hold
    /// the same writes and so have one digest; a plan with an `id` of its own is used up by no other one.
    ///
    /// # Errors
    /// The store fails.
    pub fn spent(&self, digest: &str, id: Option<&str>) -> Answer<Option<Run>> {
        let (digest, id) = (digest.to_owned(), id.map(ToOwned::to_owned));
        self.read(move |sql| {
            let ended = "WHERE digest = $1 AND saved_plan = 1 AND state NOT IN ('running', 'interrupted') \
                         ORDER BY seq DESC";
            for run in select(sql, ended, cells![&digest])? {
                let Some(mut row) = sql.first("SELECT plan FROM runs WHERE id = $1", cells![&run.id])? else {
                    continue;
                };
                if row.json()?.get("id").and_then(Value::as_str) == id.as_deref() {
                    return Ok(Some(run));
                }
            }
            Ok(None)
        })
    }
}

/// A run that ended sends nothing any more, so its plan needs no values.
fn hide_plan(sql: &mut dyn Sql, run: &str, hide: impl Fn(&Value) -> Value) -> Result<(), StoreError> {
    let Some(mut row) = sql.first("SELECT plan FROM runs WHERE id = $1", cells![run])? else { return Ok(()) };
    let hidden = hide(&row.json()?);
    sql.execute("UPDATE runs SET plan = $2 WHERE id = $1", cells![run, &hidden]).map(drop)
}
