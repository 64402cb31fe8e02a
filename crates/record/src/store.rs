//! The handle of a store: opening it, and handing requests to its thread.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::location::Location;
use crate::migrate::{Identity, migrate};
use crate::redact::{Redaction, Redactor};
use crate::sql::postgres::Postgres;
use crate::sql::sqlite::Sqlite;
use crate::sql::{Access, Database, Sql};
use crate::worker::{Request, serve, submit};
use crate::{Answer, Clock, StoreError};

/// Fills bytes with randomness, or says why it cannot.
pub type Random = fn(&mut [u8]) -> Result<(), String>;

/// Whether a store is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is created and brought up to date as needed.
    ReadWrite,
    /// It is left as it is; works beside a running apply.
    ReadOnly,
}

/// How to open a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it lives.
    pub location: Location,
    /// Whether it is written to.
    pub mode: Mode,
    /// What of the configuration is kept as a hash only.
    pub redaction: Redaction,
    /// The folder of the lock files of this machine and user, such as `~/.local/state/cxform/locks`. Not used with a server.
    pub locks: PathBuf,
    /// How long the owner of a lock may be silent before another one takes it over.
    pub lease: Duration,
    /// The time.
    pub clock: Clock,
    /// The randomness of salts and nonces.
    pub random: Random,
}

impl Options {
    /// Reading and writing with the machine's time and randomness, nothing kept as a hash, leases of 30 seconds.
    #[must_use]
    pub fn new(location: Location, locks: PathBuf) -> Self {
        Self {
            location,
            mode: Mode::ReadWrite,
            redaction: Redaction::Plain,
            locks,
            lease: Duration::from_secs(30),
            clock: Clock::system(),
            random: |bytes| getrandom::fill(bytes).map_err(|error| error.to_string()),
        }
    }
}

/// A store. Clones share one connection; the last one to go waits until everything asked for is stored.
///
/// Nothing secret is ever kept: documents lose the values of keys that name a token, a password or a secret before they
/// are stored, and a plan or a tenant's address with one in it is refused.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    options: Options,
    identity: Identity,
    redactor: Redactor,
    queue: Option<Sender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.0.options.location).finish()
    }
}

impl Store {
    /// Opens a store, creating it or bringing it up to date where the mode allows.
    ///
    /// # Errors
    /// It cannot be reached, read, written or understood.
    pub fn open(options: Options) -> Answer<Self> {
        let (reply, answer) = Answer::new();
        let spawned = std::thread::Builder::new().name("cxform-open".into()).spawn(move || {
            let _ = reply.send(Self::open_here(options));
        });
        // Without a thread the reply is dropped, and the answer says that the store is closed.
        drop(spawned);
        answer
    }

    fn open_here(options: Options) -> Result<Self, StoreError> {
        let (queue, requests) = channel();
        let (opened, open) = channel();
        let Options { location, mode, random, .. } = options.clone();
        let thread = std::thread::Builder::new().name("cxform-store".into()).spawn(move || {
            // The connection is made where it is used: it belongs to one thread.
            let database = connect(&location, mode).and_then(|mut database| {
                let identity = migrate(&mut *database, mode, random)?;
                Ok((database, identity))
            });
            match database {
                Ok((database, identity)) => {
                    let _ = opened.send(Ok(identity));
                    serve(database, &requests);
                }
                Err(error) => drop(opened.send(Err(error))),
            }
        });
        let thread = thread.map_err(|error| StoreError::Database(error.to_string()))?;
        let identity = open.recv().map_err(|_| StoreError::Closed)??;
        let redactor = Redactor::new(options.redaction, &identity.salt);
        Ok(Self(Arc::new(Inner { options, identity, redactor, queue: Some(queue), thread: Some(thread) })))
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn now(&self) -> String {
        self.0.options.clock.stamp()
    }

    pub(crate) fn genesis(&self) -> &str {
        &self.0.identity.genesis
    }

    pub(crate) fn redactor(&self) -> &Redactor {
        &self.0.redactor
    }

    /// A document in the form in which this store keeps it: values under contact selection rules as hashes, if the store is
    /// set so, and values that look like secrets replaced. What is compared with a stored document takes this form first.
    #[must_use]
    pub fn kept_form(&self, document: &Value) -> Value {
        self.0.redactor.kept(document)
    }

    pub(crate) fn read<T: Send + 'static>(
        &self,
        body: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.submit(Access::Read, body)
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        body: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        match self.0.options.mode {
            Mode::ReadWrite => self.submit(Access::Write, body),
            Mode::ReadOnly => refuse(StoreError::ReadOnly),
        }
    }

