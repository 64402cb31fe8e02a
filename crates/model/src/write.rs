//! Writes as data: what a plan holds, what a reviewer saw, and what is sent are one value.

use serde_json::Value;

use crate::{Address, CampaignStatus, Document, Endpoint, Fields, Kind, RemoteId, Version};

/// The object that a write needs the id of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// It lives on the tenant under this id.
    Existing(RemoteId),
    /// An earlier step of the same plan creates it.
    Created(Address),
}

/// What must hold for a write to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing stands under the key.
    Absent,
    /// The campaign still has this version.
    Version(Version),
    /// The object, read again, still has this content hash.
    Content(String),
    /// The object is what an earlier step of the same plan left: that step's result is the precondition.
    Follows,
}

/// One write, in the model's words.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Creates an outcome, call code, campaign or webhook subscription. The fields include its code or name.
    Create {
        /// What to create.
        kind: Kind,
        /// The object above it; `None` for a root.
        parent: Option<Target>,
        /// The fields that the create call takes.
        fields: Fields<Value>,
    },
    /// Changes named fields of one remote document; null clears. The fields include a new code or name.
    Update {
        /// Which document, and so which call.
        document: Document,
        /// Whose.
        target: Target,
        /// The new place in the tree; `None` leaves it.
        parent: Option<NewParent>,
        /// The changed fields only.
        fields: Fields<Value>,
    },
    /// Changes the run state of a campaign.
    Transition {
        /// The campaign.
        target: Target,
        /// The new state.
        to: CampaignStatus,
    },
    /// Puts an outcome on a desktop.
    Assign {
        /// The campaign.
        campaign: Target,
        /// The outcome.
        outcome: Target,
        /// Its place, from 1.
        sequence: u64,
        /// Whether the desktop selects it.
        default: bool,
    },
    /// Changes the place or the selection of an outcome on a desktop.
    Reassign {
        /// The campaign.
        campaign: Target,
        /// The outcome.
        outcome: Target,
        /// The new place.
        sequence: Option<u64>,
        /// The new selection.
        default: Option<bool>,
    },
    /// Takes an outcome off a desktop.
    Unassign {
        /// The campaign.
        campaign: Target,
        /// The outcome.
        outcome: Target,
    },
}

/// Where a moved object goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewParent {
    /// To the root.
    Root,
    /// Below this object.
    Below(Target),
}

impl Write {
    /// The call that carries the write.
    #[must_use]
    pub const fn endpoint(&self) -> Endpoint {
        match self {
            Self::Create { kind: Kind::Outcome | Kind::Assignment, .. } => Endpoint::CreateOutcome,
            Self::Create { kind: Kind::CallCode, .. } => Endpoint::CreateCallCode,
            Self::Create { kind: Kind::Campaign, .. } => Endpoint::CreateCampaign,
            Self::Create { kind: Kind::Webhook, .. } => Endpoint::CreateWebhook,
            Self::Update { document: Document::Outcome, .. } => Endpoint::UpdateOutcome,
            Self::Update { document: Document::Desktop, .. } => Endpoint::UpdateDesktop,
            Self::Update { document: Document::CallCode, .. } => Endpoint::UpdateCallCode,
            Self::Update { document: Document::Webhook, .. } => Endpoint::UpdateWebhook,
            Self::Update { document: Document::Campaign, .. } | Self::Transition { .. } => Endpoint::UpdateCampaign,
            Self::Assign { .. } => Endpoint::Assign,
            Self::Reassign { .. } => Endpoint::Reassign,
            Self::Unassign { .. } => Endpoint::Unassign,
        }
    }
}
