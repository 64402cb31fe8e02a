//! Intervals of campaigns as a file for those who plan shifts: rows as they come, and what they come to.
//!
//! A row is written before the next page is asked for, so that a year takes no more memory than a page.

mod form;
mod sums;

use std::io::Write;

use cxform_model::RemoteId;
use cxform_tenant::{Interval, Intervals, Span, TenantError};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use form::Form;
use form::Rows;
pub use sums::Sums;

/// Where the intervals of one campaign come from, a page at a time.
pub trait Pages {
    /// The next page; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<Interval>>, TenantError>> + Send;
}

impl Pages for Intervals {
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<Interval>>, TenantError>> + Send {
        Self::next(self)
    }
}

/// What a file is about.
#[derive(Debug, Clone)]
pub struct About {
    /// The environment's name.
    pub environment: String,
    /// What identifies the tenant.
    pub tenant: String,
    /// When the tenant was read.
    pub read_at: Timestamp,
    /// The time: from its beginning up to, but without, its end.
    pub span: Span,
    /// The zone in which times are written.
    pub zone: TimeZone,
    /// Its name.
    pub zone_name: String,
}

/// The campaign that rows are of.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The tenant's id.
    pub id: &'a RemoteId,
    /// Its name.
    pub name: &'a str,
}

/// Why an export did not come to its end.
#[derive(Debug)]
pub enum ExportError {
    /// The tenant could not be read.
    Tenant(TenantError),
    /// The file could not be written.
    Write(std::io::Error),
}

impl From<TenantError> for ExportError {
    fn from(error: TenantError) -> Self {
        Self::Tenant(error)
    }
}

impl From<std::io::Error> for ExportError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error)
    }
}

/// A file in the making.
pub struct Export<W> {
    rows: Rows<W>,
    total: Sums,
}

impl<W: Write> Export<W> {
    /// Writes the head.
    ///
    /// # Errors
    /// Writing fails.
    pub fn begin(out: W, form: Form, about: About) -> std::io::Result<Self> {
        Ok(Self { rows: Rows::begin(out, form, about)?, total: Sums::default() })
    }

    /// Writes every interval of a campaign, and what they come to. `progress` hears of each page how many rows it had.
    ///
    /// # Errors
    /// Reading or writing fails.
    pub async fn campaign(
        &mut self,
        of: Of<'_>,
        pages: &mut impl Pages,
        mut progress: impl FnMut(usize),
    ) -> Result<Sums, ExportError> {
        let mut sums = Sums::default();
        while let Some(page) = pages.next().await? {
            for interval in &page {
                self.rows.interval(of, interval)?;
                sums.add(interval);
            }
            progress(page.len());
        }
        self.rows.campaign(of, &sums)?;
        self.total.merge(&sums);
        Ok(sums)
    }

    /// Writes the end. Answers with what all campaigns come to.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> std::io::Result<Sums> {
        self.rows.finish(&self.total)?;
        Ok(self.total)
    }
}

#[cfg(test)]
mod tests;
