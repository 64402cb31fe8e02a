//! How campaigns are doing that a plan touches or starts. Figures inform and never decide: without them they are unknown.

use std::time::Duration;

use cxform_model::{Kind, Observed, RemoteId};
use cxform_plan::{Figures, Plan, Warning};
use cxform_tenant::{Reader, Told};
use futures_util::{StreamExt as _, stream};

/// Reads of figures under way at once.
const AT_ONCE: usize = 8;

/// The campaigns whose figures are read at most: half of what a tenant takes in a minute, so that a plan is no slower for it.
const MOST: usize = 50;

/// Nobody waits longer for what only informs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Adds the figures of the campaigns that dial, as far as they may be read.
pub async fn figures(plan: &mut Plan, reader: &Reader) {
    let told: Vec<Option<Figures>> = stream::iter(plan.live.iter().take(MOST))
        .map(|live| async move { told(reader, &live.id).await.and_then(Told::known).map(figures_of) })
        .buffered(AT_ONCE)
        .collect()
        .await;
    for (live, told) in plan.live.iter_mut().zip(told) {
        live.figures = told;
    }
}

/// Warns about campaigns that are to start and cannot be watched for want of a scope.
pub async fn watched(plan: &mut Plan, observed: &Observed, reader: &Reader) {
    let starting = plan.starting();
    let Some(first) = starting.first().cloned() else { return };
    // A campaign that is still to be created has no figures; any other one tells whether they may be read.
    let any = || observed.of(Kind::Campaign).first().map(|campaign| campaign.id.clone());
    let Some(id) = starting.iter().find_map(|(_, id)| id.clone()).or_else(any) else { return };
    if let Some(Told::NotPermitted(refusal)) = told(reader, &id).await {
        tracing::debug!(%refusal, "figures may not be read");
        let (address, message) = match starting.len() {
            1 => (Some(first.0), "its statistics may not be read, so nobody here will see how it dials".to_owned()),
            many => (None, format!("{many} campaigns are to start whose statistics may not be read")),
        };
        plan.warnings.push(Warning { rule: None, address, message, source: None });
    }
}

async fn told(reader: &Reader, id: &RemoteId) -> Option<Told<cxform_tenant::Figures>> {
    match tokio::time::timeout(PATIENCE, reader.figures(id)).await {
        Ok(Ok(told)) => Some(told),
        Ok(Err(error)) => {
            tracing::debug!(campaign = %id, %error, "the figures are unknown");
            None
        }
        Err(_) => {
            tracing::debug!(campaign = %id, "the figures are unknown: the tenant takes too long");
            None
        }
    }
}

fn figures_of(told: cxform_tenant::Figures) -> Figures {
    Figures { status: told.status, calls: told.total, utilization: told.utilization }
}
