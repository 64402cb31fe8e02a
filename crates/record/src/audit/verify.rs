//! Whether the audit trail is whole: every record recomputed, every link followed, in constant memory.

use serde::Serialize;

use super::{CONTENT, CONTENT_WIDTH, chain_end, digest};
use crate::sql::{Cell, Row, Sql, cells};
use crate::words::words;
use crate::{Store, StoreError};

words! {
    /// What is wrong at a place of the chain.
    Fault {
        /// The record does not have the content, or the number, that its hash was made of.
        Changed = "changed",
        /// It does not follow the record before it.
        Unlinked = "unlinked",
        /// Records before it are missing.
        Missing = "missing",
        /// The newest records are missing.
        TailCut = "tail-cut",
        /// The given head is no record: the tail was cut, or the chain was made anew.
        HeadUnknown = "head-unknown",
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// The record, or the number up to which records are missing.
    pub seq: i64,
    /// What.
    pub fault: Fault,
}

/// What the verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Records seen.
    pub records: u64,
    /// The hash of the last one.
    pub head: String,
    /// The first flaws; at most a hundred are listed.
    pub flaws: Vec<Flaw>,
    /// All of them.
    pub flaw_count: u64,
    /// How often the time stepped back from one record to the next: no flaw, but worth knowing.
    pub clock_steps_back: u64,
}

impl Verdict {
    /// Whether the trail is whole.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.flaw_count == 0
    }

    fn flaw(&mut self, seq: i64, fault: Fault) {
        self.flaw_count += 1;
        if self.flaws.len() < 100 {
            self.flaws.push(Flaw { seq, fault });
        }
    }
}

/// Records that are in memory at a time.
const PAGE: i64 = 500;

/// A record as the hash sees it.
struct Link {
    seq: i64,
    content: Vec<Cell>,
    previous: Option<String>,
    hash: Option<String>,
}

impl Link {
    fn read(row: Row) -> Self {
        let mut content: Vec<Cell> = row.0.collect();
        let mut ends = content.split_off(CONTENT_WIDTH.min(content.len())).into_iter();
        // Whatever somebody wrote there is compared, never trusted to have the right form.
        let seq = if let Some(Cell::Int(seq)) = ends.next() { seq } else { 0 };
        let mut text = || if let Some(Cell::Text(text)) = ends.next() { Some(text) } else { None };
        Self { seq, content, previous: text(), hash: text() }
    }
}

fn page(sql: &mut dyn Sql, after: i64) -> Result<Vec<Link>, StoreError> {
    let statement =
        format!("SELECT {CONTENT}, seq, previous, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT {PAGE}");
    Ok(sql.query(&statement, cells![after])?.into_iter().map(Link::read).collect())
}

impl Store {
    /// Verifies the whole chain. With the head that an earlier result or notification carried, a cut tail and a chain that
    /// was made anew are found too. Appending may go on meanwhile.
    ///
    /// # Errors
    /// The store fails. Flaws of the chain are no errors.
    pub async fn verify_audit(&self, head: Option<&str>) -> Result<Verdict, StoreError> {
        let end = self.read(|sql| chain_end(sql)).await?;
        let mut verdict = Verdict { head: self.genesis().to_owned(), ..Verdict::default() };
        let mut head_seen = head.is_none_or(|head| head == verdict.head);
        let (mut at, mut time) = (0, Cell::Null);
        // A cut tail leaves the row that counts behind; only who also edits that row needs the head to be found out.
        let mut end_seen = end == (0, verdict.head.clone());
        let mut after = i64::MIN;
        loop {
            let links = self.read(move |sql| page(sql, after)).await?;
            let Some(last) = links.last() else { break };
            after = last.seq;
            for link in links {
                if link.seq != at + 1 {
                    verdict.flaw(link.seq, Fault::Missing);
                } else if link.previous.as_deref() != Some(&verdict.head) {
                    verdict.flaw(link.seq, Fault::Unlinked);
                }
                let hash = digest(link.seq, link.previous.as_deref().unwrap_or_default(), &link.content);
                if link.hash.as_deref() != Some(&hash) {
                    verdict.flaw(link.seq, Fault::Changed);
                }
                if let (Some(Cell::Text(now)), Cell::Text(before)) = (link.content.first(), &time)
                    && now < before
                {
                    verdict.clock_steps_back += 1;
                }
                time = link.content.into_iter().next().unwrap_or(Cell::Null);
                at = link.seq;
                // The stored hash goes on, so that one changed record is one flaw, and not one for every record behind it.
                verdict.head = link.hash.unwrap_or(hash);
                verdict.records += 1;
                head_seen = head_seen || head == Some(&verdict.head);
                end_seen = end_seen || end == (at, verdict.head.clone());
            }
        }
        if !end_seen {
            verdict.flaw(end.0, Fault::TailCut);
        }
        if !head_seen {
            verdict.flaw(at, Fault::HeadUnknown);
        }
        Ok(verdict)
    }
}
