//! What tells a tenant from another one behind the same address: ids that it gave to a few of its objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Address, RemoteId};

/// Objects with the ids that one tenant gave them. A tenant names objects as people wish, but it makes the ids itself, keeps
/// them through every change, and deletes neither outcomes nor call codes nor campaigns: so they are a tenant's own marks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub BTreeMap<Address, RemoteId>);

impl Fingerprint {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (address, id)) in self.0.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{address} = {id}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_mapping_for_programs_and_a_list_for_people() {
        let fingerprint = Fingerprint(BTreeMap::from([
            (Address::campaign("q3"), RemoteId("c-1".into())),
            (Address::outcome("SI"), RemoteId("4711".into())),
        ]));
        let text = serde_json::to_string(&fingerprint).unwrap();
        assert_eq!(text, r#"{"outcome/SI":"4711","campaign/q3":"c-1"}"#);
        assert_eq!(serde_json::from_str::<Fingerprint>(&text).unwrap(), fingerprint);
        assert_eq!(fingerprint.to_string(), "outcome/SI = 4711, campaign/q3 = c-1");
    }
}
