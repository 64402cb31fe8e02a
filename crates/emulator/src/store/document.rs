//! The store as a seed or state document, and back.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Change, Kind, Remembered, Store, Table};
use crate::{error::EmulatorError, schema};

impl Store {
    /// Reads a document. Duplicate codes and orphans are taken as they are; two objects with one id are not.
    pub(crate) fn from_document(document: &Value) -> Result<Self, EmulatorError> {
        schema::check_state(document)?;
        let mut store = Self::default();
        for kind in Kind::ALL {
            let rows = document.get(kind.name()).and_then(Value::as_array).into_iter().flatten();
            for (index, row) in rows.enumerate() {
                let malformed = |message| EmulatorError::Malformed {
                    document: "state".to_owned(),
                    place: format!("/{}/{index}", kind.name()),
                    message,
                };
                let id = kind.id_of(row);
                if store.table(kind).has(&id) {
                    return Err(malformed(format!("`{id}` is there already")));
                }
                if kind == Kind::Assignments {
                    store.check_references(row).map_err(malformed)?;
                }
                store.apply(&Change::Put(kind, completed(kind, row.clone())));
            }
        }
        if let Some(stats) = document.get("stats").and_then(Value::as_object) {
            store.stats = stats.iter().map(|(campaign, stats)| (campaign.clone(), stats.clone())).collect();
        }
        for (campaign, records) in document.get("history").and_then(Value::as_object).into_iter().flatten() {
            for record in records.as_array().into_iter().flatten() {
                store.apply(&Change::History(campaign.clone(), record.clone()));
            }
        }
        for remembered in document.get("idempotency").and_then(Value::as_array).into_iter().flatten() {
            if let Some(remembered) = Remembered::from_json(remembered) {
                store.apply(&Change::Remember(remembered));
            }
        }
        store.tables.iter_mut().for_each(Table::settle);
        store.minted = document.pointer("/emulator/minted").and_then(Value::as_u64).unwrap_or(0);
        Ok(store)
    }

    fn check_references(&self, assignment: &Value) -> Result<(), String> {
        for (kind, field) in [(Kind::Campaigns, "campaignId"), (Kind::Outcomes, "outcomeId")] {
            let id = super::text(assignment, field);
            if !self.table(kind).has(id) {
                return Err(format!("`{field}` names nothing: `{id}`"));
            }
        }
        Ok(())
    }

    /// Writes the document, an object a line, without building it in memory first.
    pub(crate) fn write_document(&self, generation: u64, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{{")?;
        for kind in Kind::ALL {
            let table = self.table(kind);
            write!(out, "\"{}\": [", kind.name())?;
            let rows = table.live().iter().map(|position| table.text(*position));
            write_items(out, rows)?;
            writeln!(out, "],")?;
        }
        writeln!(out, "\"stats\": {},", json!(self.stats))?;
        write!(out, "\"history\": {{")?;
        // Sorted, so that one state has one text.
        let mut campaigns: Vec<_> = self.history.iter().collect();
        campaigns.sort_unstable_by_key(|(campaign, _)| *campaign);
        for (index, (campaign, records)) in campaigns.into_iter().enumerate() {
            write!(out, "{}\n{}: [", if index == 0 { "" } else { "," }, json!(campaign))?;
            write_items(out, records.iter().map(|record| &**record))?;
            write!(out, "]")?;
        }
        write!(out, "}},\n\"idempotency\": [")?;
        write_items(out, self.memory.oldest_first().map(|remembered| remembered.to_json().to_string()))?;
        let bookkeeping = json!({ "minted": self.minted, "generation": generation });
        writeln!(out, "],\n\"emulator\": {bookkeeping}\n}}")
    }

    /// The document as a value.
    pub(crate) fn to_document(&self) -> Value {
        let mut text = Vec::new();
        // Writing to memory does not fail, and what was written is JSON.
        let written = self.write_document(0, &mut text);
        written.ok().and_then(|()| serde_json::from_slice(&text).ok()).unwrap_or(Value::Null)
    }
}

fn write_items(out: &mut impl Write, items: impl Iterator<Item = impl AsRef<str>>) -> io::Result<()> {
    for (index, item) in items.enumerate() {
        write!(out, "{}\n{}", if index == 0 { "" } else { "," }, item.as_ref())?;
    }
    Ok(())
}

/// A seed may leave out what the server itself would have filled in.
fn completed(kind: Kind, mut row: Value) -> Value {
    let Some(fields) = row.as_object_mut() else { return row };
    let defaults: &[(&str, Value)] = match kind {
        Kind::Outcomes => &[
            ("description", json!("")),
            ("status", json!("ACTIVE")),
            ("parentOutcomeId", Value::Null),
            ("validationRules", Value::Null),
            ("uiConfig", Value::Null),
        ],
        Kind::Callcodes | Kind::Webhooks => &[("isActive", json!(true))],
        Kind::Campaigns => &[("version", json!(1)), ("status", json!("draft"))],
        Kind::Assignments => &[("defaultSelection", json!(false))],
        Kind::Groups => &[],
    };
    for (name, value) in defaults {
        fields.entry(*name).or_insert_with(|| value.clone());
    }
    row
}
