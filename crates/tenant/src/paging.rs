//! Reads a listing to its end, or fails as a whole (contract 1.3). What is missing from a listing counts as absent
//! on the tenant, so anything that hints at a gap is an error.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use cxform_model::RemoteId;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::connection::Inner;
use crate::request::Request;
use crate::v2::{self, Malformed, Next, Page};
use crate::{Connection, TenantError};

/// Every item of the listing that starts with `first`, in the tenant's order.
/// `decode` reads an item: its id within the listing, and what it is.
pub(crate) async fn read_all<T, D>(connection: &Connection, first: Request, decode: D) -> Result<Vec<T>, TenantError>
where
    D: Fn(&Value) -> Result<(RemoteId, T), Malformed>,
{
    let inner = &connection.0;
    let (walk, page) = Walk::start(inner, first.clone()).await?;
    let mut listing =
        Listing { inner, first, decode, style: page.style, total: None, ids: HashSet::new(), items: Vec::new() };
    let pages = listing.foreseen(&page);
    listing.add(1, page)?;
    match pages {
        Some(pages) => listing.read_together(pages).await?,
        None => listing.read_in_turn(walk).await?,
    }
    listing.finish()
}

/// A way through a listing, page by page: what it holds does not grow with the items.
pub(crate) struct Walk {
    inner: Arc<Inner>,
    first: Request,
    current: Request,
    next: Next,
    number: u64,
    /// Hashes of the marks that were followed, against going in circles.
    seen: HashSet<u64>,
}

impl Walk {
    /// Reads the first page.
    pub(crate) async fn start(inner: &Arc<Inner>, first: Request) -> Result<(Self, Page), TenantError> {
        let page = inner.page(&first).await?;
        let seen = HashSet::from([mark(&first)]);
        let (inner, current, next) = (Arc::clone(inner), first.clone(), page.next.clone());
        Ok((Self { inner, first, current, next, number: 1, seen }, page))
    }

    /// The page that follows and its number; `None` after the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<(u64, Page)>, TenantError> {
        let (before, number) = (self.number, self.number + 1);
        let request = match &self.next {
            Next::End => return Ok(None),
            Next::Following => Ok(v2::next_page(&self.first, number)),
            Next::Number(named) if *named == number => Ok(v2::next_page(&self.first, number)),
            Next::Number(named) => Err(format!("page {before} names page {named} as the next one")),
            Next::Cursor(cursor) => Ok(v2::next_cursor(&self.first, cursor)),
            Next::Url(url) => v2::next_url(&self.current, url).map_err(|reason| format!("page {before}: {reason}")),
        };
        let request = request.map_err(|reason| self.incomplete(&reason))?;
        if !self.seen.insert(mark(&request)) {
            return Err(self.incomplete(&format!("the next mark of page {before} was there before")));
        }
        if number > u64::from(self.inner.config.page_limit) {
            return Err(self.incomplete(&format!("it does not end after {before} pages")));
        }
        let page = self.inner.page(&request).await.map_err(|error| self.inner.failed(&self.first, number, error))?;
        self.next = page.next.clone();
        self.current = request;
        self.number = number;
        Ok(Some((number, page)))
    }

    pub(crate) fn incomplete(&self, reason: &str) -> TenantError {
        self.inner.incomplete(&self.first, reason)
    }

    /// An item that makes no sense.
    pub(crate) fn malformed(&self, number: u64, index: usize, reason: &str) -> TenantError {
        self.inner.malformed(&self.first, number, index, reason)
    }
}

struct Listing<'a, T, D> {
    inner: &'a Arc<Inner>,
    first: Request,
    decode: D,
    style: &'static str,
    total: Option<u64>,
    ids: HashSet<RemoteId>,
    items: Vec<T>,
}

