//! Which paused campaigns it was cxform that paused. Looked up, never written: where the store cannot tell, somebody else did.

use std::collections::BTreeMap;

use cxform_manifest::Project;
use cxform_model::{Address, CampaignStatus, Desired, Field, Kind, Observed, Setting, Version};
use cxform_plan::OwnPause;
use cxform_record::{Store, StoreError};
use serde_json::Value;

use super::store;

const STATUS: &str = "status";

/// The campaigns that stand paused, may be meant to dial, and were paused by a run on this tenant.
pub async fn own(
    project: &Project,
    tenant: &str,
    desired: &Desired,
    observed: &Observed,
) -> BTreeMap<Address, OwnPause> {
    let addresses = in_question(desired, observed);
    if addresses.is_empty() {
        return BTreeMap::new();
    }
    let known = match store::look(project).await {
        Ok(Some(store)) => find(&store, tenant, addresses).await.map_err(anyhow::Error::from),
        Ok(None) => return BTreeMap::new(),
        Err(error) => Err(error),
    };
    known.unwrap_or_else(|error| {
        tracing::warn!("whether cxform paused a campaign is not known: {error:#}");
        BTreeMap::new()
    })
}

fn in_question(desired: &Desired, observed: &Observed) -> Vec<Address> {
    let Some(status) = Field::find(Kind::Campaign, STATUS) else { return Vec::new() };
    let word = |value: &Value| value.as_str().and_then(CampaignStatus::from_word);
    let stands_paused = observed
        .of(Kind::Campaign)
        .iter()
        .filter(|campaign| campaign.value(STATUS).and_then(word) == Some(CampaignStatus::Paused))
        .filter_map(|campaign| campaign.value("name").and_then(Value::as_str))
        .map(Address::campaign);
    let may_dial = |address: &Address| {
        let Some(object) = desired.objects.get(address) else { return false };
        let setting = object.fields.get(status).map(|one| &one.setting);
        let wanted_active =
            matches!(setting, Some(Setting::Value(value)) if word(value) == Some(CampaignStatus::Active));
        wanted_active || object.pause.is_some()
    };
    stands_paused.filter(may_dial).collect()
}

async fn find(store: &Store, tenant: &str, addresses: Vec<Address>) -> Result<BTreeMap<Address, OwnPause>, StoreError> {
    let mut pauses = BTreeMap::new();
    for address in addresses {
        let Some(word) = store.last_word(tenant, &address.to_string(), STATUS).await? else { continue };
        let paused = word.value.as_str().and_then(CampaignStatus::from_word) == Some(CampaignStatus::Paused);
        if let (true, Ok(version)) = (paused, word.version.parse()) {
            // Planners name the steps around an update so, and their inverse after them.
            let for_update = matches!(word.step.rsplit(':').next(), Some("pause" | "undo-resume"));
            pauses.insert(address, OwnPause { version: Version(version), run: word.run, for_update });
        }
    }
    Ok(pauses)
}
