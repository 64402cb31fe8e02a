//! The figures of a mapping \[001\]: how many codes and assignments were tried, and how many are as they should be.

use serde::Serialize;
use serde_json::{Value, json};

use crate::StoreError;
use crate::sql::{Cell, Sql, cells};
use crate::stats::share;

/// What a mapping came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MappingMetrics {
    /// Codes and assignments that were tried.
    pub total_attempts: u64,
    /// Those that are as they should be.
    pub successful_assignments: u64,
    /// Mean milliseconds of the answers, where there were any.
    pub average_latency_ms: Option<f64>,
    /// The share of those that are as they should be, where any was tried.
    pub assignment_rate: Option<f64>,
}

impl MappingMetrics {
    /// The member `metrics` of an event, in the words of \[001\], who writes 0 where there is nothing to divide.
    pub(crate) fn told(self) -> Value {
        let Self { total_attempts, successful_assignments, average_latency_ms, assignment_rate } = self;
        json!({
            "totalAttempts": total_attempts,
            "successfulAssignments": successful_assignments,
            "averageLatencyMs": average_latency_ms.unwrap_or_default(),
            "assignmentRate": assignment_rate.unwrap_or_default(),
        })
    }
}

/// Who counted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted {
    /// A run of ours, by its records.
    ByRun,
    /// Somebody who told.
    ByTeller,
}

impl Counted {
    const fn word(self) -> &'static str {
        match self {
            Self::ByRun => "run",
            Self::ByTeller => "event",
        }
    }
}

/// A real number on its way to a column: the two databases share no parameter of that type.
fn real(number: Option<f64>) -> Cell {
    number.filter(|number| number.is_finite()).map_or(Cell::Null, |number| Cell::Text(number.to_string()))
}

/// Stores figures; those that were there first stay. Few enough at a time for the parameters of one statement.
pub(crate) fn put(
    sql: &mut dyn Sql,
    counted: Counted,
    now: &str,
    mappings: &[(&str, MappingMetrics)],
) -> Result<(), StoreError> {
    if mappings.is_empty() {
        return Ok(());
    }
    let mut parameters = Vec::with_capacity(mappings.len() * 7);
    let mut rows = Vec::with_capacity(mappings.len());
    for (mapping, metrics) in mappings {
        let MappingMetrics { total_attempts, successful_assignments, average_latency_ms, assignment_rate } = *metrics;
        let first = parameters.len() + 1;
        let real_at = |at: usize| format!("CAST(CAST(${at} AS TEXT) AS DOUBLE PRECISION)");
        rows.push(format!(
            "(${}, ${}, ${}, ${}, ${}, {}, {})",
            first,
            first + 1,
            first + 2,
            first + 3,
            first + 4,
            real_at(first + 5),
            real_at(first + 6)
        ));
        parameters.extend_from_slice(cells![*mapping, counted.word(), now, total_attempts, successful_assignments]);
        parameters.extend([real(average_latency_ms), real(assignment_rate)]);
    }
    let statement = format!(
        "INSERT INTO mappings (mapping, origin, completed, total_attempts, successful_assignments, average_latency_ms, \
         assignment_rate) VALUES {} ON CONFLICT DO NOTHING",
        rows.join(", ")
    );
    sql.execute(&statement, &parameters).map(drop)
}

/// The steps that map: codes, and codes on desktops. What a rollback did is none.
const MAPS: &str = "(address LIKE 'outcome/%' OR address LIKE 'callcode/%' OR address LIKE 'assignment/%') \
                    AND step NOT LIKE 'undo-%'";

/// The figures of a run that ends, put on record; `None` where it tried nothing that maps.
pub(crate) fn of_run(sql: &mut dyn Sql, run: &str, now: &str) -> Result<Option<MappingMetrics>, StoreError> {
    let mut one = |statement: String| {
        sql.first(&statement, cells![run])?.ok_or_else(|| StoreError::Damaged("a figure is missing".into()))
    };
    let mut row = one(format!(
        "SELECT COUNT(*), COALESCE(CAST(SUM(CASE WHEN outcome IN ('applied', 'rebased', 'unchanged') THEN 1 ELSE 0 END) \
         AS BIGINT), 0) FROM steps WHERE run = $1 AND outcome <> 'skipped' AND {MAPS}"
    ))?;
    let (total_attempts, successful_assignments) = (row.count()?, row.count()?);
    let mut row = one(format!(
        "SELECT COUNT(latency_ms), COALESCE(CAST(SUM(latency_ms) AS BIGINT), 0) FROM attempts WHERE run = $1 AND {MAPS}"
    ))?;
    let (answers, total_ms) = (row.count()?, row.count()?);
    if total_attempts == 0 {
        return Ok(None);
    }
    let metrics = MappingMetrics {
        total_attempts,
        successful_assignments,
        average_latency_ms: share(total_ms, answers),
        assignment_rate: share(successful_assignments, total_attempts),
    };
    put(sql, Counted::ByRun, now, &[(run, metrics)])?;
    Ok(Some(metrics))
}
