//! One writer per tenant: taking the lock, telling for whom one waits, and what it guards.

use std::time::Duration;

use anyhow::anyhow;
use cxform_record::{Guard, LockError, Mode, Owner, Store};

use super::store;
use crate::terminal::say;
use crate::views::text;

/// Takes the lock of a tenant, waiting at most `timeout` for whoever has it.
pub async fn take(store: &Store, tenant: &str, owner: Owner, timeout: Duration, quiet: bool) -> anyhow::Result<Guard> {
    let taken = match store.acquire(tenant, owner.clone(), Duration::ZERO).await {
        Err(held @ LockError::Held { .. }) if !timeout.is_zero() => {
            if !quiet {
                let seconds = timeout.as_secs();
                say(&format!("Waiting up to {seconds} s: {}.", text::safe(&held.to_string())));
            }
            store.acquire(tenant, owner, timeout).await
        }
        taken => taken,
    };
    let guard = taken.map_err(explain)?;
    if guard.is_machine_only() {
        tracing::debug!(tenant, "the lock guards this machine and user only; a PostgreSQL store guards them all");
    }
    Ok(guard)
}

/// A lock's error with what to do about it.
pub fn explain(error: LockError) -> anyhow::Error {
    match error {
        held @ LockError::Held { .. } => anyhow!(
            "{held}\nhint: wait for it (`--lock-timeout`); an owner that died frees the tenant by itself, and \
             `cxform runs unlock --force` takes it from one that hangs"
        ),
        LockError::Files(_) => anyhow!(error),
        LockError::Store(error) => store::explain(error, Mode::ReadWrite),
    }
}
