//! An environment with everything filled in: what a client needs.

use cxform_model::{Fingerprint, RateLimits};
use secrecy::SecretString;

use super::environment::{Auth, Environment, Remote, Tenant, TokenStyle};
use super::template::{Lookup, Template};

const BASE_URL: &str = "CXONE_BASE_URL";
const CLIENT_ID: &str = "CXONE_CLIENT_ID";
const CLIENT_SECRET: &str = "CXONE_CLIENT_SECRET";

/// An environment that is ready to be used.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Its name.
    pub name: String,
    /// What it talks to.
    pub tenant: ResolvedTenant,
    /// The request rates of the tenant.
    pub rate_limits: RateLimits,
    /// Whether apply asks for the environment's name.
    pub protected: bool,
    /// What the tenant must hold, so that it is no other one; empty where nothing is pinned.
    pub fingerprint: Fingerprint,
}

/// What an environment talks to.
#[derive(Debug, Clone)]
pub enum ResolvedTenant {
    /// The embedded emulator.
    Emulator {
        /// The seed file, relative to the project's folder.
        seed: Option<String>,
    },
    /// A tenant.
    Remote {
        /// Scheme, host, port and perhaps a path, without a slash at the end.
        base_url: String,
        /// The path of the campaign resource.
        campaigns_path: String,
        /// How a token is got.
        auth: ResolvedAuth,
    },
}

/// How a token is got.
#[derive(Debug, Clone)]
pub struct ResolvedAuth {
    /// The path of the token endpoint.
    pub token_path: String,
    /// What a token request looks like.
    pub style: TokenStyle,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
    /// The scopes that are asked for; none means all that the client owns.
    pub scopes: Vec<String>,
}

/// Why an environment cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// A reference to a variable that is not set.
    #[error("{what} of environment `{environment}` needs `{variable}`, which is not set")]
    Unset {
        /// The environment.
        environment: String,
        /// The setting.
        what: &'static str,
        /// The variable of the process environment.
        variable: String,
    },
    /// Neither the file nor the process environment says it.
    #[error("environment `{environment}` has no {what}, and `{variable}` is not set")]
    Missing {
        /// The environment.
        environment: String,
        /// The setting.
        what: &'static str,
        /// The variable that could fill it in.
        variable: &'static str,
    },
    /// `CXONE_BASE_URL` would send the file's secrets elsewhere.
    #[error("`{BASE_URL}` is `{given}`, but environment `{environment}` talks to `{written}`")]
    OtherBaseUrl {
        /// The environment.
        environment: String,
        /// The base URL of the file.
        written: String,
        /// The base URL of the process environment.
        given: String,
    },
    /// A setting has a value that cannot be used.
    #[error("{what} of environment `{environment}` {fault}")]
    Unusable {
        /// The environment.
        environment: String,
        /// The setting.
        what: &'static str,
        /// What is wrong, as a predicate.
        fault: &'static str,
    },
}

impl Environment {
    /// Fills in the process environment, through `lookup`.
    ///
    /// # Errors
    /// A setting that is missing, unusable, or contradicted by `CXONE_BASE_URL`.
    pub fn resolve(&self, lookup: Lookup<'_>) -> Result<Resolved, ResolveError> {
        let tenant = match &self.tenant {
            Tenant::Emulator(emulator) => ResolvedTenant::Emulator { seed: emulator.seed.clone() },
            Tenant::Remote(remote) => self.remote(remote, lookup)?,
        };
        Ok(Resolved {
            name: self.name.clone(),
            tenant,
            rate_limits: self.rate_limits,
            protected: self.protected,
            fingerprint: self.fingerprint.clone(),
        })
    }

    fn remote(&self, remote: &Remote, lookup: Lookup<'_>) -> Result<ResolvedTenant, ResolveError> {
        let Remote { base_url, campaigns_path, auth } = remote;
        let base_url = self.base_url(base_url.as_ref(), lookup)?;
        let campaigns_path = self.path(campaigns_path.as_ref(), "the campaigns path", "/api/v2/campaigns", lookup)?;
        let Auth { token_path, style, client_id, client_secret, scopes } = auth;
        let token_path = self.path(token_path.as_ref(), "the token path", "/api/v2/oauth/token", lookup)?;
        let client_id = self.filled(client_id.as_ref(), "client id", CLIENT_ID, lookup)?;
        let client_secret = self.filled(client_secret.as_ref(), "client secret", CLIENT_SECRET, lookup)?;
        let auth = ResolvedAuth {
            token_path,
            style: *style,
            client_id,
            client_secret: client_secret.into(),
            scopes: scopes.clone(),
        };
        Ok(ResolvedTenant::Remote { base_url, campaigns_path, auth })
    }

