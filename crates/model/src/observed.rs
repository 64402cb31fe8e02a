//! What the tenant holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Field, Fields, Kind, canonical_field};

/// The id that a tenant gave to one of its objects. Meaningless on any other tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteId(pub String);

impl std::fmt::Display for RemoteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The version of a campaign: up by one with each successful write \[002\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What was read from a tenant. Only complete listings get in here: an incomplete read is an error, never an absence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// The listings that were read, in the tenant's order. A kind that is missing was not read.
    pub listings: BTreeMap<Kind, Vec<ObservedObject>>,
    /// The campaign groups that were asked for.
    pub groups: Vec<CampaignGroup>,
    /// The desktops that were read, by campaign id.
    pub desktops: BTreeMap<RemoteId, Vec<ObservedAssignment>>,
}

impl Observed {
    /// The objects of a kind; empty where the kind was not read.
    #[must_use]
    pub fn of(&self, kind: Kind) -> &[ObservedObject] {
        self.listings.get(&kind).map_or(&[], Vec::as_slice)
    }
}

/// One outcome, call code, campaign or webhook subscription as the tenant told it, in the model's words.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedObject {
    /// Its kind.
    pub kind: Kind,
    /// The tenant's id.
    pub id: RemoteId,
    /// Its own code or name.
    pub key: String,
    /// The id of the object above it. It may be an id that the listing does not hold.
    pub parent: Option<RemoteId>,
    /// The version, where the kind has one.
    pub version: Option<Version>,
    /// The known fields that the tenant gave, as it gave them.
    pub fields: Fields<Value>,
}

impl ObservedObject {
    /// The value of the field at `path`.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&Value> {
        self.fields.get(Field::find(self.kind, path)?)
    }

    /// SHA-256 over the key, the parent and the canonical form of every known field but the run state, in hexadecimal.
    ///
    /// Two reads with one hash show the same configuration, however the tenant chose to write it.
    #[must_use]
    pub fn content_hash(&self) -> String {
        let Self { kind, id, key, parent, version: _, fields } = self;
        let mut hash = ContentHash::new(kind.word());
        hash.add("id", &id.0);
        hash.add("key", key.trim());
        hash.add("parent", parent.as_ref().map_or("", |parent| &parent.0));
        for field in Field::all(*kind) {
            if field.policy().ownership == crate::Ownership::Managed {
                hash.add(field.path(), &canonical_field(field, fields.get(field)).to_string());
            }
        }
        hash.finish()
    }
}

/// An outcome on a campaign's desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedAssignment {
    /// The outcome's id.
    pub outcome: RemoteId,
    /// Its place, where the tenant tells it.
    pub sequence: Option<u64>,
    /// Whether the desktop selects it.
    pub default: bool,
}

impl ObservedAssignment {
    /// SHA-256 over the assignment, in hexadecimal.
    #[must_use]
    pub fn content_hash(&self) -> String {
        let Self { outcome, sequence, default } = self;
        let mut hash = ContentHash::new(Kind::Assignment.word());
        hash.add("outcome", &outcome.0);
        hash.add("sequence", &sequence.map_or_else(String::new, |sequence| sequence.to_string()));
        hash.add("defaultSelection", if *default { "true" } else { "false" });
        hash.finish()
    }
}

/// A group of campaigns \[000\].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignGroup {
    /// The tenant's id.
    pub id: RemoteId,
    /// The name.
    pub name: String,
    /// The campaigns in it.
    pub campaigns: Vec<RemoteId>,
}

/// Hashes named values; every part is preceded by its length, so no two sequences of parts collide by concatenation.
struct ContentHash(Sha256);

impl ContentHash {
    fn new(kind: &str) -> Self {
        let mut hash = Self(Sha256::new());
        hash.part(kind);
        hash
    }

    fn add(&mut self, name: &str, value: &str) {
        self.part(name);
        self.part(value);
    }

    fn part(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
