//! Which objects tell the tenant that was read from any other one.

use cxform_model::{Address, Desired, Fingerprint, Kind, Observed};

use crate::index::Index;

/// One managed object of each kind that stands on the tenant under its own key, with the id that it has there. Empty where
/// nothing of the manifests is on the tenant yet.
#[must_use]
pub fn fingerprint(desired: &Desired, observed: &Observed) -> Fingerprint {
    let index = Index::of(observed);
    let mark = |kind| {
        let mut addresses = desired.objects.keys().filter(|address: &&Address| address.kind() == kind);
        addresses.find_map(|address| match index.at(address) {
            [one] => Some((address.clone(), one.id.clone())),
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
