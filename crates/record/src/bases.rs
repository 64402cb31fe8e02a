//! Last-applied base documents: what each object was when cxform last left it, the third side of a drift comparison.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::clock::stamp;
use crate::redact::Redactor;
use crate::sql::{Row, Sql, cells};
use crate::{Answer, Store, StoreError};

/// What an object is now.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBase {
    /// The tenant.
    pub tenant: String,
    /// The object.
    pub address: String,
    /// Its managed fields by path; `None` where the object is gone, such as an assignment that was taken off.
    pub fields: Option<Value>,
    /// Its version, where it has one.
    pub version: Option<String>,
}

/// What an object was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Base {
    /// The object.
    pub address: String,
    /// Its fields in the form that [`Store::kept_form`] gives.
    pub fields: Value,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// The run that left it so.
    pub run: String,
    /// When.
    pub time: String,
}

pub(crate) fn put(
    sql: &mut dyn Sql,
    redactor: &Redactor,
    now: &str,
    run: &str,
    base: &NewBase,
) -> Result<(), StoreError> {
    let NewBase { tenant, address, fields, version } = base;
    let Some(fields) = fields else {
        let gone = "DELETE FROM bases WHERE tenant = $1 AND address = $2";
        return sql.execute(gone, cells![tenant, address]).map(drop);
    };
    sql.execute(
        "INSERT INTO bases (tenant, address, fields, version, run, time) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (tenant, address) DO UPDATE SET fields = excluded.fields, version = excluded.version, \
         run = excluded.run, time = excluded.time",
        cells![tenant, address, &redactor.kept(fields), version, run, now],
    )
    .map(drop)
}

fn base(mut row: Row) -> Result<Base, StoreError> {
    Ok(Base {
        address: row.text()?,
        fields: row.json()?,
        version: row.maybe_text()?,
        run: row.text()?,
        time: row.text()?,
    })
}

impl Store {
    /// Remembers what an object is, outside the end of a step: after an import, or when drift was accepted.
    ///
    /// # Errors
    /// The store fails.
    pub fn put_base(&self, run: &str, base: NewBase) -> Answer<()> {
        let (run, now, redactor) = (run.to_owned(), self.now(), self.redactor().clone());
        self.write(move |sql| put(sql, &redactor, &now, &run, &base))
    }

    /// Remembers what many objects are, all or none. What somebody wrote down after `seen` is newer, and stays.
    ///
    /// # Errors
    /// The store fails.
    pub fn put_bases(&self, run: &str, seen: Timestamp, bases: Vec<NewBase>) -> Answer<()> {
        let (run, redactor) = (run.to_owned(), self.redactor().clone());
        self.write(move |sql| {
            let seen = stamp(seen);
            for NewBase { tenant, address, fields, version } in &bases {
                let Some(fields) = fields else { continue };
                sql.execute(
                    "INSERT INTO bases (tenant, address, fields, version, run, time) VALUES ($1, $2, $3, $4, $5, $6) \
                     ON CONFLICT (tenant, address) DO UPDATE SET fields = excluded.fields, version = excluded.version, \
                     run = excluded.run, time = excluded.time WHERE bases.time < excluded.time",
                    cells![tenant, address, &redactor.kept(fields), version, &run, &seen],
                )?;
            }
            Ok(())
        })
    }

    /// Every base of a tenant.
    ///
    /// # Errors
    /// The store fails.
    pub fn bases(&self, tenant: &str) -> Answer<Vec<Base>> {
        let tenant = tenant.to_owned();
        self.read(move |sql| {
            let statement = "SELECT address, fields, version, run, time FROM bases WHERE tenant = $1";
            let bases: Result<Vec<Base>, _> = sql.query(statement, cells![&tenant])?.into_iter().map(base).collect();
            // Sorted here: the order of texts is a matter of a server's locale.
            bases.map(|mut bases| {
                bases.sort_by(|a, b| a.address.cmp(&b.address));
                bases
            })
        })
    }
}
