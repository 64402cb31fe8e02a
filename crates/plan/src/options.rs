//! What a plan is made for, and what its author allows.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Address, Guard, RateLimits, Version};
use cxform_rules::Context;

use crate::Selector;

/// Everything besides the two inventories that decides a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The project's name.
    pub project: String,
    /// The environment's name.
    pub environment: String,
    /// What identifies the tenant.
    pub tenant: String,
    /// What rules need to know of the world: the date that the dial windows are proven from.
    pub context: Context,
    /// The rates that the estimate is made with.
    pub rate_limits: RateLimits,
    /// How much of the tenant may change: the project's limits, and what `--allow-changed` and `--allow-retired` raise.
    pub guard: Guard,
    /// Plan only these, and what they need; everything where it is empty.
    pub target: Vec<Selector>,
    /// Leave these out, and what needs them.
    pub exclude: Vec<Selector>,
    /// `--allow-assigned`: retire outcomes that unmanaged desktops still show.
    pub allow_assigned: bool,
    /// `--allow-empty`: accept an empty desired set under an authority or an exclusive desktop.
    pub allow_empty: bool,
    /// `--allow-protected`: retire or complete protected objects.
    pub allow_protected: bool,
    /// `--allow-resume`: let paused campaigns dial again.
    pub allow_resume: bool,
    /// What earlier runs created or changed, where a store knows it.
    pub known: Option<BTreeSet<Address>>,
    /// Campaigns that runs of cxform paused, where a store knows it: these may dial again without the flag, and those
    /// that were to stand still for an update alone do.
    pub own_pauses: BTreeMap<Address, OwnPause>,
    /// Findings that the project accepts as warnings.
    pub waivers: Vec<Waiver>,
}

/// How cxform left a campaign that it had paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPause {
    /// The version that it left. At another one somebody has written since, and may have meant that it stays paused.
    pub version: Version,
    /// The run that paused it.
    pub run: String,
    /// Whether that run was to set it dialling again after an update.
    pub for_update: bool,
}

/// A rule that only warns about some addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The rule's id.
    pub rule: String,
    /// The addresses.
    pub addresses: Selector,
}

impl Options {
    /// A plan of everything, allowing nothing out of the ordinary.
    #[must_use]
    pub fn new(
        project: impl Into<String>,
        environment: impl Into<String>,
        tenant: impl Into<String>,
        context: Context,
    ) -> Self {
        Self {
            project: project.into(),
            environment: environment.into(),
            tenant: tenant.into(),
            context,
            rate_limits: RateLimits::default(),
            guard: Guard::default(),
            target: Vec::new(),
            exclude: Vec::new(),
            allow_assigned: false,
            allow_empty: false,
            allow_protected: false,
            allow_resume: false,
            known: None,
            own_pauses: BTreeMap::new(),
            waivers: Vec::new(),
        }
    }
}
