//! The audit trail as a file: one JSON object or one CSV line per record, streamed.

use std::io::Write;

use super::{AuditFilter, AuditRecord};
use crate::csv::csv_line;
use crate::words::words;
use crate::{Store, StoreError};

words! {
    /// How records are written.
    ExportFormat {
        /// One JSON object per line.
        Jsonl = "jsonl",
        /// RFC 4180, with a header.
        Csv = "csv",
    }
}

/// The export did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The records could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They could not be written.
    #[error("the export could not be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Records that are in memory at a time.
const PAGE: u64 = 500;

const HEADER: [&str; 24] = [
    "seq",
    "time",
    "run",
    "step",
    "planDigest",
    "gitCommit",
    "gitAuthor",
    "actor",
    "address",
    "endpoint",
    "method",
    "path",
    "before",
    "after",
    "versionBefore",
    "versionAfter",
    "result",
    "latencyMs",
    "retries",
    "requestId",
    "compliance",
    "payloadSha256",
    "previous",
    "hash",
];

impl Store {
    /// Writes records to `out`, the oldest first. Answers with their number.
    ///
    /// # Errors
    /// Reading or writing fails.
    pub async fn export_audit(
        &self,
        format: ExportFormat,
        filter: AuditFilter,
        out: &mut (dyn Write + Send),
    ) -> Result<u64, ExportError> {
        if format == ExportFormat::Csv {
            csv_line(out, HEADER)?;
        }
        let (mut page, mut written) = (filter.clone(), 0);
        loop {
            let left = filter.limit.map_or(u64::MAX, |limit| limit.saturating_sub(written));
            page.limit = Some(PAGE.min(left));
            let records = self.audit(page.clone()).await?;
            for record in &records {
                match format {
                    ExportFormat::Jsonl => {
                        serde_json::to_writer(&mut *out, record).map_err(std::io::Error::from)?;
                        out.write_all(b"\n")?;
                    }
                    ExportFormat::Csv => csv_line(out, csv(record).iter().map(String::as_str))?,
                }
            }
            written += records.len() as u64;
            match records.last() {
                Some(last) => page.after = Some(last.seq),
                None => break,
            }
        }
        out.flush()?;
        Ok(written)
    }
}

fn csv(record: &AuditRecord) -> [String; 24] {
    let AuditRecord {
        seq,
        time,
        run,
        step,
        plan_digest,
        git_commit,
        git_author,
        actor,
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
        previous,
        hash,
    } = record;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let json = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        seq.to_string(),
        time.clone(),
        run.clone(),
        step.clone(),
        plan_digest.clone(),
        text(git_commit),
        text(git_author),
        actor.clone(),
        address.clone(),
        endpoint.clone(),
        method.clone(),
        path.clone(),
        json(before),
        json(after),
        text(version_before),
        text(version_after),
        result.to_string(),
        latency_ms.to_string(),
        retries.to_string(),
        text(request_id),
        compliance.to_string(),
        text(payload_sha256),
        previous.clone(),
        hash.clone(),
    ]
}
