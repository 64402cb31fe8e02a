//! The state on disk: a snapshot, and beside it a log of what changed since. A write costs one line, whatever the size of
//! the tenant, and it is with the operating system before its answer is sent, so a killed emulator has lost nothing.
//!
//! `STATE` is the snapshot, `STATE.log` the log, `STATE.lock` keeps a second emulator out. Each snapshot has a generation;
//! a log of another generation is stale (the process died between the two steps of a snapshot) and is not replayed.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    error::EmulatorError,
    store::{Change, Store},
};

/// Lines after which a snapshot may be due; never fewer than there are rows, so that snapshots cost a constant share.
const LEAST_LINES: usize = 1_000;

/// The files of one running emulator. Dropping it lets the lock go.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    log: File,
    length: u64,
    lines: usize,
    /// Whether bytes beyond `length` may be there, or the header may be missing.
    dirty: bool,
    generation: u64,
    _lock: File,
}

impl Journal {
    /// Takes the lock and reads what is there; `first` gives the state where there is none yet.
    pub(crate) fn open(
        path: &Path,
        first: impl FnOnce() -> Result<Store, EmulatorError>,
    ) -> Result<(Self, Store), EmulatorError> {
        let lock = lock(path)?;
        let (store, generation) = match read(path)? {
            None => (first()?, 0),
            Some(document) => {
                let name = path.display().to_string();
                let generation = document.pointer("/emulator/generation").and_then(Value::as_u64).unwrap_or(0);
                let mut store = Store::from_document(&document).map_err(|error| error.in_document(&name))?;
                replay(&sibling(path, ".log"), generation, &mut store)?;
                (store, generation)
            }
        };
        let log_path = sibling(path, ".log");
        let log = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&log_path)
            .map_err(|source| EmulatorError::File { action: "write", path: log_path, source })?;
        let mut journal =
            Self { path: path.to_owned(), log, length: 0, lines: 0, dirty: true, generation, _lock: lock };
        let snapshot = journal.snapshot(&store);
        snapshot.map_err(|source| EmulatorError::File { action: "write", path: path.to_owned(), source })?;
        Ok((journal, store))
    }

    /// Writes the changes of one request as one line. On failure the log is as it was before.
    pub(crate) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        if self.dirty {
            self.mend()?;
        }
        let mut line = Value::Array(changes.iter().map(Change::to_json).collect()).to_string();
        line.push('\n');
        self.dirty = true;
        if let Err(error) = self.log.write_all(line.as_bytes()) {
            // If this fails too, the next write tries again before it adds anything.
            let _ = self.mend();
            return Err(error);
        }
        self.dirty = false;
        self.length += line.len() as u64;
        self.lines += 1;
        Ok(())
    }

    /// Cuts the log back to its last whole line: a torn one in the middle would hide all that follows it.
    fn mend(&mut self) -> io::Result<()> {
        self.log.set_len(self.length)?;
        self.log.seek(SeekFrom::Start(self.length))?;
        if self.length == 0 {
            let header = format!("{}\n", json!({ "generation": self.generation }));
            self.log.write_all(header.as_bytes())?;
            self.length = header.len() as u64;
        }
        self.dirty = false;
        Ok(())
    }

    /// Whether the log has grown so long that a snapshot pays.
    pub(crate) fn is_due(&self, store: &Store) -> bool {
        self.lines >= LEAST_LINES.max(store.rows())
    }

    /// Replaces the snapshot as a whole, then begins an empty log.
    pub(crate) fn snapshot(&mut self, store: &Store) -> io::Result<()> {
        let generation = self.generation + 1;
        let temporary = sibling(&self.path, ".tmp");
        let mut out = BufWriter::new(File::create(&temporary)?);
        store.write_document(generation, &mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        self.generation = generation;
        (self.length, self.lines, self.dirty) = (0, 0, true);
        self.mend()
    }
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn lock(path: &Path) -> Result<File, EmulatorError> {
    let lock_path = sibling(path, ".lock");
    let failed = |source| EmulatorError::File { action: "lock", path: lock_path.clone(), source };
    let lock = OpenOptions::new().create(true).write(true).truncate(false).open(&lock_path).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(EmulatorError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The JSON document of a file, or nothing if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Value>, EmulatorError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(EmulatorError::File { action: "read", path: path.to_owned(), source }),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| EmulatorError::Malformed {
        document: path.display().to_string(),
        place: format!("line {}, column {}", error.line(), error.column()),
        message: error.to_string(),
    })
}

/// The JSON document of a file that must be there.
pub(crate) fn read_existing(path: &Path) -> Result<Value, EmulatorError> {
    read(path)?.ok_or_else(|| EmulatorError::File {
        action: "read",
        path: path.to_owned(),
        source: io::ErrorKind::NotFound.into(),
    })
}

fn replay(path: &Path, generation: u64, store: &mut Store) -> Result<(), EmulatorError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(EmulatorError::File { action: "read", path: path.to_owned(), source }),
    };
    // What has no line end was torn by a kill, and its request never got an answer.
    let mut lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).enumerate();
    let header = lines.next().and_then(|(_, line)| serde_json::from_str::<Value>(line).ok());
    if header.and_then(|header| header.get("generation").and_then(Value::as_u64)) != Some(generation) {
        return Ok(());
    }
    for (index, line) in lines {
        let malformed = || EmulatorError::Malformed {
            document: path.display().to_string(),
            place: format!("line {}", index + 1),
            message: "not a list of changes".to_owned(),
        };
        let line: Value = serde_json::from_str(line).map_err(|_| malformed())?;
        for change in line.as_array().ok_or_else(malformed)? {
            store.apply(&Change::from_json(change).ok_or_else(malformed)?);
        }
    }
    Ok(())
}
