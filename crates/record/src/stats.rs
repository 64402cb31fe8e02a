//! Figures over one run or many: how often it works, and how long the tenant takes \[001\]\[004\].

use serde::Serialize;

use crate::sql::{Cell, Sql};
use crate::{Answer, Store, StoreError};

/// What runs add up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Runs.
    pub runs: u64,
    /// Steps that were tried and decided.
    pub steps: u64,
    /// Those that ended as the plan wants it.
    pub succeeded: u64,
    /// Their share, where there are any.
    pub success_rate: Option<f64>,
    /// Requests that write, repetitions included.
    pub requests: u64,
    /// Repetitions.
    pub retries: u64,
    /// Mean milliseconds from sending to the answer.
    pub mean_ms: Option<f64>,
    /// Half of the answers took no longer.
    pub p50_ms: Option<u64>,
    /// All but a twentieth of them took no longer.
    pub p95_ms: Option<u64>,
}

/// What figures are taken over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Span {
    /// Every run.
    #[default]
    All,
    /// Those of one environment.
    Environment(String),
    /// One run.
    Run(String),
}

impl Store {
    /// The figures of one run, or of many.
    ///
    /// # Errors
    /// The store fails.
    pub fn stats(&self, span: Span) -> Answer<Stats> {
        self.read(move |sql| stats(sql, &span))
    }
}

fn stats(sql: &mut dyn Sql, span: &Span) -> Result<Stats, StoreError> {
    let (of, runs_of, rows_of): (Vec<Cell>, _, _) = match span {
        Span::All => (Vec::new(), "1 = 1", "1 = 1"),
        Span::Environment(name) => {
            (vec![name.into()], "environment = $1", "run IN (SELECT id FROM runs WHERE environment = $1)")
        }
        Span::Run(id) => (vec![id.into()], "id = $1", "run = $1"),
    };
    let mut one = |statement: String, parameters: &[Cell]| {
        sql.first(&statement, parameters)?.ok_or_else(|| StoreError::Damaged("a figure is missing".into()))
    };
    let runs = one(format!("SELECT COUNT(*) FROM runs WHERE {runs_of}"), &of)?.count()?;
    let mut row = one(
        format!(
            "SELECT COUNT(*), COALESCE(CAST(SUM(CASE WHEN outcome IN ('applied', 'rebased', 'unchanged') THEN 1 ELSE 0 \
             END) AS BIGINT), 0) FROM steps WHERE outcome <> 'skipped' AND {rows_of}"
        ),
        &of,
    )?;
    let (steps, succeeded) = (row.count()?, row.count()?);
    let mut row = one(
        format!(
            "SELECT COUNT(*), COALESCE(CAST(SUM(retries) AS BIGINT), 0), COUNT(latency_ms), \
             COALESCE(CAST(SUM(latency_ms) AS BIGINT), 0) FROM attempts WHERE {rows_of}"
        ),
        &of,
    )?;
    let (attempts, retries, answers, total) = (row.count()?, row.count()?, row.count()?, row.count()?);
    let mut percentile = |percent: u64| {
        if answers == 0 {
            return Ok(None);
        }
        // The nearest rank: an answer that was really seen, not a value between two.
        let rank = (answers * percent).div_ceil(100).max(1) - 1;
        let mut parameters = of.clone();
        parameters.push(rank.into());
        let statement = format!(
            "SELECT latency_ms FROM attempts WHERE latency_ms IS NOT NULL AND {rows_of} ORDER BY latency_ms LIMIT 1 OFFSET ${}",
            parameters.len()
        );
        one(statement, &parameters)?.count().map(Some)
    };
    let (p50_ms, p95_ms) = (percentile(50)?, percentile(95)?);
    Ok(Stats {
        runs,
        steps,
        succeeded,
        success_rate: share(succeeded, steps),
        requests: attempts + retries,
        retries,
        mean_ms: share(total, answers),
        p50_ms,
        p95_ms,
    })
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
