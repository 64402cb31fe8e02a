//! When a project's knobs were turned before: what the records tell, so that a restart forgets nothing.

use std::collections::BTreeMap;

use cxform_model::{Address, Knob, TuningPolicy};
use cxform_record::{Store, StoreError, Tuned};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Turn;

/// The turns of each campaign.
pub type Past = BTreeMap<Address, Vec<Turn>>;

/// What was turned on a tenant, as far back as the policies look.
///
/// # Errors
/// The store fails.
pub async fn past(store: &Store, tenant: &str, policies: &[TuningPolicy], now: Timestamp) -> Result<Past, StoreError> {
    let mut past = Past::new();
    for policy in policies {
        let damping = policy.rules.damping;
        let back = damping.cool_down.max(damping.window).max(SignedDuration::from_hours(1));
        let since = now.checked_sub(back).unwrap_or(Timestamp::MIN);
        for campaign in &policy.campaigns {
            let tuned = store.tuned(tenant, &campaign.value.to_string(), since).await?;
            past.insert(campaign.value.clone(), tuned.iter().flat_map(turns).collect());
        }
    }
    Ok(past)
}

fn turns(tuned: &Tuned) -> impl Iterator<Item = Turn> + '_ {
    let Tuned { time, before, after } = tuned;
    Knob::ALL.into_iter().filter_map(move |knob| {
        let value = |side: &Option<Value>| side.as_ref()?.get(knob.path())?.as_f64();
        let to = value(after)?;
        // Where it stood before is not always told; what matters is that it was turned.
        let from = value(before).unwrap_or(to);
        (value(before) != Some(to)).then_some(Turn { at: *time, knob, from, to })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changed_was_turned() {
        let tuned = Tuned {
            time: Timestamp::UNIX_EPOCH,
            before: Some(json!({ "dialerSettings.callRate": 0.5, "dialerSettings.concurrency": 90, "name": "q3" })),
            after: Some(json!({ "dialerSettings.callRate": 0.6, "dialerSettings.concurrency": 90 })),
        };
        let expected = Turn { at: Timestamp::UNIX_EPOCH, knob: Knob::CallRate, from: 0.5, to: 0.6 };
        assert_eq!(turns(&tuned).collect::<Vec<_>>(), [expected]);
        assert_eq!(turns(&Tuned { before: None, ..tuned.clone() }).count(), 2, "unknown is turned");
        assert_eq!(turns(&Tuned { after: None, ..tuned }).count(), 0);
    }
}
