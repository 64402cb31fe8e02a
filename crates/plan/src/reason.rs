//! Why a change happens, in a few words.

use cxform_model::Address;

use crate::Options;
use crate::diff::Difference;
use crate::matching::Found;

pub(crate) fn create(fields: &[Difference<'_>]) -> String {
    with_envelopes("not on the tenant".to_owned(), fields)
}

pub(crate) fn update(found: &Found<'_>, adopts: bool, moved: bool, fields: &[Difference<'_>]) -> String {
    let mut why = Vec::new();
    if adopts {
        why.push("adopts existing".to_owned());
    }
    if let Some(previous) = found.renamed {
        why.push(format!("was `{}`", previous.value));
    } else if moved {
        why.push("hangs elsewhere in the tree".to_owned());
    }
    if why.is_empty() {
        why.push("differs from the manifest".to_owned());
    }
    with_envelopes(why.join("; "), fields)
}

pub(crate) fn tombstone() -> String {
    "kept in the manifest as retired".to_owned()
}

/// Whether the plan takes over an object that no earlier run touched; without a store nobody can tell.
pub(crate) fn adopts(options: &Options, address: &Address, found: &Found<'_>) -> bool {
    options.known.as_ref().is_some_and(|known| {
        !known.contains(address) && !found.renamed.is_some_and(|previous| known.contains(&previous.value))
    })
}

fn with_envelopes(mut why: String, fields: &[Difference<'_>]) -> String {
    for words in fields.iter().filter_map(Difference::why) {
        why.push_str("; ");
        why.push_str(&words);
    }
    why
}
