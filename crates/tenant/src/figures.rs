//! What a campaign's calls came to: totals so far, and rows per interval, read page by page.
//!
//! A figure that is absent or makes no sense is unknown, never nought. What follows from figures is for callers to know.

use std::fmt;

use cxform_model::{CampaignStatus, Version};
use jiff::Timestamp;

use crate::paging::Walk;
use crate::v2::{self, Malformed, Page};
use crate::{Refusal, TenantError};

/// What became of a read of figures. Lacking the scope is no error: figures are then unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Told<T> {
    /// The tenant told.
    Known(T),
    /// The client may not read it; the refusal names the scope.
    NotPermitted(Box<Refusal>),
    /// The tenant has no such campaign.
    Absent,
}

impl<T> Told<T> {
    /// What the tenant told.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::NotPermitted(_) | Self::Absent => None,
        }
    }

    pub(crate) fn from(result: Result<T, TenantError>) -> Result<Self, TenantError> {
        match result {
            Ok(value) => Ok(Self::Known(value)),
            Err(TenantError::Forbidden(refusal)) => Ok(Self::NotPermitted(refusal)),
            // An id that has no place in a path names nothing either.
            Err(TenantError::NotFound(_) | TenantError::Id(_)) => Ok(Self::Absent),
            Err(error) => Err(error),
        }
    }
}

/// Totals of a campaign so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// The campaign's version when they were told.
    pub version: Option<Version>,
    /// Its run state then.
    pub status: Option<CampaignStatus>,
    /// Calls that were placed.
    pub total: Option<u64>,
    /// Calls that a person answered.
    pub answered: Option<u64>,
    /// Answered calls that no agent took.
    pub abandoned: Option<u64>,
    /// How busy the agents are, in per cent.
    pub utilization: Option<f64>,
    /// Calls that broke a rule of compliance.
    pub violations: Option<u64>,
}

/// One interval of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// When it began.
    pub start: Timestamp,
    /// Answered calls as a share of all.
    pub answer_rate: Option<f64>,
    /// Abandoned calls as a share of all.
    pub abandon_rate: Option<f64>,
    /// Calls that reached an agent.
    pub connected: Option<u64>,
    /// Calls that were placed.
    pub attempted: Option<u64>,
}

/// Shares over all intervals, as the tenant sums them up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Summary {
    /// Answered calls as a share of all.
    pub answer_rate: Option<f64>,
    /// Abandoned calls as a share of all.
    pub abandon_rate: Option<f64>,
}

/// A stretch of time: from its beginning up to, but without, its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

impl Span {
    /// Whether an instant lies within.
    #[must_use]
    pub fn holds(self, at: Timestamp) -> bool {
        (self.from..self.until).contains(&at)
    }
}

/// The intervals of a campaign, a page at a time. Rows must rise or fall strictly in time: only so can a repeated one be
/// noticed without remembering all of them.
pub struct Intervals {
    walk: Walk,
    span: Span,
    waiting: Option<Page>,
    style: &'static str,
    summary: Summary,
    last: Option<Timestamp>,
    rising: Option<bool>,
    rows: u64,
    total: Option<u64>,
}

impl fmt::Debug for Intervals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intervals").field("span", &self.span).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Intervals {
    pub(crate) fn new(walk: Walk, first: Page, span: Span) -> Self {
        Self {
            walk,
            span,
            style: first.style,
            summary: v2::summary(&first.beside),
            total: first.total,
            waiting: Some(first),
            last: None,
            rising: None,
            rows: 0,
        }
    }

    /// The tenant's own sums; of which time, it does not say.
    #[must_use]
    pub const fn summary(&self) -> Summary {
        self.summary
    }

    /// How many rows the tenant announced.
    #[must_use]
    pub const fn announced(&self) -> Option<u64> {
        self.total
    }

    /// The rows of the next page that lie within the span, in the tenant's order; `None` at the end.
    ///
    /// # Errors
    /// [`TenantError::Incomplete`] where a page is missing, or rows repeat or come in no order.
    pub async fn next(&mut self) -> Result<Option<Vec<Interval>>, TenantError> {
        let (number, page) = match self.waiting.take() {
            Some(page) => (1, page),
            None => match self.walk.next().await? {
                Some(following) => following,
                None => return self.end(),
            },
        };
        let Page { items, next: _, total, style, beside: _ } = page;
        if style != self.style {
            let reason = format!("page {number} has `{style}` where page 1 has `{}`", self.style);
            return Err(self.walk.incomplete(&reason));
        }
        self.total = self.total.or(total);
        let mut rows = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let row = v2::interval(item).map_err(|Malformed(reason)| self.walk.malformed(number, index, &reason))?;
            self.follows(row.start)?;
            self.rows += 1;
            // A tenant that ignores the times answers with everything.
            if self.span.holds(row.start) {
                rows.push(row);
            }
        }
        Ok(Some(rows))
    }

    fn end(&self) -> Result<Option<Vec<Interval>>, TenantError> {
        match self.total {
            Some(total) if total != self.rows => {
                Err(self.walk.incomplete(&format!("its total is {total}, but it lists {}", self.rows)))
            }
            _ => Ok(None),
        }
    }

    fn follows(&mut self, start: Timestamp) -> Result<(), TenantError> {
        if let Some(last) = self.last.replace(start) {
            let rises = start > last;
            if start == last || *self.rising.get_or_insert(rises) != rises {
                let reason =
                    format!("the interval of {start} comes after that of {last}: rows repeat or have no order");
                return Err(self.walk.incomplete(&reason));
            }
        }
        Ok(())
    }
}