    fn submit<T: Send + 'static>(
        &self,
        access: Access,
        body: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        match &self.0.queue {
            Some(queue) => submit(queue, access, body),
            None => refuse(StoreError::Closed),
        }
    }
}

/// An answer that is known before anything is asked.
pub(crate) fn refuse<T>(error: StoreError) -> Answer<T> {
    let (reply, answer) = Answer::new();
    let _ = reply.send(Err(error));
    answer
}

fn connect(location: &Location, mode: Mode) -> Result<Box<dyn Database>, StoreError> {
    Ok(match location {
        Location::File(path) => Box::new(Sqlite::open(path, mode)?),
        Location::Server(server) => Box::new(Postgres::open((**server).clone(), mode)?),
    })
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the store ended in a panic");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{NewNotice, wait};

    fn open(folder: &std::path::Path) -> Store {
        let location = Location::File(folder.join("store.db"));
        Store::open(Options::new(location, folder.join("locks"))).wait().unwrap()
    }

    fn notice(at: usize) -> NewNotice {
        NewNotice { id: format!("n{at}"), kind: "test".into(), payload: json!("x".repeat(500)) }
    }

    #[test]
    fn a_full_disk_is_an_error_and_what_was_stored_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        store.read(|sql| sql.script("PRAGMA max_page_count = 60")).wait().unwrap();
        let stored = (0..1000).take_while(|at| store.enqueue(notice(*at)).wait().is_ok()).count();
        assert!((1..1000).contains(&stored), "{stored}");
        assert_eq!(store.enqueue(notice(1000)).wait(), Err(StoreError::Full));
        assert_eq!(store.undelivered().wait().unwrap().len(), stored);
        // Space again: it goes on.
        store.read(|sql| sql.script("PRAGMA max_page_count = 1000000")).wait().unwrap();
        store.enqueue(notice(1000)).wait().unwrap();
        drop(store);
        assert_eq!(open(folder.path()).undelivered().wait().unwrap().len(), stored + 1);
    }

    #[test]
    fn a_database_that_takes_no_writes_is_read_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        store.read(|sql| sql.script("PRAGMA query_only = ON")).wait().unwrap();
        assert_eq!(store.enqueue(notice(0)).wait(), Err(StoreError::ReadOnly));
        assert!(wait(store.verify_audit(None)).unwrap().is_whole());
    }

    #[test]
    fn every_commit_is_synced_to_disk() {
        let folder = tempfile::tempdir().unwrap();
        let pragma = |name: &'static str| {
            let store = open(folder.path());
            store.read(move |sql| sql.query(&format!("PRAGMA {name}"), &[])).wait().unwrap()[0].clone()
        };
        assert_eq!(pragma("synchronous").int().unwrap(), 2, "FULL");
        assert_eq!(pragma("journal_mode").text().unwrap(), "wal");
        assert!(pragma("foreign_keys").flag().unwrap());
    }

    #[test]
    fn another_writer_that_never_ends_is_busy_and_no_deadlock() {
        let folder = tempfile::tempdir().unwrap();
        let (store, other) = (open(folder.path()), open(folder.path()));
        store.read(|sql| sql.script("PRAGMA busy_timeout = 50")).wait().unwrap();
        let (hold, held) = channel();
        let (enter, entered) = channel();
        let held = std::sync::Mutex::new(held);
        let slow = other.write(move |_| {
            let _ = enter.send(());
            drop(held.lock().map(|held| held.recv()));
            Ok(())
        });
        entered.recv().unwrap();
        assert_eq!(store.enqueue(notice(0)).wait(), Err(StoreError::Busy));
        assert!(store.undelivered().wait().unwrap().is_empty(), "reading waits for nobody");
        drop::<Sender<()>>(hold);
        slow.wait().unwrap();
        store.enqueue(notice(0)).wait().unwrap();
    }
}
