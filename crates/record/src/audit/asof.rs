//! What was configured at a moment, and who put it there, as far as cxform's own writes tell.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{AuditFilter, AuditRecord};
use crate::clock::stamp;
use crate::{Store, StoreError};

/// Who put a value there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PutBy {
    /// The record.
    pub seq: i64,
    /// When.
    pub time: String,
    /// The run.
    pub run: String,
    /// The user who ran it.
    pub actor: String,
    /// The commit of the manifests.
    pub git_commit: Option<String>,
    /// Its author.
    pub git_author: Option<String>,
}

/// One field at the moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldAsOf {
    /// The value.
    pub value: Value,
    /// Who put it there; `None` where it stood before cxform's first write to it.
    pub put_by: Option<PutBy>,
    /// The next record that found another value there: somebody changed it outside of cxform in between, before or after the
    /// moment.
    pub contradicted_by: Option<i64>,
}

/// An object at a moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AsOf {
    /// The object.
    pub address: String,
    /// The moment.
    pub time: String,
    /// Whether it was there; `None` where no record tells.
    pub existed: Option<bool>,
    /// The last write up to the moment.
    pub last_write: Option<PutBy>,
    /// The version that it left.
    pub version: Option<String>,
    /// The fields, by path. A field that cxform never wrote is not known.
    pub fields: BTreeMap<String, FieldAsOf>,
    /// Writes after that last one and up to the moment whose fate was never learnt.
    pub lost_writes: Vec<i64>,
}

impl AsOf {
    /// The fields as one document.
    #[must_use]
    pub fn document(&self) -> Value {
        let fields = self.fields.iter().map(|(path, field)| (path.clone(), field.value.clone()));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    /// A write up to the moment.
    fn written(&mut self, record: AuditRecord) {
        let AuditRecord { seq, time, run, actor, git_commit, git_author, after, version_after, .. } = record;
        let by = PutBy { seq, time, run, actor, git_commit, git_author };
        match after {
            Some(Value::Object(fields)) => {
                self.existed = Some(true);
                for (path, value) in fields {
                    let kept = self.fields.get(&path).is_some_and(|field| field.value == value);
                    // A write that repeats a value did not put it there.
                    if !kept {
                        let field = FieldAsOf { value, put_by: Some(by.clone()), contradicted_by: None };
                        self.fields.insert(path, field);
                    }
                }
            }
            _ => {
                self.existed = Some(false);
                self.fields.clear();
            }
        }
        self.lost_writes.clear();
        self.version = version_after;
        self.last_write = Some(by);
    }

    /// A write after the moment: what it found is evidence of what was there.
    fn found_later(&mut self, record: &AuditRecord, settled: &mut BTreeSet<String>) {
        let Some(before) = &record.before else {
            self.existed.get_or_insert(false);
            return;
        };
        let gone = self.existed == Some(false);
        for (path, value) in before.as_object().into_iter().flatten().filter(|_| !gone) {
            // Only the first write behind the moment tells: later ones find what that one left.
            if !settled.insert(path.clone()) {
                continue;
            }
            let unknown = FieldAsOf { value: value.clone(), put_by: None, contradicted_by: None };
            let field = self.fields.entry(path.clone()).or_insert(unknown);
            if field.value != *value {
                field.contradicted_by = Some(record.seq);
            }
        }
        self.existed.get_or_insert(true);
    }
}

/// Records that are in memory at a time.
const PAGE: u64 = 500;

impl Store {
    /// What was configured at `address` at the moment `time`, by the records of the audit trail.
    ///
    /// # Errors
    /// The store fails.
    pub async fn audit_asof(&self, time: Timestamp, address: &str) -> Result<AsOf, StoreError> {
        let moment = stamp(time);
        let mut state = AsOf {
            address: address.to_owned(),
            time: moment.clone(),
            existed: None,
            last_write: None,
            version: None,
            fields: BTreeMap::new(),
            lost_writes: Vec::new(),
        };
        let mut page = AuditFilter { address: Some(address.to_owned()), limit: Some(PAGE), ..AuditFilter::default() };
        let mut settled = BTreeSet::new();
        loop {
            let records = self.audit(page.clone()).await?;
            let Some(last) = records.last() else { return Ok(state) };
            page.after = Some(last.seq);
            for record in records {
                let before = record.time <= moment;
                if before && record.result.has_written() {
                    state.written(record);
                } else if before && record.result == super::WriteResult::Lost {
                    state.lost_writes.push(record.seq);
                } else if !before && record.result.has_written() {
                    state.found_later(&record, &mut settled);
                    for path in record.after.iter().filter_map(Value::as_object).flat_map(Map::keys) {
                        settled.insert(path.clone());
                    }
                }
            }
        }
    }
}
