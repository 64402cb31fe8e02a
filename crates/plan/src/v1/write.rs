//! Writes and preconditions in format 1.

use std::collections::BTreeMap;

use cxform_model::{
    Address, CampaignStatus, Document, Fields, Kind, NewParent, Precondition, RemoteId, Target, Version, Write,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PlanError;

/// What must hold for a write to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum PreconditionV1 {
    Absent {},
    Version { version: Version },
    Content { hash: String },
    Follows {},
}

/// One write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum WriteV1 {
    Create {
        kind: KindV1,
        #[serde(skip_serializing_if = "Option::is_none")]
        parent: Option<TargetV1>,
        fields: BTreeMap<String, Value>,
    },
    Update {
        document: DocumentV1,
        target: TargetV1,
        #[serde(skip_serializing_if = "Option::is_none")]
        parent: Option<NewParentV1>,
        fields: BTreeMap<String, Value>,
    },
    Transition {
        target: TargetV1,
        to: StatusV1,
    },
    Assign {
        campaign: TargetV1,
        outcome: TargetV1,
        sequence: u64,
        default: bool,
    },
    Reassign {
        campaign: TargetV1,
        outcome: TargetV1,
        #[serde(skip_serializing_if = "Option::is_none")]
        sequence: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        default: Option<bool>,
    },
    Unassign {
        campaign: TargetV1,
        outcome: TargetV1,
    },
}

/// The object that a write needs the id of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum TargetV1 {
    Existing(RemoteId),
    Created(Address),
}

/// Where a moved object goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum NewParentV1 {
    Root,
    Below(TargetV1),
}

/// A kind that can be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum KindV1 {
    Outcome,
    CallCode,
    Campaign,
    Webhook,
}

/// The remote document that an update writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum DocumentV1 {
    Outcome,
    Desktop,
    CallCode,
    Campaign,
    Webhook,
}

/// A run state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the format's")]
pub enum StatusV1 {
    Draft,
    Active,
    Paused,
    Completed,
}

impl From<CampaignStatus> for StatusV1 {
    fn from(status: CampaignStatus) -> Self {
        match status {
            CampaignStatus::Draft => Self::Draft,
            CampaignStatus::Active => Self::Active,
            CampaignStatus::Paused => Self::Paused,
            CampaignStatus::Completed => Self::Completed,
        }
    }
}

impl From<StatusV1> for CampaignStatus {
    fn from(status: StatusV1) -> Self {
        match status {
            StatusV1::Draft => Self::Draft,
            StatusV1::Active => Self::Active,
            StatusV1::Paused => Self::Paused,
            StatusV1::Completed => Self::Completed,
        }
    }
}

/// A write as the digest covers it.
pub(crate) fn write_json(write: &Write) -> Value {
    serde_json::to_value(WriteV1::from(write)).unwrap_or_default()
}

/// A precondition as the digest covers it.
pub(crate) fn precondition_json(precondition: &Precondition) -> Value {
    serde_json::to_value(PreconditionV1::from(precondition)).unwrap_or_default()
}

impl From<&Precondition> for PreconditionV1 {
    fn from(precondition: &Precondition) -> Self {
        match precondition {
            Precondition::Absent => Self::Absent {},
            Precondition::Version(version) => Self::Version { version: *version },
            Precondition::Content(hash) => Self::Content { hash: hash.clone() },
            Precondition::Follows => Self::Follows {},
        }
    }
}

impl From<PreconditionV1> for Precondition {
    fn from(precondition: PreconditionV1) -> Self {
        match precondition {
            PreconditionV1::Absent {} => Self::Absent,
            PreconditionV1::Version { version } => Self::Version(version),
            PreconditionV1::Content { hash } => Self::Content(hash),
            PreconditionV1::Follows {} => Self::Follows,
        }
    }
}

impl From<&Target> for TargetV1 {
    fn from(target: &Target) -> Self {
        match target {
            Target::Existing(id) => Self::Existing(id.clone()),
            Target::Created(address) => Self::Created(address.clone()),
        }
    }
}

