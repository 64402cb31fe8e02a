//! Whether the last word about a field was cxform's own: it gave it the value, and nobody else wrote to the object since.

use serde::Serialize;
use serde_json::Value;

use crate::sql::{Row, Sql, cells};
use crate::{Answer, Store, StoreError};

/// A value that cxform gave to a field of an object with versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastWord {
    /// What stood there before.
    pub before: Value,
    /// The value.
    pub value: Value,
    /// The run that gave it.
    pub run: String,
    /// The step of that run.
    pub step: String,
    /// The version that cxform's newest write left. At any other one, somebody else has written since.
    pub version: String,
}

/// A write that the tenant accepted.
struct Write {
    run: String,
    step: String,
    before: Option<Value>,
    after: Option<Value>,
    found: Option<String>,
    left: Option<String>,
}

impl Write {
    fn read(mut row: Row) -> Result<Self, StoreError> {
        let (run, step) = (row.text()?, row.text()?);
        let (before, after, found) = (row.maybe_json()?, row.maybe_json()?, row.maybe_text()?);
        let (told, read) = (row.maybe_text()?, row.maybe_text()?);
        // A version that was read afterwards may be somebody else's, unless it is the very next one.
        let next = found.as_deref().and_then(|found| found.parse::<u64>().ok()).map(|found| (found + 1).to_string());
        let left = told.or_else(|| read.filter(|read| next.as_ref() == Some(read)));
        Ok(Self { run, step, before, after, found, left })
    }

    fn on(self, word: Option<LastWord>, path: &str) -> Option<LastWord> {
        let Self { run, step, before, after, found, left } = self;
        let told = |side: &Option<Value>| side.as_ref().and_then(|side| side.get(path)).cloned();
        let (before, after, version) = (told(&before), told(&after), left?);
        match after {
            Some(value) if before.as_ref() != Some(&value) => {
                Some(LastWord { before: before.unwrap_or_default(), value, run, step, version })
            }
            _ => word.filter(|word| found.as_ref() == Some(&word.version)).map(|word| LastWord { version, ..word }),
        }
    }
}

fn last_word(sql: &mut dyn Sql, tenant: &str, address: &str, path: &str) -> Result<Option<LastWord>, StoreError> {
    let writes = sql.query(
        "SELECT a.run, a.step, a.before_doc, a.after_doc, a.version_before, a.version_after, s.version \
         FROM audit a JOIN runs r ON r.id = a.run LEFT JOIN steps s ON s.run = a.run AND s.step = a.step \
         WHERE a.address = $1 AND r.tenant = $2 AND a.result IN ('applied', 'rebased', 'settled') ORDER BY a.seq",
        cells![address, tenant],
    )?;
    let mut word = None;
    for row in writes {
        word = Write::read(row)?.on(word, path);
    }
    Ok(word)
}

impl Store {
    /// What cxform said last about a field, where nobody else is known to have written to the object since; whether nobody
    /// did, its version on the tenant tells.
    ///
    /// # Errors
    /// The store fails.
    pub fn last_word(&self, tenant: &str, address: &str, path: &str) -> Answer<Option<LastWord>> {
        let (tenant, address, path) = (tenant.to_owned(), address.to_owned(), path.to_owned());
        self.read(move |sql| last_word(sql, &tenant, &address, &path))
    }
}
