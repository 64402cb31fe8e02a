//! What this run knows about the tenant: the ids it created, and how each object stood after its own last look or write.
//!
//! An object is locked for a whole step, so two steps never write one object at a time; a desktop is locked only while it
//! is looked up, since its assignments are written independently.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use cxform_model::{Address, CampaignStatus, Kind, ObservedAssignment, RemoteId, Version};
use tokio::sync::Mutex as Lock;

use crate::conflict::{Paths, STATUS, same_everywhere};
use crate::verify::not_as_asked;

/// Everything that steps share about the tenant.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    created: Mutex<HashMap<Address, RemoteId>>,
    objects: Table<(Kind, RemoteId), Known>,
    desktops: Table<RemoteId, DesktopKnown>,
}

type Table<K, V> = Mutex<HashMap<K, Arc<Lock<V>>>>;

/// How an outcome, call code, campaign or webhook subscription stood when this run last saw it. Empty until then.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Its fields.
    pub(crate) picture: Option<Picture>,
    /// Its version.
    pub(crate) version: Option<Version>,
    /// Whether it is an earlier process that saw it so: it is looked at once more before it is written.
    pub(crate) is_old: bool,
}

/// An object's fields as they were last seen.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) fields: Paths,
    /// Whether an absent field is known to be absent. The create of a code knows no more than what it asked for.
    pub(crate) is_whole: bool,
}

impl Picture {
    pub(crate) const fn whole(fields: Paths) -> Self {
        Self { fields, is_whole: true }
    }

    /// An object right after its create. What is known of a campaign must be all: it is a draft \[002\], and what was
    /// not asked for has its default. Of a code, whose next write reads it again, what was asked is enough.
    pub(crate) fn created(kind: Kind, mut asked: Paths) -> Self {
        let is_whole = kind == Kind::Campaign;
        if is_whole {
            asked.insert(STATUS.to_owned(), CampaignStatus::Draft.word().into());
        }
        Self { fields: asked, is_whole }
    }

    /// The picture as it is once `asked` is written.
    pub(crate) fn with(&self, asked: &Paths) -> Self {
        let mut fields = self.fields.clone();
        fields.extend(asked.iter().map(|(path, value)| (path.clone(), value.clone())));
        Self { fields, is_whole: self.is_whole }
    }

    /// Whether an object that reads as `found` is all that is in the picture and nothing else. Only that tells our own
    /// doing from that of somebody who has just stopped a campaign.
    pub(crate) fn is_all_of(&self, kind: Kind, found: &Paths) -> bool {
        self.is_whole && self.shows(kind, found)
    }

    /// Whether an object that reads as `found` is the one in the picture.
    pub(crate) fn shows(&self, kind: Kind, found: &Paths) -> bool {
        if self.is_whole {
            same_everywhere(kind, &self.fields, found)
        } else {
            not_as_asked(kind, &self.fields, found).is_empty()
        }
    }
}

/// How a desktop stood when this run last saw it.
#[derive(Debug, Default)]
pub(crate) struct DesktopKnown {
    /// Its assignments; `None` until it has been read.
    pub(crate) assignments: Option<HashMap<RemoteId, ObservedAssignment>>,
    /// The outcomes whose assignment this run has made, or found, to be what a step wants.
    pub(crate) settled: HashSet<RemoteId>,
    /// The outcomes that steps of this run are taking off right now.
    pub(crate) leaving: HashSet<RemoteId>,
    /// How an earlier process of this run left assignments; none where it took one off.
    pub(crate) left: HashMap<RemoteId, Option<ObservedAssignment>>,
    /// Whether this run has sent any write to it.
    pub(crate) touched: bool,
}

impl Ledger {
    /// Remembers the id that a create step got.
    pub(crate) fn created(&self, address: Address, id: RemoteId) {
        self.created.lock().unwrap_or_else(PoisonError::into_inner).insert(address, id);
    }

    /// The id that this run's create step of `address` got.
    pub(crate) fn id_of(&self, address: &Address) -> Option<RemoteId> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// Notes what is known about an object before any step runs.
    pub(crate) fn with_object(&mut self, kind: Kind, id: &RemoteId, note: impl FnOnce(&mut Known)) {
        if let Ok(mut known) = self.object(kind, id).try_lock() {
            note(&mut known);
        }
    }

    /// Notes what is known about a desktop before any step runs.
    pub(crate) fn with_desktop(&mut self, campaign: &RemoteId, note: impl FnOnce(&mut DesktopKnown)) {
        if let Ok(mut known) = self.desktop(campaign).try_lock() {
            note(&mut known);
        }
    }

    /// What is known about an object.
    pub(crate) fn object(&self, kind: Kind, id: &RemoteId) -> Arc<Lock<Known>> {
        entry(&self.objects, (kind, id.clone()))
    }

    /// What is known about the desktop of a campaign.
    pub(crate) fn desktop(&self, campaign: &RemoteId) -> Arc<Lock<DesktopKnown>> {
        entry(&self.desktops, campaign.clone())
    }
}

fn entry<K: Eq + Hash, V: Default>(table: &Table<K, V>, key: K) -> Arc<Lock<V>> {
    Arc::clone(table.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
}
