//! Who changed a field of a campaign last, and when: campaigns alone have a history.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cxform_model::{Address, Kind, RemoteId, Version};
use cxform_plan::{Drift, Side};
use cxform_tenant::{HistoryRecord, Reader};
use futures_util::{StreamExt as _, stream};

/// Histories under way at once.
const AT_ONCE: usize = 8;

/// The campaigns whose histories are read at most: it only informs, and a report is no slower for it.
const MOST: usize = 50;

/// Nobody waits longer for one of them.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody, and when.
pub struct Author {
    /// Who.
    pub who: String,
    /// When, as the tenant tells it.
    pub when: String,
}

/// For each difference who made it, where the tenant moved and tells.
pub async fn of(drifts: &[Drift], reader: &Reader) -> Vec<Option<Author>> {
    let asked = |drift: &&Drift| {
        drift.address.kind() == Kind::Campaign && drift.path.is_some() && drift.side != Some(Side::Git)
    };
    let campaigns: BTreeSet<(&Address, &RemoteId)> =
        drifts.iter().filter(asked).filter_map(|drift| Some((&drift.address, drift.id.as_ref()?))).collect();
    let histories: BTreeMap<&Address, Vec<HistoryRecord>> = stream::iter(campaigns.into_iter().take(MOST))
        .map(|(address, id)| async move { Some((address, history(reader, id).await?)) })
        .buffer_unordered(AT_ONCE)
        .filter_map(|history| async { history })
        .collect()
        .await;
    let author = |drift: &Drift| {
        let path = drift.path.as_deref().filter(|_| drift.side != Some(Side::Git))?;
        let touching = histories.get(&drift.address)?.iter().filter(|record| touches(record, path));
        let last = touching.max_by_key(|record| record.version)?;
        Some(Author { who: last.actor.clone(), when: last.time.clone() })
    };
    drifts.iter().map(author).collect()
}

/// A tenant may name the field, what it stands in, or what stands in it.
fn touches(record: &HistoryRecord, path: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    record.changes.iter().any(|(changed, _, _)| within(path, changed) || within(changed, path))
}

async fn history(reader: &Reader, id: &RemoteId) -> Option<Vec<HistoryRecord>> {
    match tokio::time::timeout(PATIENCE, reader.history(id, Version(0))).await {
        Ok(Ok(records)) => Some(records),
        Ok(Err(error)) => {
            tracing::debug!(campaign = %id, %error, "who changed it is unknown");
            None
        }
        Err(_) => {
            tracing::debug!(campaign = %id, "who changed it is unknown: the tenant takes too long");
            None
        }
    }
}
