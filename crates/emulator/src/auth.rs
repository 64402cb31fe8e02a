//! Tokens: who gets one, what it allows, and when it dies. Refuses to know which request needs what.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::{hash, scopes::Rights};

/// The one client of the tenant and the tokens it holds.
#[derive(Debug)]
pub(crate) struct Auth {
    client_id: String,
    client_secret: String,
    owned: Rights,
    life: Duration,
    salt: u64,
    minted: u64,
    tokens: HashMap<String, (Instant, Rights)>,
}

/// A token just handed out.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) token: String,
    pub(crate) seconds: u64,
    pub(crate) scope: String,
}

/// Why no token was handed out, in OAuth's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    Client,
    Grant,
    Scope,
}

impl Auth {
    /// The salt sets the tokens of one process apart from those of the next: a restart makes all of them unknown.
    pub(crate) fn new(client_id: &str, client_secret: &str, owned: Rights, life: Duration, salt: u64) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            owned,
            life,
            salt,
            minted: 0,
            tokens: HashMap::new(),
        }
    }

    pub(crate) fn grant(
        &mut self,
        client_id: &str,
        client_secret: &str,
        grant_type: &str,
        scope: Option<&str>,
        now: Instant,
    ) -> Result<Granted, Denied> {
        if client_id != self.client_id || client_secret != self.client_secret {
            return Err(Denied::Client);
        }
        if grant_type != "client_credentials" {
            return Err(Denied::Grant);
        }
        let asked = scope.map(str::trim).filter(|scope| !scope.is_empty());
        let rights = match asked {
            None => self.owned,
            Some(scope) => Rights::named(scope.split_whitespace()).map_err(|_| Denied::Scope)?,
        };
        if !self.owned.covers(rights) {
            return Err(Denied::Scope);
        }
        self.tokens.retain(|_, (until, _)| *until > now);
        self.minted += 1;
        let token = format!("emulated-{}", hash::uuid(self.salt ^ self.minted));
        self.tokens.insert(token.clone(), (now + self.life, rights));
        let scope = asked.map_or_else(|| rights.names(), str::to_owned);
        Ok(Granted { token, seconds: self.life.as_secs(), scope })
    }

    /// The rights of an `Authorization` header, or nothing for a missing, unknown or expired token.
    pub(crate) fn rights(&self, authorization: Option<&str>, now: Instant) -> Option<Rights> {
        let (scheme, token) = authorization?.split_once(' ')?;
        let (until, rights) = self.tokens.get(token.trim())?;
        (scheme.eq_ignore_ascii_case("bearer") && *until > now).then_some(*rights)
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }
}
