//! Brings a store to the format that this program knows: numbered steps, each in one transaction.

use cxform_model::hexadecimal;

use crate::audit;
use crate::sql::{Access, Database, Dialect, Sql, cells, transaction};
use crate::store::Random;
use crate::{Mode, StoreError};

/// What brings a store from one format to the next.
type Step = fn(&mut dyn Sql, Random) -> Result<(), StoreError>;

/// The steps from nothing to the newest format. A published one never changes.
const FORMATS: [Step; 3] = [first, second, third];

/// What a store knows about itself.
#[derive(Clone)]
pub(crate) struct Identity {
    /// The key of hash-only values.
    pub(crate) salt: String,
    /// The `previous` of the first audit record.
    pub(crate) genesis: String,
}

/// Checks the format, brings it up to date where that is allowed, and tells who the store is.
pub(crate) fn migrate(database: &mut dyn Database, mode: Mode, random: Random) -> Result<Identity, StoreError> {
    let known = i64::try_from(FORMATS.len()).unwrap_or(i64::MAX);
    let mut found = 0;
    let mut look = |access, change: bool| {
        transaction(database, access, |database| {
            found = format_of(database)?;
            if found > known {
                return Err(StoreError::Newer { found, known });
            }
            // Another program may have been faster since the first look, so the format is read again inside.
            for (format, step) in (1..).zip(FORMATS).skip(usize::try_from(found).unwrap_or(0)).filter(|_| change) {
                step(database, random)?;
                database.execute(
                    "INSERT INTO meta (name, value) VALUES ('format', $1) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    cells![&i64::to_string(&format)],
                )?;
                found = format;
            }
            Ok(())
        })?;
        Ok::<_, StoreError>(found)
    };
    let before = look(Access::Read, false)?;
    if before < known {
        match mode {
            Mode::ReadWrite => look(Access::Migrate, true)?,
            Mode::ReadOnly => return Err(StoreError::Older { found: before, known }),
        };
    }
    let mut identity = None;
    transaction(database, Access::Read, |database| {
        identity = Some(Identity { salt: meta(database, "salt")?, genesis: audit::genesis(&meta(database, "id")?) });
        Ok(())
    })?;
    identity.ok_or(StoreError::Closed)
}

/// The format of the store; 0 where there is none yet.
fn format_of(sql: &mut dyn Sql) -> Result<i64, StoreError> {
    let exists = match sql.dialect() {
        Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'",
        Dialect::Postgres => {
            "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'meta' AND schemaname = current_schema()"
        }
    };
    if sql.first(exists, &[])?.map_or(Ok(0), |mut row| row.int())? == 0 {
        return Ok(0);
    }
    let format = meta(sql, "format")?;
    format.parse().map_err(|_| StoreError::Damaged(format!("its format is `{format}`")))
}

fn meta(sql: &mut dyn Sql, name: &str) -> Result<String, StoreError> {
    sql.first("SELECT value FROM meta WHERE name = $1", cells![name])?
        .ok_or_else(|| StoreError::Damaged(format!("its `{name}` is missing")))?
        .text()
}

fn first(sql: &mut dyn Sql, random: Random) -> Result<(), StoreError> {
    schema(sql, include_str!("schema/1.sql"))?;
    sql.script(match sql.dialect() {
        Dialect::Sqlite => include_str!("schema/append_only.sqlite.sql"),
        Dialect::Postgres => include_str!("schema/append_only.postgres.sql"),
    })?;
    let (id, salt) = (random_text(random)?, random_text(random)?);
    sql.execute("INSERT INTO meta (name, value) VALUES ('id', $1), ('salt', $2)", cells![&id, &salt])?;
    sql.execute("INSERT INTO chain (id, seq, hash) VALUES (1, 0, $1)", cells![&audit::genesis(&id)])?;
    Ok(())
}

/// Runs and steps get an order of their own.
fn second(sql: &mut dyn Sql, _: Random) -> Result<(), StoreError> {
    schema(sql, include_str!("schema/2.sql"))
}

/// Events of others, and the figures of mappings.
fn third(sql: &mut dyn Sql, _: Random) -> Result<(), StoreError> {
    schema(sql, include_str!("schema/3.sql"))
}

/// Runs statements that are written for both databases.
fn schema(sql: &mut dyn Sql, statements: &str) -> Result<(), StoreError> {
    sql.script(&match sql.dialect() {
        Dialect::Sqlite => statements.replace("BIGINT", "INTEGER").replace("DOUBLE", "REAL"),
        Dialect::Postgres => statements.replace("DOUBLE", "DOUBLE PRECISION").replace(") STRICT;", ");"),
    })
}

pub(crate) fn random_text(random: Random) -> Result<String, StoreError> {
    let mut bytes = [0; 32];
    random(&mut bytes).map_err(StoreError::Database)?;
    Ok(hexadecimal(&bytes))
}
