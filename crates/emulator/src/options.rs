//! How to start an emulator: one field per flag of `cxform emulator`.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde_json::Value;

use crate::{error::EmulatorError, faults::Script, limits::RateLimits, quirks::Quirks};

/// What a PUT of an outcome means on this tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PutMode {
    /// Fields that are not sent stay as they are.
    #[default]
    Merge,
    /// Fields that are not sent are gone.
    Replace,
}

impl PutMode {
    /// Reads `merge` or `replace`.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: &str) -> Result<Self, EmulatorError> {
        match text {
            "merge" => Ok(Self::Merge),
            "replace" => Ok(Self::Replace),
            other => Err(EmulatorError::Option {
                option: "put",
                message: format!("expected `merge` or `replace`, got `{other}`"),
            }),
        }
    }
}

/// Where the first state comes from. A state file that exists wins over any seed.
#[derive(Clone, Debug, Default)]
pub enum Seed {
    /// An empty tenant.
    #[default]
    Empty,
    /// A JSON file.
    File(PathBuf),
    /// A document at hand.
    Document(Value),
}

/// All settings of an emulator.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The objects to begin with.
    pub seed: Seed,
    /// The file that keeps the state across restarts.
    pub state: Option<PathBuf>,
    /// The only client that gets tokens.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The scopes that the client owns; `None` means all.
    pub scopes: Option<Vec<String>>,
    /// What a PUT means.
    pub put: PutMode,
    /// The rate limits.
    pub rate_limit: RateLimits,
    /// How long a token lives.
    pub token_ttl: Duration,
    /// Added to every answer.
    pub latency: Duration,
    /// The fault script to begin with.
    pub faults: Script,
    /// Oddities to show.
    pub quirks: Quirks,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: Seed::Empty,
            state: None,
            client_id: "emulator-client".to_owned(),
            client_secret: "emulator-secret".to_owned(),
            scopes: None,
            put: PutMode::Merge,
            rate_limit: RateLimits::STANDARD,
            token_ttl: Duration::from_secs(3600),
            latency: Duration::ZERO,
            faults: Script::default(),
            quirks: Quirks::default(),
        }
    }
}
