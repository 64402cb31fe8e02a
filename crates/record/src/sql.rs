//! The smallest access to a database that the rest needs: two column types, numbered parameters, transactions.
//!
//! Statements are written once, in the subset that SQLite and PostgreSQL share, with `$1` for the first parameter.

pub(crate) mod postgres;
pub(crate) mod sqlite;
mod tls;

use crate::StoreError;

/// A value on its way to or from a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Text(String),
    Int(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        // PostgreSQL has no NUL in texts; with both backends refusing it the same way, hashes agree.
        if text.contains('\0') { Self::Text(text.replace('\0', "\u{fffd}")) } else { Self::Text(text.to_owned()) }
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Int(flag.into())
    }
}

impl From<&serde_json::Value> for Cell {
    fn from(value: &serde_json::Value) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<&Option<String>> for Cell {
    fn from(text: &Option<String>) -> Self {
        text.as_ref().map_or(Self::Null, Into::into)
    }
}

impl From<&Option<serde_json::Value>> for Cell {
    fn from(value: &Option<serde_json::Value>) -> Self {
        value.as_ref().map_or(Self::Null, Into::into)
    }
}

impl From<Option<i64>> for Cell {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Int)
    }
}

/// The parameters of a statement.
macro_rules! cells {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::Cell::from($value)),*] };
}
pub(crate) use cells;

/// One row of an answer, read from left to right.
#[derive(Debug, Clone)]
pub(crate) struct Row(pub(crate) std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    fn cell(&mut self) -> Result<Cell, StoreError> {
        self.0.next().ok_or_else(|| StoreError::Damaged("a row is too short".into()))
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.maybe_text()?.ok_or_else(|| StoreError::Damaged("a text is missing".into()))
    }

    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.cell()? {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            Cell::Int(_) => Err(StoreError::Damaged("a number stands in the place of a text".into())),
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        match self.cell()? {
            Cell::Int(number) => Ok(number),
            Cell::Null => Err(StoreError::Damaged("a number is missing".into())),
            Cell::Text(_) => Err(StoreError::Damaged("a text stands in the place of a number".into())),
        }
    }

    /// A number that is never negative; what is stored below zero reads as zero.
    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        self.int().map(|number| u64::try_from(number).unwrap_or(0))
    }

    pub(crate) fn small(&mut self) -> Result<u32, StoreError> {
        self.int().map(|number| u32::try_from(number.max(0)).unwrap_or(u32::MAX))
    }

    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        self.int().map(|number| number != 0)
    }

    pub(crate) fn word<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let word = self.text()?;
        read(&word).ok_or_else(|| StoreError::Damaged(format!("`{word}` is no known word here")))
    }

    pub(crate) fn json(&mut self) -> Result<serde_json::Value, StoreError> {
        let text = self.text()?;
        serde_json::from_str(&text).map_err(|error| StoreError::Damaged(format!("a document is no JSON: {error}")))
    }

    pub(crate) fn maybe_json(&mut self) -> Result<Option<serde_json::Value>, StoreError> {
        let text = self.maybe_text()?;
        text.map(|text| {
            serde_json::from_str(&text).map_err(|error| StoreError::Damaged(format!("a document is no JSON: {error}")))
        })
        .transpose()
    }
}

/// Statements inside a transaction.
pub(crate) trait Sql {
    /// Runs a statement; the number of rows that it changed.
    fn execute(&mut self, statement: &str, parameters: &[Cell]) -> Result<u64, StoreError>;

    /// Runs a statement that answers with rows.
    fn query(&mut self, statement: &str, parameters: &[Cell]) -> Result<Vec<Row>, StoreError>;

    /// Runs several statements without parameters.
    fn script(&mut self, statements: &str) -> Result<(), StoreError>;

    /// Which of the two it is: the few statements that differ ask for this.
    fn dialect(&self) -> Dialect;

    /// The first row of an answer.
    fn first(&mut self, statement: &str, parameters: &[Cell]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(statement, parameters)?.into_iter().next())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// It sees one moment, and holds up nobody.
    Read,
    /// It writes.
    Write,
    /// It changes the schema, alone.
    Migrate,
}

/// A connection. It belongs to one thread.
pub(crate) trait Database: Sql {
    fn begin(&mut self, access: Access) -> Result<(), StoreError>;
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Never fails: what cannot be rolled back was not committed either.
    fn rollback(&mut self);
}

/// Why a transaction did not happen, by what may be done about it.
pub(crate) enum Failed {
    /// It did not begin, or its commit failed: nothing may be repeated.
    Transaction(StoreError),
    /// A statement failed, and all is rolled back.
    Statement(StoreError),
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Transaction(error) | Failed::Statement(error) => error,
        }
    }
}

/// Runs `body` in a transaction.
pub(crate) fn transaction(
    database: &mut dyn Database,
    access: Access,
    body: impl FnOnce(&mut dyn Database) -> Result<(), StoreError>,
) -> Result<(), Failed> {
    database.begin(access).map_err(Failed::Transaction)?;
    match body(database) {
        Ok(()) => database.commit().map_err(|error| {
            database.rollback();
            Failed::Transaction(error)
        }),
        Err(error) => {
            database.rollback();
            Err(Failed::Statement(error))
        }
    }
}
