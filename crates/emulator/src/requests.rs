//! What was asked of the tenant, in order of arrival, for tests. Bounded, so that a long run does not eat the memory.

use std::collections::VecDeque;

use serde_json::{Value, json};

const KEPT: usize = 200_000;

/// One request as it came in and what became of it.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) at: i64,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) if_match: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) fault: Option<&'static str>,
    pub(crate) replayed: bool,
}

/// The log; numbers start at 1.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    forgotten: u64,
    entries: VecDeque<Entry>,
}

impl Requests {
    /// Notes an arrival and gives its number.
    pub(crate) fn arrive(&mut self, entry: Entry) -> u64 {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(entry);
        self.forgotten + self.entries.len() as u64
    }

    /// The entry of that number, if it is still kept.
    pub(crate) fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let index = number.checked_sub(self.forgotten + 1)?;
        self.entries.get_mut(usize::try_from(index).ok()?)
    }

    /// All kept entries. `status` is null while a request is under way, and for one that never got an answer.
    pub(crate) fn listed(&self) -> Vec<Value> {
        let listed = |(index, entry): (usize, &Entry)| {
            let body = entry
                .body
                .as_deref()
                .map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())));
            json!({
                "number": self.forgotten + index as u64 + 1,
                "at": entry.at,
                "method": entry.method,
                "path": entry.path,
                "query": entry.query,
                "idempotencyKey": entry.idempotency_key,
                "ifMatch": entry.if_match,
                "body": body,
                "rawBody": entry.body,
                "status": entry.status,
                "fault": entry.fault,
                "replayed": entry.replayed,
            })
        };
        self.entries.iter().enumerate().map(listed).collect()
    }
}
