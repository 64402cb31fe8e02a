//! A lock made of files: an OS lock that ends with its process, and a note beside it that says whose it is.
//!
//! `TENANT.lock` is the lock, `TENANT.json` the note. Both change only under `TENANT.gate`, which is held for moments, so
//! that nobody takes away a lock that has just changed hands.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::{Lease, Lock, LockError};
use crate::payload_sha256;
use crate::sql::sqlite::private_folder;

pub(super) struct FileLock {
    lock: PathBuf,
    note: PathBuf,
    gate: PathBuf,
    held: Option<File>,
}

fn failed(path: &Path) -> impl Fn(io::Error) -> LockError {
    move |error| LockError::Files(format!("`{}`: {error}", path.display()))
}

fn open(path: &Path) -> Result<File, LockError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(failed(path))
}

/// Locks a file without waiting; `None` if somebody else has it.
fn lock(path: &Path) -> Result<Option<File>, LockError> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(path)(error)),
    }
}

impl FileLock {
    pub(super) fn new(folder: &Path, tenant: &str) -> Result<Self, LockError> {
        private_folder(folder).map_err(failed(folder))?;
        // Any two tenants have two names, and a name says nothing about the tenant.
        let name = payload_sha256(tenant.as_bytes());
        let path = |end: &str| folder.join(format!("{}.{end}", &name[..32]));
        Ok(Self { lock: path("lock"), note: path("json"), gate: path("gate"), held: None })
    }

    /// Tries for a moment: whoever is behind the gate is quick, or dead, or stopped.
    fn behind_gate<T>(&self, body: impl FnOnce() -> Result<T, LockError>) -> Result<Option<T>, LockError> {
        for _ in 0..20 {
            if let Some(gate) = lock(&self.gate)? {
                let result = body();
                drop(gate);
                return result.map(Some);
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(None)
    }

    fn read_note(&self) -> Result<Option<Lease>, LockError> {
        match fs::read(&self.note) {
            // A note that cannot be read is a note that is not there: the lock itself decides.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&self.note)(error)),
        }
    }

    fn write_note(&self, lease: &Lease) -> Result<(), LockError> {
        let text = serde_json::to_vec(lease).map_err(|error| LockError::Files(error.to_string()))?;
        let fresh = self.note.with_extension("json.new");
        let mut file = open(&fresh)?;
        file.set_len(0).and_then(|()| file.write_all(&text)).map_err(failed(&fresh))?;
        fs::rename(&fresh, &self.note).map_err(failed(&self.note))
    }
}

fn remove(path: &Path) -> Result<(), LockError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

impl Lock for FileLock {
    fn try_take(&mut self, lease: &Lease) -> Result<bool, LockError> {
        let taken = self.behind_gate(|| match lock(&self.lock)? {
            Some(file) => self.write_note(lease).map(|()| Some(file)),
            None => Ok(None),
        })?;
        self.held = taken.flatten();
        Ok(self.held.is_some())
    }

    fn note(&mut self) -> Result<Option<Lease>, LockError> {
        self.read_note()
    }

    fn renew(&mut self, lease: &Lease) -> Result<bool, LockError> {
        let renewed = self.behind_gate(|| match self.read_note()? {
            Some(note) if note.nonce == lease.nonce => self.write_note(lease).map(|()| true),
            _ => Ok(false),
        })?;
        renewed.ok_or_else(|| LockError::Files("another process does not leave the gate".into()))
    }

    fn evict(&mut self, seen: Option<&Lease>) -> Result<(), LockError> {
        self.behind_gate(|| {
            if self.read_note()?.as_ref() != seen {
                return Ok(());
            }
            // The old owner keeps a lock on a file that has no name any more; the next one makes a new file.
            remove(&self.note).and_then(|()| remove(&self.lock))
        })
        .map(drop)
    }

    fn release(&mut self, lease: &Lease) -> Result<(), LockError> {
        let noted = self.behind_gate(|| match self.read_note()? {
            Some(note) if note.nonce == lease.nonce => remove(&self.note),
            _ => Ok(()),
        });
        // The file itself stays: removing it could take it away from under somebody who is about to lock it.
        self.held = None;
        noted.map(drop)
    }
}