    fn base_url(&self, written: Option<&Template>, lookup: Lookup<'_>) -> Result<String, ResolveError> {
        const WHAT: &str = "the base URL";
        let check = |url: &str| {
            base_url(url).map_err(|fault| ResolveError::Unusable { environment: self.name.clone(), what: WHAT, fault })
        };
        let given = lookup(BASE_URL).filter(|given| !given.trim().is_empty());
        let Some(written) = written else {
            let missing =
                || ResolveError::Missing { environment: self.name.clone(), what: "base URL", variable: BASE_URL };
            return check(&given.ok_or_else(missing)?);
        };
        let written = check(&self.template(written, WHAT, lookup)?)?;
        match given {
            Some(given) if base_url(&given).as_ref() != Ok(&written) => {
                // The given one may hold anything: it is shown only where it is a proper base URL.
                let given = base_url(&given).unwrap_or_else(|_| "no base URL".to_owned());
                Err(ResolveError::OtherBaseUrl { environment: self.name.clone(), written, given })
            }
            _ => Ok(written),
        }
    }

    fn path(
        &self,
        written: Option<&Template>,
        what: &'static str,
        default: &str,
        lookup: Lookup<'_>,
    ) -> Result<String, ResolveError> {
        let Some(written) = written else { return Ok(default.to_owned()) };
        let path = self.template(written, what, lookup)?;
        url_path(&path).map_err(|fault| ResolveError::Unusable { environment: self.name.clone(), what, fault })?;
        Ok(path)
    }

    fn filled(
        &self,
        written: Option<&Template>,
        what: &'static str,
        variable: &'static str,
        lookup: Lookup<'_>,
    ) -> Result<String, ResolveError> {
        match written {
            Some(written) => self.template(written, what, lookup),
            None => lookup(variable).filter(|value| !value.is_empty()).ok_or_else(|| ResolveError::Missing {
                environment: self.name.clone(),
                what,
                variable,
            }),
        }
    }

    fn template(&self, template: &Template, what: &'static str, lookup: Lookup<'_>) -> Result<String, ResolveError> {
        template
            .resolve(&|name| lookup(name).filter(|value| !value.is_empty()))
            .map_err(|variable| ResolveError::Unset { environment: self.name.clone(), what, variable })
    }
}

/// A base URL in its one form: lower-case scheme and host, no slash at the end.
pub(crate) fn base_url(url: &str) -> Result<String, &'static str> {
    let url = url.trim();
    let (scheme, rest) = url.split_once("://").ok_or("is no URL: write `https://HOST`")?;
    let scheme = scheme.to_ascii_lowercase();
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if authority.contains('@') {
        return Err("holds credentials, which belong into `auth`");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let valid_host = !host.is_empty()
        && host.chars().all(|character| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_' | '[' | ']' | ':')
        });
    if !valid_host || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("has no valid host");
    }
    if path.contains(['?', '#']) || path.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return Err("has a query, a fragment or white space");
    }
    let host = host.to_ascii_lowercase();
    let loopback = matches!(host.as_str(), "localhost" | "[::1]")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    match scheme.as_str() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("is plain `http`, which is for loopback addresses only"),
        _ => return Err("is neither `https` nor `http`"),
    }
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    Ok(format!("{scheme}://{host}{port}{}", path.trim_end_matches('/')))
}

/// A path on the tenant.
pub(crate) fn url_path(path: &str) -> Result<(), &'static str> {
    let plain = path.chars().all(|character| character.is_ascii_graphic() && !matches!(character, '?' | '#' | '\\'));
    if path.starts_with('/') && !path.starts_with("//") && plain && path.split('/').all(|part| part != "..") {
        Ok(())
    } else {
        Err("is no path: write one like `/api/v2/campaigns`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_https_or_loopback() {
        assert_eq!(base_url("HTTPS://API.Example.com/"), Ok("https://api.example.com".to_owned()));
        assert_eq!(base_url("http://127.0.0.1:8080"), Ok("http://127.0.0.1:8080".to_owned()));
        assert_eq!(base_url("http://[::1]:8080/x/"), Ok("http://[::1]:8080/x".to_owned()));
        for url in [
            "",
            "example.com",
            "ftp://x",
            "http://example.com",
            "https://",
            "https://u:p@x",
            "https://x?y",
            "https://x:port",
            "https://x/a?b",
            "http://127.0.0.1.evil.com",
        ] {
            assert!(base_url(url).is_err(), "{url}");
        }
    }
}
