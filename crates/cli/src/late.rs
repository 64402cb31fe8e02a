//! Tenants that list new objects late. After a crash the next plan may come within that delay, and an object that is not
//! listed yet would be planned once more.

use std::collections::BTreeSet;
use std::time::Duration;

use cxform_model::{Kind, RemoteId};
use cxform_tenant::{Reader, TenantError};

/// The waits between looks.
const WAITS: [Duration; 4] =
    [Duration::from_millis(300), Duration::from_millis(600), Duration::from_millis(1200), Duration::from_millis(2400)];

/// Waits until the tenant lists what it shows by its id. Gives up after some looks: a create of what is there would be
/// refused as taken, and nothing would be written.
pub async fn until_listed(reader: &Reader, written: Vec<(Kind, RemoteId)>) -> Result<(), TenantError> {
    let mut missing: BTreeSet<(Kind, RemoteId)> =
        written.into_iter().filter(|(kind, _)| *kind != Kind::Assignment).collect();
    for wait in WAITS {
        let kinds: BTreeSet<Kind> = missing.iter().map(|(kind, _)| *kind).collect();
        for kind in kinds {
            let listed: BTreeSet<_> = reader.list(kind).await?.into_iter().map(|object| object.id).collect();
            missing.retain(|(of, id)| *of != kind || !listed.contains(id));
        }
        let mut late = BTreeSet::new();
        for (kind, id) in missing {
            // What is gone by its id as well is really gone.
            if reader.one(kind, &id).await?.is_some() {
                late.insert((kind, id));
            }
        }
        if late.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(wait).await;
        missing = late;
    }
    let ids: Vec<_> = missing.iter().map(|(_, id)| id.0.as_str()).collect();
    tracing::warn!("the tenant shows {} by id but does not list them", ids.join(", "));
    Ok(())
}
