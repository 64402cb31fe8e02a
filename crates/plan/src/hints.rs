//! "Did you mean": the key on the tenant or in the manifests that a mistyped one comes closest to.

use cxform_model::Address;

use crate::inputs::Inputs;

/// A hint that names the nearest address of the same kind, where one is near.
pub(crate) fn nearest(inputs: &Inputs<'_>, address: &Address) -> Option<String> {
    inputs.hints.set(inputs.hints.get().checked_sub(1)?);
    let observed = inputs.observed.of(address.kind()).iter().filter_map(|object| inputs.address_of(object));
    let listed = inputs.desired.objects.keys().filter(|key| key.kind() == address.kind()).cloned();
    let others = observed.chain(listed).filter(|candidate| candidate != address);
    closest(&address.to_string(), others.map(|candidate| candidate.to_string()))
}

/// The same among any addresses, for one that may also be a pattern.
pub(crate) fn closest(wanted: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let key = wanted.rsplit('/').next().unwrap_or(wanted);
    let limit = (key.chars().count() / 3).max(1);
    let mut best: Option<(usize, String)> = None;
    for candidate in candidates {
        // A distance is never less than the difference in length: most candidates need no closer look.
        if candidate.len().abs_diff(wanted.len()) > limit * 4 {
            continue;
        }
        let distance = strsim::osa_distance(&wanted.to_lowercase(), &candidate.to_lowercase());
        if distance <= limit && best.as_ref().is_none_or(|best| (distance, &candidate) < (best.0, &best.1)) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// What to say of a campaign that is neither listed nor on the tenant.
pub(crate) fn campaign(inputs: &Inputs<'_>, address: &Address) -> String {
    nearest(inputs, address).unwrap_or_else(|| "list it with `kind: Campaign`, or correct the name".to_owned())
}
