//! Why a change happens, in a few words.

use cxform_model::Address;

use crate::diff::Difference;
use crate::matching::Found;
use crate::{FieldChange, Options};

/// What a new object, or one with other fields, shows by itself: people are not told.
pub(crate) const ABSENT: &str = "not on the tenant";
pub(crate) const DIFFERS: &str = "differs from the manifest";

pub(crate) fn create(fields: &[Difference<'_>]) -> String {
    with_envelopes(ABSENT.to_owned(), fields)
}

pub(crate) fn update(
    found: &Found<'_>,
    adopts: bool,
    moved: Option<&FieldChange>,
    fields: &[Difference<'_>],
) -> String {
    let mut why = Vec::new();
    if adopts {
        why.push("adopts existing".to_owned());
    }
    if let Some(previous) = found.renamed {
        why.push(format!("was `{}`", previous.value));
    } else if let Some(FieldChange { before, after, .. }) = moved {
        why.push(match (before.as_str(), after.as_str()) {
            (Some(from), None) => format!("moves from below `{from}` to the top"),
            (None, Some(to)) => format!("moves from the top to below `{to}`"),
            (from, to) => {
                let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
                format!("moves from below `{from}` to below `{to}`")
            }
        });
    }
    if why.is_empty() {
        why.push(DIFFERS.to_owned());
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
