//! PostgreSQL: one session, reconnected between transactions when it breaks.

use std::collections::HashMap;
use std::error::Error as _;

use bytes::BytesMut;
use postgres::error::SqlState;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Statement};

use super::{Access, Cell, Database, Dialect, Row, Sql, tls};
use crate::location::Server;
use crate::{Mode, StoreError};

/// What every session asks of the server. A dead client is noticed within half a minute, so that its locks go; a
/// transaction that hangs does not hold up the others for ever; and a commit means a commit.
const SESSION: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
    SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'; SET standard_conforming_strings = on; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';";

pub(crate) struct Postgres {
    server: Server,
    mode: Mode,
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    pub(crate) fn open(server: Server, mode: Mode) -> Result<Self, StoreError> {
        let client = connect(&server, mode)?;
        Ok(Self { server, mode, client, statements: HashMap::new() })
    }

    fn prepared(&mut self, text: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).map_err(|error| failure(&error))?;
        self.statements.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }
}

fn connect(server: &Server, mode: Mode) -> Result<Client, StoreError> {
    let out_of_reach = |cause: String| StoreError::Unreachable { place: server.to_string(), cause };
    let connected = if server.tls {
        let connector = tls::connector(server.root_certificates.as_deref()).map_err(out_of_reach)?;
        server.config.connect(connector)
    } else {
        server.config.connect(NoTls)
    };
    let mut client = connected.map_err(|error| match failure(&error) {
        StoreError::Database(cause) | StoreError::Uncertain(cause) => out_of_reach(cause),
        other => other,
    })?;
    // The name is checked to be a plain one when the location is read.
    let schema = format!("{SESSION} SET search_path TO {};", server.schema);
    let read_only = if mode == Mode::ReadOnly { "SET default_transaction_read_only = on;" } else { "" };
    client.batch_execute(&format!("{schema}{read_only}")).map_err(|error| failure(&error))?;
    Ok(client)
}

fn failure(error: &postgres::Error) -> StoreError {
    let Some(reply) = error.as_db_error() else {
        let cause = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        return if error.is_closed() { StoreError::Uncertain(cause) } else { StoreError::Database(cause) };
    };
    let message = reply.message().to_owned();
    let code = reply.code();
    match code.code() {
        _ if *code == SqlState::DISK_FULL => StoreError::Full,
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnly,
        _ if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED => {
            StoreError::Raced(message)
        }
        _ if *code == SqlState::QUERY_CANCELED || *code == SqlState::LOCK_NOT_AVAILABLE => StoreError::Busy,
        _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => StoreError::Forbidden(message),
        // The server says why it ends the session; to us that is a connection that broke.
        class if class.starts_with("57P") || class.starts_with("08") => StoreError::Uncertain(message),
        class if class.starts_with("28") => StoreError::Forbidden(message),
        class if class.starts_with("23") => StoreError::Contradiction(message),
        class if class.starts_with("XX") => StoreError::Damaged(message),
        _ => StoreError::Database(message),
    }
}

impl ToSql for Cell {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Text(text) => text.as_str().to_sql(of, out),
            Self::Int(number) => number.to_sql(of, out),
        }
    }

    fn accepts(of: &Type) -> bool {
        matches!(*of, Type::TEXT | Type::INT8)
    }

    to_sql_checked!();
}

fn cell(row: &postgres::Row, at: usize) -> Result<Cell, StoreError> {
    let kind = row.columns()[at].type_();
    let number = |number: Option<i64>| number.map_or(Cell::Null, Cell::Int);
    match *kind {
        Type::INT8 => row.try_get(at).map(number),
        Type::INT4 => row.try_get(at).map(|value: Option<i32>| number(value.map(Into::into))),
        Type::BOOL => row.try_get(at).map(|value: Option<bool>| number(value.map(Into::into))),
        _ => row.try_get(at).map(|value: Option<String>| value.map_or(Cell::Null, Cell::Text)),
    }
    .map_err(|error| StoreError::Damaged(error.to_string()))
}

fn references(parameters: &[Cell]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(|cell| cell as _).collect()
}

impl Sql for Postgres {
    fn execute(&mut self, statement: &str, parameters: &[Cell]) -> Result<u64, StoreError> {
        let statement = self.prepared(statement)?;
        self.client.execute(&statement, &references(parameters)).map_err(|error| failure(&error))
    }

    fn query(&mut self, statement: &str, parameters: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepared(statement)?;
        let rows = self.client.query(&statement, &references(parameters)).map_err(|error| failure(&error))?;
        rows.iter()
            .map(|row| (0..row.len()).map(|at| cell(row, at)).collect::<Result<Vec<_>, _>>().map(Row::new))
            .collect()
    }

    fn script(&mut self, statements: &str) -> Result<(), StoreError> {
        self.client.batch_execute(statements).map_err(|error| failure(&error))
    }

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }
}

impl Database for Postgres {
    fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        let statement = match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Access::Write | Access::Migrate => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        // Nothing has been sent yet, so a broken session costs no more than a new one.
        match self.script(statement) {
            Err(StoreError::Uncertain(_)) => {
                self.client = connect(&self.server, self.mode)?;
                self.statements.clear();
                self.script(statement)?;
            }
            begun => begun?,
        }
        if access == Access::Migrate {
            // Two programs that see an empty database must not both fill it.
            self.script("SELECT pg_advisory_xact_lock(hashtext(current_database() || '.cxform.migrate'))")?;
            self.script(&format!("CREATE SCHEMA IF NOT EXISTS {}", self.server.schema))?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.script("COMMIT")
    }

    fn rollback(&mut self) {
        if let Err(error) = self.script("ROLLBACK") {
            tracing::debug!(%error, "a transaction ended with its session");
        }
    }
}
