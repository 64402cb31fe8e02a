//! What a caller decides about a tenant: where it is, who we are, how fast and how patient. Checked before any request.

use std::path::PathBuf;
use std::time::Duration;

use cxform_model::{Rate, RateLimits};
use reqwest::Url;
use secrecy::SecretString;

use crate::{RetryPolicy, v2};

/// A tenant and how to talk to it.
#[derive(Debug, Clone)]
pub struct Config {
    /// `https://HOST`, with a path where a gateway needs one; plain `http` only for loopback.
    pub base_url: String,
    /// Which of the two campaign paths the tenant serves.
    pub campaigns_path: String,
    /// How tokens are got.
    pub auth: Auth,
    /// The tenant's request rates; the client stays a few per cent below them.
    pub rate_limits: RateLimits,
    /// Objects per page, 1 to 250 \[000\].
    pub page_size: u32,
    /// Pages after which a listing counts as endless.
    pub page_limit: u32,
    /// Pages of one listing that are read at once.
    pub parallel_reads: usize,
    /// How long a request is repeated.
    pub retry: RetryPolicy,
    /// How long one attempt may take.
    pub timeouts: Timeouts,
    /// The largest answer, in bytes after decompression.
    pub answer_limit: usize,
    /// A PEM file with the only certificate authorities to trust; the system's otherwise.
    pub ca_file: Option<PathBuf>,
}

/// The client credentials grant of one environment.
#[derive(Debug, Clone)]
pub struct Auth {
    /// The path of the token endpoint, below the base URL.
    pub token_path: String,
    /// How it takes the credentials.
    pub style: TokenStyle,
    /// The client's id.
    pub client_id: String,
    /// The client's secret; never printed.
    pub client_secret: SecretString,
    /// What to ask for; none asks for all that the client owns.
    pub scopes: Vec<String>,
}

/// How a token endpoint takes the client's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStyle {
    /// All in a form \[000\]\[003\]\[004\].
    Form,
    /// HTTP basic authentication and a form \[001\].
    Basic,
    /// All in a JSON body \[002\].
    Json,
}

/// Limits of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// Until the answer is read to its end.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(60) }
    }
}

impl Config {
    /// A tenant with every default.
    #[must_use]
    pub fn new(base_url: impl Into<String>, auth: Auth) -> Self {
        Self {
            base_url: base_url.into(),
            campaigns_path: v2::DEFAULT_CAMPAIGNS_PATH.to_owned(),
            auth,
            rate_limits: RateLimits::default(),
            page_size: MOST_PER_PAGE,
            page_limit: 10_000,
            parallel_reads: 8,
            retry: RetryPolicy::default(),
            timeouts: Timeouts::default(),
            answer_limit: 64 * 1024 * 1024,
            ca_file: None,
        }
    }

    /// Checks everything that can be checked without a request.
    ///
    /// # Errors
    /// The first setting that cannot work.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.checked_base_url().map(|_| ())
    }

    pub(crate) fn checked_base_url(&self) -> Result<Url, ConfigError> {
        let Self {
            base_url,
            campaigns_path,
            auth,
            rate_limits,
            page_size,
            page_limit,
            parallel_reads,
            retry,
            timeouts,
            answer_limit,
            ca_file: _,
        } = self;
        check_path("campaignsPath", campaigns_path)?;
        check_path("auth.tokenPath", &auth.token_path)?;
        if auth.style == TokenStyle::Basic && auth.client_id.contains(':') {
            return Err(ConfigError::Setting("auth.clientId", "must not hold `:` with the style `basic`"));
        }
        if auth.client_id.is_empty() {
            return Err(ConfigError::Setting("auth.clientId", "must not be empty"));
        }
        if secrecy::ExposeSecret::expose_secret(&auth.client_secret).is_empty() {
            return Err(ConfigError::Setting("auth.clientSecret", "must not be empty"));
        }
        if !(1..=MOST_PER_PAGE).contains(page_size) {
            return Err(ConfigError::Setting("pageSize", "must be between 1 and 250"));
        }
        let possible = |rate: Rate| rate.requests > 0 && rate.seconds > 0;
        if !possible(rate_limits.outcomes) || !possible(rate_limits.default) {
            return Err(ConfigError::Setting("rateLimits", "must allow requests"));
        }
        if *page_limit == 0 || *parallel_reads == 0 || retry.tries == 0 || *answer_limit == 0 {
            return Err(ConfigError::Setting("pages, parallel reads, tries and answer size", "must be more than 0"));
        }
        if timeouts.connect.is_zero() || timeouts.total.is_zero() {
            return Err(ConfigError::Setting("timeouts", "must be more than 0"));
        }
        parse_base_url(base_url)
    }
}

