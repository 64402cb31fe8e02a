//! From an environment to a connection: a remote tenant, or the emulator inside this process.

use std::path::Path;

use anyhow::Context as _;
use cxform_emulator as emulator;
use cxform_manifest::{Resolved, ResolvedAuth, ResolvedTenant, TokenStyle};
use cxform_model::{Fingerprint, Rate, RateLimits};
use cxform_tenant::{Auth, Config, Connection};

use crate::args::TenantArgs;
use crate::fingerprint;
use crate::recording::folder;

const EMBEDDED: &str = "emulator:";

/// Whether this identity is that of an emulator inside the process: nobody else writes to it.
pub fn is_embedded(identity: &str) -> bool {
    identity.starts_with(EMBEDDED)
}

/// An open way to a tenant. The embedded emulator lives as long as it does.
pub struct Session {
    /// The connection.
    pub connection: Connection,
    /// What identifies the tenant in plans.
    pub tenant: String,
    emulator: Option<emulator::Running>,
}

impl Session {
    /// Connects to what the environment names, and looks whether that is the tenant that it pins. Without a pin nothing is sent.
    pub async fn open(project: &Path, environment: Resolved, args: &TenantArgs) -> anyhow::Result<Self> {
        let Resolved { name, tenant, rate_limits, protected: _, fingerprint } = environment;
        let identity = identity(&name, &tenant);
        let (mut config, emulator) = match tenant {
            ResolvedTenant::Remote { base_url, campaigns_path, auth } => {
                let mut config = Config::new(base_url, client(auth));
                config.campaigns_path = campaigns_path;
                (config, None)
            }
            ResolvedTenant::Emulator { seed } => {
                let running = embedded(project, &name, seed.as_deref(), rate_limits).await?;
                let auth = Auth {
                    token_path: "/api/v2/oauth/token".to_owned(),
                    style: cxform_tenant::TokenStyle::Form,
                    client_id: running.client_id().to_owned(),
                    client_secret: running.client_secret().into(),
                    scopes: Vec::new(),
                };
                (Config::new(running.url(), auth), Some(running))
            }
        };
        config.rate_limits = rate_limits;
        config.ca_file.clone_from(&args.ca_file);
        let session = Self { connection: Connection::new(config)?, tenant: identity, emulator };
        match session.verify(&fingerprint, &format!("environment `{name}`")).await {
            Ok(()) => Ok(session),
            Err(error) => {
                session.close().await;
                Err(error)
            }
        }
    }

    /// Whether the tenant is the one that bears this fingerprint.
    ///
    /// # Errors
    /// It is another one, or cannot be read.
    pub async fn verify(&self, marks: &Fingerprint, whose: &str) -> anyhow::Result<()> {
        fingerprint::verify(&self.connection.reader(), marks, whose, &self.tenant).await
    }

    /// Closes it; the embedded emulator writes its state.
    pub async fn close(self) {
        if let Some(running) = self.emulator {
            running.shutdown().await;
        }
    }
}

fn client(auth: ResolvedAuth) -> Auth {
    let ResolvedAuth { token_path, style, client_id, client_secret, scopes } = auth;
    let style = match style {
        TokenStyle::Form => cxform_tenant::TokenStyle::Form,
        TokenStyle::Basic => cxform_tenant::TokenStyle::Basic,
        TokenStyle::Json => cxform_tenant::TokenStyle::Json,
    };
    Auth { token_path, style, client_id, client_secret, scopes }
}

/// What identifies a tenant in plans and records.
pub fn identity(environment: &str, tenant: &ResolvedTenant) -> String {
    match tenant {
        ResolvedTenant::Remote { base_url, .. } => base_url.clone(),
        ResolvedTenant::Emulator { .. } => format!("{EMBEDDED}{environment}"),
    }
}

/// What the lock of a tenant is named after: an embedded emulator belongs to its project's folder.
pub fn lock_name(project: &Path, environment: &Resolved) -> String {
    let identity = identity(&environment.name, &environment.tenant);
    match &environment.tenant {
        ResolvedTenant::Remote { .. } => identity,
        ResolvedTenant::Emulator { .. } => {
            let folder = project.canonicalize().unwrap_or_else(|_| project.to_owned());
            format!("{identity} in {}", folder.display())
        }
    }
}

async fn embedded(
    project: &Path,
    name: &str,
    seed: Option<&str>,
    limits: RateLimits,
) -> anyhow::Result<emulator::Running> {
    let prepare = || {
        let folder = folder::prepare(project)?.join("emulator");
        std::fs::create_dir_all(&folder).map(|()| folder)
    };
    let folder = prepare()
        .with_context(|| format!("cannot keep the emulator's state in `{}`", project.join(folder::STATE).display()))?;
    let options = emulator::Options {
        seed: seed.map_or(emulator::Seed::Empty, |seed| emulator::Seed::File(project.join(seed))),
        state: Some(folder.join(format!("{name}.json"))),
        rate_limit: emulator::RateLimits { outcomes: Some(rate(limits.outcomes)), default: Some(rate(limits.default)) },
        ..emulator::Options::default()
    };
    emulator::Emulator::start(options)
        .await
        .with_context(|| format!("cannot start the emulator of environment `{name}`"))
}

fn rate(rate: Rate) -> emulator::Rate {
    emulator::Rate { requests: rate.requests, per: std::time::Duration::from_secs(u64::from(rate.seconds)) }
}
