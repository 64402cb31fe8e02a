//! Which objects tell the tenant that was read from any other one.

use cxform_model::{Address, Desired, Fingerprint, Kind, Observed, RemoteId};
use foldhash::{HashMap, HashMapExt as _};

/// One managed object of each kind that stands on the tenant under its own key, with the id that it has there; of call codes one
/// at the root. Empty where nothing of the manifests is on the tenant yet.
#[must_use]
pub fn fingerprint(desired: &Desired, observed: &Observed) -> Fingerprint {
    let mark = |kind| {
        let mut bearers: HashMap<&str, (&RemoteId, bool)> = HashMap::new();
        for object in observed.of(kind).iter().filter(|object| kind != Kind::CallCode || object.parent.is_none()) {
            bearers.entry(object.key.trim()).and_modify(|(_, alone)| *alone = false).or_insert((&object.id, true));
        }
        let addresses = desired.objects.keys().filter(|address: &&Address| address.kind() == kind);
        let mut roots = addresses.filter(|address| address.parent_call_code().is_none());
        roots.find_map(|address| match bearers.get(address.key()) {
            Some((id, true)) => Some((address.clone(), (*id).clone())),
            _ => None,
        })
    };
    Fingerprint(Kind::ALL.into_iter().filter_map(mark).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tests::fixture;

    #[test]
    fn the_first_managed_object_of_each_kind_marks_the_tenant() {
        let desired = fixture::desired(&json!({
            "outcomes": [{"code": "A"}, {"code": "B"}, {"code": "C"}],
            "campaigns": [{"name": "new", "type": "preview"}],
        }));
        let observed = fixture::observed(&json!({
            "outcomes": [{"id": "1", "code": "B"}, {"id": "2", "code": "C"}, {"id": "3", "code": "FOREIGN"},
                         {"id": "4", "code": "A"}, {"id": "5", "code": "A"}],
        }));
        assert_eq!(fingerprint(&desired, &observed).to_string(), "outcome/B = 1", "two bear the code `A`");
        assert!(fingerprint(&desired, &Observed::default()).is_empty());
    }
}
