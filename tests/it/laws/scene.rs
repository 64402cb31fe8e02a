//! A world at work, in this very process: the crates together against a tenant behind real sockets.

// The very reading that the command does; the command is a binary, so nothing else can be linked.
#[path = "../../../crates/cli/src/observe.rs"]
mod observe;

use std::sync::Arc;
use std::time::Duration;

use cxform_apply::{Report, StepResult, Stop, Unrecorded};
use cxform_emulator::{Options, PutMode, Quirks, RateLimits, Seed};
use cxform_manifest::{HumanStyle, Project};
use cxform_model::{Desired, Guard, Kind, Observed, Rate};
use cxform_plan::Plan;
use cxform_rules::Context;
use cxform_tenant::{Auth, Config, Connection, RetryPolicy, TokenStyle};
use serde_json::Value;

use super::world::World;
use crate::tenant::Tenant;

const PROJECT: &str = "apiVersion: cxform/v1\nkind: Project\nmetadata: { name: laws }\nspec:\n  environments:\n    test: { emulator: {} }\n";

/// The waits of a tenant that is next door.
const PATIENCE: RetryPolicy = RetryPolicy {
    tries: 4,
    budget: Duration::from_secs(2),
    first: Duration::from_millis(2),
    longest: Duration::from_millis(8),
};

/// A world at work: its project read, its tenant running.
pub struct Scene {
    pub tenant: Tenant,
    connection: Connection,
    pub desired: Desired,
}

impl Scene {
    pub fn new(world: &World, put: PutMode, quirks: &[&str]) -> Result<Self, String> {
        let quirks = Quirks::parse(quirks.iter().copied()).unwrap();
        Self::with(world, Options { quirks, put, ..Options::default() })
    }

    /// A tenant that has these oddities.
    pub fn with(world: &World, oddities: Options) -> Result<Self, String> {
        let options = Options { seed: Seed::Document(world.tenant.clone()), rate_limit: RateLimits::OFF, ..oddities };
        let tenant = Tenant::start(options);
        let connection = connect(&tenant);
        Ok(Self { tenant, connection, desired: read([("manifests/all.yaml", world.manifest().as_str())])? })
    }

    /// Forgets tokens and connections, as the next process does.
    pub fn reconnect(&mut self) {
        self.connection = connect(&self.tenant);
    }

    pub fn plan(&self) -> Result<Plan, String> {
        plan(&self.desired, &self.observe()?)
    }

    pub fn observe(&self) -> Result<Observed, String> {
        let reader = self.connection.reader();
        self.tenant.block_on(observe::observe(&reader, &self.desired)).map_err(|error| error.to_string())
    }

    /// What a plan for other manifests than the world's reads.
    pub fn observe_for(&self, desired: &Desired) -> Result<Observed, String> {
        let reader = self.connection.reader();
        self.tenant.block_on(observe::observe(&reader, desired)).map_err(|error| error.to_string())
    }

    /// All that there is.
    pub fn everything(&self) -> Result<Observed, String> {
        let reader = self.connection.reader();
        let read = async {
            let mut observed = Observed::default();
            for kind in [Kind::Outcome, Kind::CallCode, Kind::Campaign, Kind::Webhook] {
                observed.listings.insert(kind, reader.list(kind).await?);
            }
            for campaign in observed.of(Kind::Campaign).to_vec() {
                if let Some(desktop) = reader.desktop(&campaign.id).await? {
                    observed.desktops.insert(campaign.id, desktop);
                }
            }
            Ok::<_, cxform_tenant::TenantError>(observed)
        };
        self.tenant.block_on(read).map_err(|error| error.to_string())
    }

    pub fn apply(&self, plan: Plan) -> Report {
        let options = cxform_apply::Options { patience: PATIENCE, ..cxform_apply::Options::new(Arc::new(Unrecorded)) };
        let run = async { cxform_apply::run(Arc::new(plan), &self.connection, options, |_| {}, &Stop::new()).await };
        self.tenant.block_on(run).unwrap()
    }

    /// Plans, applies, and insists that every single step went through at the first try.
    pub fn converge(&self) -> Result<Plan, String> {
        let before = self.connection.statistics().total().retries;
        let plan = self.plan()?;
        let report = self.apply(plan.clone());
        if let Some(step) = report.steps.iter().find(|step| step.result != StepResult::Applied) {
            return Err(format!("{step:#?}\n{:#?}", self.tenant.writes()));
        }
        // A tenant that counts assignments in a campaign's version makes apply look and send anew; the client repeats nothing.
        let repeated = self.connection.statistics().total().retries - before;
        if repeated > 0 {
            return Err(format!("{repeated} requests were repeated"));
        }
        let again = self.plan()?;
        if again.steps.is_empty() && again.changes.is_empty() {
            Ok(plan)
        } else {
            Err(format!("the plan after apply is not empty: {:#?}", again.changes))
        }
    }
}

fn connect(tenant: &Tenant) -> Connection {
    let auth = Auth {
        token_path: "/api/v2/oauth/token".to_owned(),
        style: TokenStyle::Form,
        client_id: "emulator-client".to_owned(),
        client_secret: "emulator-secret".to_owned().into(),
        scopes: Vec::new(),
    };
    let mut config = Config::new(tenant.url(), auth);
    let fast = Rate { requests: 1_000_000, seconds: 1 };
    config.rate_limits = cxform_model::RateLimits { outcomes: fast, default: fast };
    config.retry = PATIENCE;
    Connection::new(config).unwrap()
}

pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Desired, String> {
    let files = files.into_iter().map(|(name, text)| (name, text.as_bytes()));
    let (project, diagnostics) = Project::in_memory(Some(PROJECT.as_bytes()), files);
    let project = project.ok_or_else(|| diagnostics.human(&HumanStyle::default()))?;
    let loaded = project.load(project.environment(None).unwrap(), &Context::default(), None);
    loaded.desired.ok_or_else(|| loaded.diagnostics.human(&HumanStyle::default()))
}

pub fn plan(desired: &Desired, observed: &Observed) -> Result<Plan, String> {
    let options = cxform_plan::Options {
        allow_assigned: true,
        allow_empty: true,
        allow_resume: true,
        guard: Guard { max_changed_percent: 100.0, max_retired_percent: 100.0, ..Guard::default() },
        waivers: cxform_rules::catalogue()
            .iter()
            // Worlds are about what a plan does, not about whether a campaign is fit to dial.
            .filter(|rule| rule.name.starts_with("launch-"))
            .map(|rule| cxform_plan::Waiver { rule: rule.id.to_owned(), addresses: "*".parse().unwrap() })
            .collect(),
        ..cxform_plan::Options::new("laws", "test", "tenant", Context::default())
    };
    cxform_plan::plan(desired, observed, &options).map_err(|refusal| refusal.to_string())
}

/// Two objects of one kind under one key.
pub fn twins(state: &Value) -> Result<(), String> {
    for (table, key) in [
        ("outcomes", ["code", ""]),
        ("callcodes", ["code", "parentCallCodeId"]),
        ("campaigns", ["name", ""]),
        ("webhooks", ["name", ""]),
    ] {
        let mut seen = std::collections::BTreeSet::new();
        for row in state[table].as_array().unwrap() {
            let key = key.map(|name| row[name].as_str().unwrap_or_default().to_owned());
            if !seen.insert(key.clone()) {
                return Err(format!("two {table} are {key:?}"));
            }
        }
    }
    Ok(())
}