/// The most that outcomes give per page \[000\].
const MOST_PER_PAGE: u32 = 250;

fn check_path(setting: &'static str, path: &str) -> Result<(), ConfigError> {
    let plain = path.starts_with('/')
        && path.len() > 1
        && path.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."))
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'\\' | b'%'));
    if plain { Ok(()) } else { Err(ConfigError::Path { setting, path: path.to_owned() }) }
}

/// Messages quote the URL only once it is known to hold no password.
fn parse_base_url(text: &str) -> Result<Url, ConfigError> {
    let url: Url = text.parse().map_err(|_| ConfigError::BaseUrl("is not a URL: expected `https://HOST`"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(ConfigError::BaseUrl("must start with `https://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ConfigError::BaseUrl("must not hold a user name or password: credentials belong in `auth`"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(ConfigError::BaseUrl("must not hold a query or a fragment"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(ConfigError::PlainHttp(url.host_str().unwrap_or_default().to_owned()));
    }
    Ok(url)
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// A setting that cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The base URL is none.
    #[error("the base URL {0}")]
    BaseUrl(&'static str),
    /// The base URL would send the token in the clear.
    #[error("the base URL speaks plain http to `{0}`: use https (plain http is for loopback alone)")]
    PlainHttp(String),
    /// A path is none.
    #[error("`{setting}` is `{path}`: expected a path such as `/api/v2/name`, without query")]
    Path {
        /// Which setting.
        setting: &'static str,
        /// Its value.
        path: String,
    },
    /// A setting is out of bounds.
    #[error("`{0}` {1}")]
    Setting(&'static str, &'static str),
    /// The certificate file cannot be used.
    #[error("cannot use the certificates of `{path}`: {cause}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// No HTTP client can be made here.
    #[error("cannot set up TLS: {0}; where the system has no certificate store, name a PEM file as `caFile`")]
    Tls(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base_url: &str) -> Result<(), ConfigError> {
        Config::new(base_url, crate::testing::auth()).validate()
    }

    #[test]
    fn only_https_and_loopback_are_spoken_to() {
        for good in ["https://api-us-1.cxone.com", "https://gw.example/cx/", "http://127.0.0.1:1", "http://[::1]:1"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check("http://api.cxone.com"), Err(ConfigError::PlainHttp("api.cxone.com".into())));
        assert_eq!(
            check("http://localhost.evil.example"),
            Err(ConfigError::PlainHttp("localhost.evil.example".into()))
        );
        for bad in ["", "api.cxone.com", "ftp://x", "https://x?y=1", "https://x#y", "https://"] {
            assert!(matches!(check(bad), Err(ConfigError::BaseUrl(_))), "{bad}");
        }
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        let error = check("https://me:hunter22@x.example").unwrap_err().to_string();
        assert!(error.contains("user name") && !error.contains("hunter22"), "{error}");
    }

    #[test]
    fn paths_are_plain() {
        for path in ["", "/", "api", "/a?b", "/a/../b", "/a b", "//evil.example", "/a%2f"] {
            let mut config = Config::new("https://x.example", crate::testing::auth());
            config.campaigns_path = path.to_owned();
            assert!(matches!(config.validate(), Err(ConfigError::Path { .. })), "{path}");
        }
    }
}
