//! A lock made of a session: an advisory lock that ends with the connection, and a row that says whose it is.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Lease, Lock, LockError};
use crate::location::Server;
use crate::sql::postgres::Postgres;
use crate::sql::{Access, Sql, cells, transaction};
use crate::{Mode, StoreError};

pub(super) struct SessionLock {
    database: Postgres,
    tenant: String,
    key: i64,
    /// The server's process that has the lock: another one after a new connection, which has not.
    session: Option<i64>,
}

impl SessionLock {
    pub(super) fn new(server: &Server, tenant: &str, lease: Duration) -> Result<Self, LockError> {
        let mut hash = Sha256::new();
        hash.update(b"cxform tenant lock\0");
        hash.update(server.schema.as_bytes());
        hash.update(b"\0");
        hash.update(tenant.as_bytes());
        let mut key = [0; 8];
        key.copy_from_slice(&hash.finalize()[..8]);
        // A renewal that hangs in a dead network must fail before the server gives the lock to somebody else.
        let patience = (lease / 3).max(Duration::from_secs(2));
        let mut server = server.clone();
        server.config.tcp_user_timeout(patience).connect_timeout(patience);
        let database = Postgres::open(server, Mode::ReadWrite)?;
        Ok(Self { database, tenant: tenant.to_owned(), key: i64::from_be_bytes(key), session: None })
    }

    fn within<T>(
        &mut self,
        mut body: impl FnMut(&mut dyn Sql, &str, i64) -> Result<T, StoreError>,
    ) -> Result<T, LockError> {
        let mut answer = None;
        let (tenant, key) = (&self.tenant, self.key);
        transaction(&mut self.database, Access::Write, |sql| {
            answer = Some(body(sql, tenant, key)?);
            Ok(())
        })
        .map_err(StoreError::from)?;
        answer.ok_or_else(|| StoreError::Closed.into())
    }
}

/// Tries to get the session lock; the server's process on success.
fn try_lock(sql: &mut dyn Sql, key: i64) -> Result<Option<i64>, StoreError> {
    match sql.first("SELECT pg_try_advisory_lock($1), pg_backend_pid()", cells![key])? {
        Some(mut row) => Ok(if row.flag()? { Some(row.int()?) } else { None }),
        None => Ok(None),
    }
}

fn session(sql: &mut dyn Sql) -> Result<Option<i64>, StoreError> {
    sql.first("SELECT pg_backend_pid()", &[])?.map(|mut row| row.int()).transpose()
}

fn read_note(sql: &mut dyn Sql, tenant: &str) -> Result<Option<Lease>, StoreError> {
    // An owner that cannot be read is one that nobody knows: the lock itself decides.
    let row = sql.first("SELECT owner FROM leases WHERE tenant = $1", cells![tenant])?;
    row.map_or(Ok(None), |mut row| Ok(serde_json::from_str(&row.text()?).ok()))
}

fn text(lease: &Lease) -> Result<String, StoreError> {
    serde_json::to_string(lease).map_err(|error| StoreError::Database(error.to_string()))
}

impl Lock for SessionLock {
    fn try_take(&mut self, lease: &Lease) -> Result<bool, LockError> {
        let owner = text(lease)?;
        self.session = self.within(|sql, tenant, key| {
            let session = try_lock(sql, key)?;
            if session.is_some() {
                sql.execute(
                    "INSERT INTO leases (tenant, nonce, renewals, owner) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (tenant) DO UPDATE SET nonce = excluded.nonce, renewals = excluded.renewals, \
                     owner = excluded.owner",
                    cells![tenant, &lease.nonce, lease.renewals, &owner],
                )?;
            }
            Ok(session)
        })?;
        Ok(self.session.is_some())
    }

    fn note(&mut self) -> Result<Option<Lease>, LockError> {
        self.within(|sql, tenant, _| read_note(sql, tenant))
    }

    fn renew(&mut self, lease: &Lease) -> Result<bool, LockError> {
        let (owner, before) = (text(lease)?, self.session);
        let session = self.within(|sql, tenant, key| {
            // A new connection does not have the lock. If it can still be had, and the row is still ours, then nobody
            // had it in between.
            let now = session(sql)?;
            let session = if now == before { now } else { try_lock(sql, key)? };
            let rows = sql.execute(
                "UPDATE leases SET renewals = $3, owner = $4 WHERE tenant = $1 AND nonce = $2",
                cells![tenant, &lease.nonce, lease.renewals, &owner],
            )?;
            Ok(session.filter(|_| rows == 1))
        })?;
        self.session = session.or(self.session);
        Ok(session.is_some())
    }

    fn evict(&mut self, seen: Option<&Lease>) -> Result<(), LockError> {
        self.within(|sql, tenant, key| {
            if read_note(sql, tenant)?.as_ref() != seen {
                return Ok(());
            }
            // Ending the session of the silent owner frees its lock, and keeps it from ever renewing it. An advisory lock
            // on a bigint shows as two halves.
            sql.query(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
                 AND CAST(classid AS BIGINT) = $1 AND CAST(objid AS BIGINT) = $2 AND pid <> pg_backend_pid() \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                cells![(key >> 32) & 0xffff_ffff, key & 0xffff_ffff],
            )?;
            sql.execute("DELETE FROM leases WHERE tenant = $1", cells![tenant]).map(drop)
        })
    }

    fn release(&mut self, lease: &Lease) -> Result<(), LockError> {
        self.within(|sql, tenant, key| {
            let ours = "DELETE FROM leases WHERE tenant = $1 AND nonce = $2";
            sql.execute(ours, cells![tenant, &lease.nonce])?;
            sql.query("SELECT pg_advisory_unlock($1)", cells![key]).map(drop)
        })
    }
}
