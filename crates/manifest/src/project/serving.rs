//! How `cxform serve` takes events in: `spec.serve`.

use std::net::SocketAddr;

use secrecy::SecretString;

use super::recording::{RecordingError, fill};
use super::template::{Lookup, Template};

/// What the project says about taking events in.
#[derive(Debug, Clone)]
pub struct Serving {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What signs: references alone, never a literal text. Several while senders change from one to the next.
    pub secrets: Vec<Template>,
    /// A header that senders put in, and its value.
    pub token: Option<(String, Template)>,
}

/// The same with the process environment filled in.
#[derive(Debug, Clone)]
pub struct ServingKeys {
    /// What signs.
    pub secrets: Vec<SecretString>,
    /// A header that senders put in.
    pub token: Option<(String, SecretString)>,
}

impl Serving {
    /// Where it listens, when nothing is said: this machine alone.
    pub(super) const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8787);

    /// The keys with the process environment filled in.
    ///
    /// # Errors
    /// A variable that they need is not set.
    pub fn keys(&self, lookup: Lookup<'_>) -> Result<ServingKeys, RecordingError> {
        let Self { listen: _, secrets, token } = self;
        let secrets =
            secrets.iter().map(|secret| fill(secret, "the `secret` of `serve`", lookup).map(SecretString::from));
        let token = token.as_ref().map(|(header, value)| {
            let value = fill(value, "the `token` of `serve`", lookup)?;
            Ok((header.clone(), value.into()))
        });
        Ok(ServingKeys { secrets: secrets.collect::<Result<_, _>>()?, token: token.transpose()? })
    }
}