impl From<TargetV1> for Target {
    fn from(target: TargetV1) -> Self {
        match target {
            TargetV1::Existing(id) => Self::Existing(id),
            TargetV1::Created(address) => Self::Created(address),
        }
    }
}

impl From<&Write> for WriteV1 {
    fn from(write: &Write) -> Self {
        match write {
            Write::Create { kind, parent, fields } => Self::Create {
                kind: match kind {
                    Kind::CallCode => KindV1::CallCode,
                    Kind::Campaign => KindV1::Campaign,
                    Kind::Webhook => KindV1::Webhook,
                    // Assignments are written by their own calls, never created by this one.
                    Kind::Outcome | Kind::Assignment => KindV1::Outcome,
                },
                parent: parent.as_ref().map(TargetV1::from),
                fields: fields.to_paths(),
            },
            Write::Update { document, target, parent, fields } => Self::Update {
                document: match document {
                    Document::Outcome => DocumentV1::Outcome,
                    Document::Desktop => DocumentV1::Desktop,
                    Document::CallCode => DocumentV1::CallCode,
                    Document::Campaign => DocumentV1::Campaign,
                    Document::Webhook => DocumentV1::Webhook,
                },
                target: target.into(),
                parent: parent.as_ref().map(|parent| match parent {
                    NewParent::Root => NewParentV1::Root,
                    NewParent::Below(target) => NewParentV1::Below(target.into()),
                }),
                fields: fields.to_paths(),
            },
            Write::Transition { target, to } => Self::Transition { target: target.into(), to: StatusV1::from(*to) },
            Write::Assign { campaign, outcome, sequence, default } => Self::Assign {
                campaign: campaign.into(),
                outcome: outcome.into(),
                sequence: *sequence,
                default: *default,
            },
            Write::Reassign { campaign, outcome, sequence, default } => Self::Reassign {
                campaign: campaign.into(),
                outcome: outcome.into(),
                sequence: *sequence,
                default: *default,
            },
            Write::Unassign { campaign, outcome } => {
                Self::Unassign { campaign: campaign.into(), outcome: outcome.into() }
            }
        }
    }
}

impl TryFrom<WriteV1> for Write {
    type Error = PlanError;

    fn try_from(write: WriteV1) -> Result<Self, PlanError> {
        let read = |kind, paths| {
            Fields::from_paths(kind, paths)
                .map_err(|path| PlanError::Contradiction(format!("`{path}` is no field of kind `{kind}`")))
        };
        Ok(match write {
            WriteV1::Create { kind, parent, fields } => {
                let kind = match kind {
                    KindV1::Outcome => Kind::Outcome,
                    KindV1::CallCode => Kind::CallCode,
                    KindV1::Campaign => Kind::Campaign,
                    KindV1::Webhook => Kind::Webhook,
                };
                Self::Create { kind, parent: parent.map(Target::from), fields: read(kind, fields)? }
            }
            WriteV1::Update { document, target, parent, fields } => {
                let document = match document {
                    DocumentV1::Outcome => Document::Outcome,
                    DocumentV1::Desktop => Document::Desktop,
                    DocumentV1::CallCode => Document::CallCode,
                    DocumentV1::Campaign => Document::Campaign,
                    DocumentV1::Webhook => Document::Webhook,
                };
                let parent = parent.map(|parent| match parent {
                    NewParentV1::Root => NewParent::Root,
                    NewParentV1::Below(target) => NewParent::Below(target.into()),
                });
                Self::Update { document, target: target.into(), parent, fields: read(document.kind(), fields)? }
            }
            WriteV1::Transition { target, to } => {
                Self::Transition { target: target.into(), to: CampaignStatus::from(to) }
            }
            WriteV1::Assign { campaign, outcome, sequence, default } => {
                Self::Assign { campaign: campaign.into(), outcome: outcome.into(), sequence, default }
            }
            WriteV1::Reassign { campaign, outcome, sequence, default } => {
                Self::Reassign { campaign: campaign.into(), outcome: outcome.into(), sequence, default }
            }
            WriteV1::Unassign { campaign, outcome } => {
                Self::Unassign { campaign: campaign.into(), outcome: outcome.into() }
            }
        })
    }
}
