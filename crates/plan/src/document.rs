//! The plan as immutable data: what a person reviews and what apply carries out are the same value.

use std::collections::BTreeMap;

use cxform_model::{Address, Field, Fingerprint, Precondition, Version, Write};
use serde_json::Value;

use crate::Live;

/// What would change on one tenant, and exactly how.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What tells this plan from another one with the same content, where the caller gave it a name: a saved plan is
    /// spent by id, since a later plan may well write the same bytes. No part of the digest.
    pub id: Option<String>,
    /// The project's name.
    pub project: String,
    /// The environment's name.
    pub environment: String,
    /// What identifies the tenant, so that a plan is never applied to another one.
    pub tenant: String,
    /// What would change, by address, in display order.
    pub changes: Vec<Change>,
    /// The writes, in an order that respects every dependency.
    pub steps: Vec<Step>,
    /// The campaigns that dial while this is written. No part of the digest: figures move by the minute.
    pub live: Vec<Live>,
    /// The policies of the project that this plan breaks and somebody lets pass. No part of the digest.
    pub allowances: Vec<Allowance>,
    /// Managed objects that are in sync.
    pub unchanged: usize,
    /// What a reviewer should know.
    pub warnings: Vec<Warning>,
    /// Requests and time that apply takes.
    pub estimate: Estimate,
    /// `sha256:...` over project, environment, tenant, step bodies and preconditions.
    pub digest: String,
    /// Where it comes from. No part of the digest.
    pub provenance: Provenance,
}

/// Where a plan comes from, so that it is carried out only where that still holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The git commit that was checked out, with `-dirty` where files differed from it.
    pub commit: Option<String>,
    /// `sha256:...` over the project's files; `None` where the plan was not made from files.
    pub content: Option<String>,
    /// What tells the tenant that was read from others.
    pub fingerprint: Fingerprint,
}

/// What happens to one address.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The object.
    pub address: Address,
    /// What happens.
    pub action: Action,
    /// Why, in a few words.
    pub reason: String,
    /// Where it is asked for; `None` for what no manifest lists any more.
    pub source: Option<Place>,
    /// The fields that change, in the order of the table.
    pub fields: Vec<FieldChange>,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It is created.
    Create,
    /// Fields of it change.
    Update,
    /// It is deactivated; its history stays.
    Retire,
    /// An outcome is put on a desktop.
    Assign,
    /// An outcome is taken off a desktop.
    Unassign,
    /// A campaign changes its run state.
    Transition,
}

impl Action {
    /// Every action, in display order.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Update, Self::Retire, Self::Assign, Self::Unassign, Self::Transition];

    /// The word in plans.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Retire => "retire",
            Self::Assign => "assign",
            Self::Unassign => "unassign",
            Self::Transition => "transition",
        }
    }
}

/// One field of a change. `parent` is the path of an object's place in the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The path: `dialerSettings.callRate`.
    pub path: String,
    /// The value on the tenant; null where there is none.
    pub before: Value,
    /// The value afterwards.
    pub after: Value,
    /// Where it is asked for.
    pub source: Option<Place>,
}

/// A place in a manifest, by file name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the project.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// A policy that a plan may break, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The policy's id.
    pub policy: String,
    /// Why it may.
    pub reason: String,
}

/// A warning that travels with the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    /// The rule's id, where a rule warns.
    pub rule: Option<String>,
    /// The object it is about.
    pub address: Option<Address>,
    /// The warning.
    pub message: String,
    /// Where the cause is written.
    pub source: Option<Place>,
}

/// How much work apply is.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Requests in all: writes, and the reads that guard them.
    pub requests: u64,
    /// Requests by the name of the endpoint.
    pub by_endpoint: BTreeMap<String, u64>,
    /// Seconds at the environment's rates, the slowest quota deciding; a full burst makes it shorter.
    pub seconds: f64,
}

/// One write with all that decides whether it may be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Unique in the plan and the same in every plan with the same content: `outcome/SI-DEMO:create`.
    pub id: String,
    /// The object that is written.
    pub address: Address,
    /// The action of the change that it belongs to.
    pub action: Action,
    /// The steps that must have been applied before.
    pub needs: Vec<String>,
    /// What must hold.
    pub precondition: Precondition,
    /// The write.
    pub write: Write,
    /// Every known field of the object as observed when the plan was made, its key and the id above it (`parent`)
    /// included: the base of a three-way comparison, and what an inverse goes back to. Empty for what is created.
    pub base: BTreeMap<String, Value>,
    /// The version observed when the plan was made, where the object has one.
    pub base_version: Option<Version>,
    /// Whether the desktop shows nothing on the far side of this step: none when the plan was made, where an outcome is
    /// put on it; none in the end, and so meant, where one is taken off.
    pub bare: bool,
    /// Where each written field is asked for, by path; the empty path is the object.
    pub places: BTreeMap<String, Place>,
}

impl FieldChange {
    /// The change of a field of a kind's table.
    #[must_use]
    pub fn of(field: Field, before: Value, after: Value, source: Option<Place>) -> Self {
        Self { path: field.path().to_owned(), before, after, source }
    }
}
