//! The store together with its files: the one place where a decision becomes true.

use serde_json::Value;

use crate::{
    error::EmulatorError,
    journal::{self, Journal},
    options::{Options, Seed},
    store::{Change, Refusal, Store},
};

/// A store, kept on disk if the options ask for that.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) store: Store,
    journal: Option<Journal>,
    closed: bool,
}

impl Tenant {
    pub(crate) fn open(options: &Options) -> Result<Self, EmulatorError> {
        let first = || match &options.seed {
            Seed::Empty => Ok(Store::default()),
            Seed::Document(document) => Store::from_document(document).map_err(|error| error.in_document("seed")),
            Seed::File(path) => {
                let document = journal::read_existing(path)?;
                Store::from_document(&document).map_err(|error| error.in_document(&path.display().to_string()))
            }
        };
        match &options.state {
            None => Ok(Self { store: first()?, journal: None, closed: false }),
            Some(path) => {
                let (journal, store) = Journal::open(path, first)?;
                Ok(Self { store, journal: Some(journal), closed: false })
            }
        }
    }

    /// Makes changes true: on disk first, so that no answer is ever taken back.
    pub(crate) fn commit(&mut self, changes: &[Change]) -> Result<(), Refusal> {
        self.check_open()?;
        if let Some(journal) = &mut self.journal {
            journal.append(changes).map_err(|error| not_saved(&error))?;
        }
        for change in changes {
            self.store.apply(change);
        }
        if let Some(journal) = self.journal.as_mut().filter(|journal| journal.is_due(&self.store)) {
            // The log still holds everything, so a failed snapshot loses nothing; the next write tries again.
            if let Err(error) = journal.snapshot(&self.store) {
                tracing::warn!(%error, "could not write a snapshot of the state");
            }
        }
        Ok(())
    }

    /// Replaces everything.
    pub(crate) fn replace(&mut self, document: &Value) -> Result<(), Refusal> {
        let store =
            Store::from_document(document).map_err(|error| Refusal::new(400, "malformed_state", error.to_string()))?;
        if let Some(journal) = &mut self.journal {
            journal.snapshot(&store).map_err(|error| not_saved(&error))?;
        }
        self.store = store;
        Ok(())
    }

    /// Writes a last snapshot and lets the files go. A write that still comes in is refused: nobody would keep it.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        if let Some(mut journal) = self.journal.take()
            && let Err(error) = journal.snapshot(&self.store)
        {
            tracing::warn!(%error, "could not write a last snapshot of the state");
        }
    }

    fn check_open(&self) -> Result<(), Refusal> {
        if self.closed { Err(Refusal::new(503, "stopping", "the emulator is stopping")) } else { Ok(()) }
    }
}

fn not_saved(error: &std::io::Error) -> Refusal {
    Refusal::new(500, "state_not_saved", format!("the state could not be written: {error}"))
}
