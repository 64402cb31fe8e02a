//! A write that went on top of somebody else's change of other fields.

use cxform_model::Version;

use crate::FieldConflict;

/// What somebody else changed before the step was sent again on top of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebase {
    /// The version that the step relied on first.
    pub planned: Version,
    /// The version that it was sent on top of.
    pub found: Version,
    /// What they changed, in the order of the paths; `ours` is `None`, since the step leaves these fields alone.
    pub fields: Vec<FieldConflict>,
    /// Who did it, the oldest change first; empty where the tenant does not tell.
    pub authors: Vec<Author>,
}

/// One change of a campaign by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub actor: String,
    /// When, as the tenant tells it.
    pub time: String,
    /// The version that the change left.
    pub version: Version,
}
