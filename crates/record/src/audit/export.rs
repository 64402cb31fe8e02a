//! The audit trail as a file: one JSON object or one CSV line per record, streamed.

use std::io::Write;

use super::{AuditFilter, AuditRecord};
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

fn csv_line<'a>(out: &mut dyn Write, cells: impl IntoIterator<Item = &'a str>) -> std::io::Result<()> {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        let cell = neutral(cell);
        if cell.contains([',', '"', '\r', '\n', '\t', '\'']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

/// A spreadsheet runs what starts like a formula; an apostrophe before it makes it text.
fn neutral(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let mut line = Vec::new();
        csv_line(&mut line, ["=1+1", "+a", "-b", "@c", "\td", "\re", "plain", "a\"b,c", "two\nlines"]).unwrap();
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "\"'=1+1\",\"'+a\",\"'-b\",\"'@c\",\"'\td\",\"'\re\",plain,\"a\"\"b,c\",\"two\nlines\"\r\n"
        );
    }
}