impl<T, D> Listing<'_, T, D>
where
    D: Fn(&Value) -> Result<(RemoteId, T), Malformed>,
{
    /// How many pages there are, where the first one tells enough to read the others all at once.
    fn foreseen(&self, first: &Page) -> Option<u64> {
        let size = u64::from(self.inner.config.page_size);
        let full = first.items.len() as u64 == size;
        let pages = first.total?.div_ceil(size);
        let plain = matches!(first.next, Next::Following | Next::Number(2));
        (full && plain && (2..=u64::from(self.inner.config.page_limit)).contains(&pages)).then_some(pages)
    }

    async fn read_in_turn(&mut self, mut walk: Walk) -> Result<(), TenantError> {
        while let Some((number, page)) = walk.next().await? {
            self.add(number, page)?;
        }
        Ok(())
    }

    /// Reads pages 2 to `pages`, several at a time. Each must say what it would say if it were read in turn.
    async fn read_together(&mut self, pages: u64) -> Result<(), TenantError> {
        let mut waiting = 2..=pages;
        let mut running = JoinSet::new();
        let mut early = BTreeMap::new();
        let mut due = 2;
        loop {
            // Pages that came before their turn are held back only so far, however slow the one that is due.
            let parallel = self.inner.config.parallel_reads;
            while running.len() < parallel && early.len() < 4 * parallel {
                let Some(number) = waiting.next() else { break };
                let (inner, request) = (Arc::clone(self.inner), v2::next_page(&self.first, number));
                running.spawn(async move { (number, inner.page(&request).await) });
            }
            // Leaving with an error drops the set, which stops the other pages.
            let Some(done) = running.join_next().await else { break };
            let (number, page) = done.map_err(|error| self.incomplete(&format!("a page was not read: {error}")))?;
            early.insert(number, page.map_err(|error| self.inner.failed(&self.first, number, error))?);
            while let Some(page) = early.remove(&due) {
                match &page.next {
                    Next::End if due == pages => {}
                    Next::Following if due < pages => {}
                    Next::Number(next) if due < pages && *next == due + 1 => {}
                    Next::End => return Err(self.incomplete(&format!("page {due} of {pages} claims to be the last"))),
                    _ => return Err(self.incomplete(&format!("page {due} of {pages} has an unexpected next mark"))),
                }
                self.add(due, page)?;
                due += 1;
            }
        }
        Ok(())
    }

    fn add(&mut self, number: u64, page: Page) -> Result<(), TenantError> {
        let Page { items, next: _, total, style, beside: _ } = page;
        if style != self.style {
            return Err(self.incomplete(&format!("page {number} has `{style}` where page 1 has `{}`", self.style)));
        }
        if let (Some(before), Some(now)) = (self.total, total)
            && before != now
        {
            return Err(self.incomplete(&format!("its total changed from {before} to {now} on page {number}")));
        }
        self.total = self.total.or(total);
        self.items.reserve(items.len());
        for (index, item) in items.iter().enumerate() {
            let (id, item) = (self.decode)(item)
                .map_err(|Malformed(reason)| self.inner.malformed(&self.first, number, index, &reason))?;
            if self.ids.contains(&id) {
                return Err(self.incomplete(&format!("`{id}` is there twice, again on page {number}")));
            }
            self.ids.insert(id);
            self.items.push(item);
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<T>, TenantError> {
        match self.total {
            Some(total) if total != self.items.len() as u64 => {
                Err(self.incomplete(&format!("its total is {total}, but it lists {}", self.items.len())))
            }
            _ => Ok(self.items),
        }
    }

    fn incomplete(&self, reason: &str) -> TenantError {
        self.inner.incomplete(&self.first, reason)
    }
}

/// What makes a page of a listing the same page again.
fn mark(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.url.as_str().hash(&mut hasher);
    hasher.finish()
}

impl Inner {
    fn incomplete(&self, first: &Request, reason: &str) -> TenantError {
        TenantError::Incomplete { call: self.call(first), reason: self.redactor.excerpt(reason, 500) }
    }

    fn malformed(&self, first: &Request, number: u64, index: usize, reason: &str) -> TenantError {
        self.shape(first, &format!("page {number}, item {index}: {reason}"))
    }

    /// A listing that starts is there; a later page that is not must not read as "no such listing".
    fn failed(&self, first: &Request, number: u64, error: TenantError) -> TenantError {
        match error {
            TenantError::NotFound(refusal) => self.incomplete(first, &format!("page {number}: {refusal}")),
            other => other,
        }
    }

    async fn page(&self, request: &Request) -> Result<Page, TenantError> {
        let body = self.read(request).await?.body.unwrap_or_default();
        v2::page(body).map_err(|reason| self.shape(request, &reason))
    }
}
