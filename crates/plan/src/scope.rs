//! What must be read from the tenant before a plan can be made, and nothing more.

use std::collections::BTreeSet;

use cxform_model::{AuthorityScope, Desired, Kind};

use crate::activity;

/// The listings and campaign groups that a plan needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The kinds to list in full.
    pub listings: BTreeSet<Kind>,
    /// The campaign groups to read, each by id or name.
    pub groups: BTreeSet<String>,
}

/// What the manifests make necessary to read. Desktops come later: see [`desktops_to_read`](crate::desktops_to_read).
#[must_use]
pub fn scope(desired: &Desired) -> Scope {
    let mut scope = Scope::default();
    for (address, object) in &desired.objects {
        scope.listings.insert(address.kind());
        if address.kind() == Kind::Outcome && activity::is_tombstone(address.kind(), object) {
            // Whether a desktop still shows it decides if it may be retired.
            scope.listings.insert(Kind::Campaign);
        }
    }
    for authority in &desired.authorities {
        match authority.scope {
            AuthorityScope::Subtree(_) => scope.listings.extend([Kind::Outcome, Kind::Campaign]),
            AuthorityScope::Category(_) => scope.listings.extend([Kind::CallCode]),
        }
    }
    for entry in &desired.desktops {
        scope.listings.extend([Kind::Outcome, Kind::Campaign]);
        scope.groups.extend(entry.groups.iter().map(|group| group.value.clone()));
    }
    scope
}
