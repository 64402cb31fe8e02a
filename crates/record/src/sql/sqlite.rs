//! SQLite: one file, readable beside a running apply, synced before anything is called stored.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::{Access, Cell, Database, Dialect, Row, Sql};
use crate::{Mode, StoreError};

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, mode: Mode) -> Result<Self, StoreError> {
        let connection = match mode {
            Mode::ReadWrite => {
                prepare_file(path).map_err(|error| unreachable_file(path, &error))?;
                Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                    .map_err(|error| opening(path, &error))?
            }
            Mode::ReadOnly => open_for_reading(path)?,
        };
        connection.busy_timeout(PATIENCE).map_err(|error| failure(&error))?;
        connection.set_prepared_statement_cache_capacity(64);
        let database = Self { connection };
        match mode {
            // Deleted values, such as a plan that became hash-only, must not survive in free pages.
            Mode::ReadWrite => database.pragmas(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;",
            ),
            Mode::ReadOnly => database.pragmas("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;"),
        }
        .map_err(|error| match error {
            StoreError::Database(cause) => StoreError::Unreachable { place: format!("`{}`", path.display()), cause },
            other => other,
        })?;
        Ok(database)
    }

    /// Whoever turns a new file to WAL is in the way of whoever else opens it at the same moment, and SQLite waits for
    /// nobody there.
    fn pragmas(&self, text: &str) -> Result<(), StoreError> {
        let began = Instant::now();
        loop {
            match self.connection.execute_batch(text).map_err(|error| failure(&error)) {
                Err(StoreError::Busy) if began.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
                done => return done,
            }
        }
    }
}

/// Creates folder and file for the owner alone. SQLite gives its side files the mode of the main one.
fn prepare_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        private_folder(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    // SQLite would say that it cannot open the file, and not why.
    fs::File::open(path).map_err(|error| unreachable_file(path, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| opening(path, &error))?;
    // A file that was closed in good order has no side file, and SQLite wants to make one, which it may not in a folder
    // without write permission. What is written by nobody can be read without one.
    let looked = connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()));
    let side_file = fs::metadata(format!("{}-wal", path.display())).is_ok_and(|side| side.len() > 0);
    let wants_side_file = looked
        .is_err_and(|error| matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)));
    match path.to_str() {
        Some(text) if wants_side_file && !side_file => {
            let text = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            let address = format!("file:{text}?immutable=1");
            Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI)
                .map_err(|error| opening(path, &error))
        }
        _ => Ok(connection),
    }
}

fn unreachable_file(path: &Path, error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        std::io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        std::io::ErrorKind::PermissionDenied => StoreError::Forbidden(format!("`{}`: {error}", path.display())),
        _ => StoreError::Unreachable { place: format!("`{}`", path.display()), cause: error.to_string() },
    }
}

fn opening(path: &Path, error: &rusqlite::Error) -> StoreError {
    match failure(error) {
        StoreError::Database(cause) => StoreError::Unreachable { place: format!("`{}`", path.display()), cause },
        other => other,
    }
}

fn failure(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(error.to_string()),
        Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => {
            StoreError::Forbidden(error.to_string())
        }
        Some(ErrorCode::ConstraintViolation) => StoreError::Contradiction(error.to_string()),
        _ => StoreError::Database(error.to_string()),
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Int(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
        })
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        // No statement of ours yields these; a damaged file may.
        ValueRef::Real(number) => Cell::Text(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
    }
}

impl Sql for Sqlite {
    fn execute(&mut self, statement: &str, parameters: &[Cell]) -> Result<u64, StoreError> {
        let run = || {
            let mut statement = self.connection.prepare_cached(&statement.replace('$', "?"))?;
            statement.execute(params_from_iter(parameters))
        };
        run().map(|rows| rows as u64).map_err(|error| failure(&error))
    }

    fn query(&mut self, statement: &str, parameters: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let run = || {
            let mut statement = self.connection.prepare_cached(&statement.replace('$', "?"))?;
            let width = statement.column_count();
            let mut rows = statement.query(params_from_iter(parameters))?;
            let mut answer = Vec::new();
            while let Some(row) = rows.next()? {
                let cells = (0..width).map(|at| row.get_ref(at).map(cell)).collect::<Result<Vec<_>, _>>()?;
                answer.push(Row::new(cells));
            }
            Ok(answer)
        };
        run().map_err(|error: rusqlite::Error| failure(&error))
    }

    fn script(&mut self, statements: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(statements).map_err(|error| failure(&error))
    }

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }
}

impl Database for Sqlite {
    fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        // A writer takes the lock first: one that only upgrades later could find its snapshot outdated.
        self.script(if access == Access::Read { "BEGIN" } else { "BEGIN IMMEDIATE" })
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.script("COMMIT")
    }

    fn rollback(&mut self) {
        // After a full disk SQLite may have rolled back already.
        if !self.connection.is_autocommit()
            && let Err(error) = self.script("ROLLBACK")
        {
            tracing::warn!(%error, "a transaction could not be rolled back");
        }
    }
}
