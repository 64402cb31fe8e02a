//! A tenant, spoken to: every request goes through here, within the rates, with a token, and again where that is safe.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cxform_model::Version;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::time::Instant;

use crate::limiter::Limiter;
use crate::redact::Redactor;
use crate::request::Request;
use crate::statistics::Counter;
use crate::token::{Bearer, Grant, Tokens};
use crate::transport::{Fault, Raw, Transport};
use crate::v2::{self, Facts};
use crate::{Backoff, Config, ConfigError, Reader, Statistics, TenantError, Writer};

/// A tenant and what all requests to it share: token, quotas, connections. Clones are cheap and are the same connection.
#[derive(Clone)]
pub struct Connection(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) paths: v2::Paths,
    pub(crate) redactor: Redactor,
    transport: Transport,
    tokens: Tokens,
    limiter: Limiter,
    counter: Counter,
}

/// A good answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// `None` where the body was empty.
    pub(crate) body: Option<Value>,
    pub(crate) request_id: Option<String>,
    pub(crate) version: Option<Version>,
    pub(crate) retries: u32,
    pub(crate) latency: Duration,
    pub(crate) clock: Option<jiff::Timestamp>,
    pub(crate) quota_headers: Vec<String>,
}

/// What a failure of a request means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Harmless to repeat.
    Read,
    /// Repeated only where it was certainly not applied.
    Write,
    /// As harmless as a read, and sent without a token.
    Token,
}

/// What to make of one attempt.
enum Verdict {
    Done(Reply),
    Failed(TenantError),
    /// The token was refused.
    Stale(TenantError),
    Again {
        error: TenantError,
        asked: Option<Duration>,
        rate_limited: bool,
    },
}

impl Connection {
    /// Prepares a connection. Nothing is sent yet.
    ///
    /// # Errors
    /// A setting that cannot work, or certificates that cannot be read.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let base = config.checked_base_url()?;
        Ok(Self(Arc::new(Inner {
            paths: v2::Paths::new(base.clone(), &config),
            redactor: Redactor::new([config.auth.client_secret.expose_secret()]),
            transport: Transport::new(&base, &config)?,
            tokens: Tokens::default(),
            limiter: Limiter::new(config.rate_limits),
            counter: Counter::default(),
            config,
        })))
    }

    /// The half that cannot change anything.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(self.clone())
    }

    /// The half that writes.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::new(self.clone())
    }

    /// Gets a token, if there is none yet: the cheapest proof that address and credentials work.
    ///
    /// # Errors
    /// [`TenantError::Credentials`] or [`TenantError::NoToken`].
    pub async fn authenticate(&self) -> Result<(), TenantError> {
        self.0.bearer().await.map(|_| ())
    }

    /// The scopes that the tenant says it granted; `None` where it says nothing of them.
    ///
    /// # Errors
    /// As for [`Connection::authenticate`].
    pub async fn granted_scopes(&self) -> Result<Option<Vec<String>>, TenantError> {
        Ok(self.0.bearer().await?.scopes.map(|scopes| scopes.to_vec()))
    }

    /// What was sent so far, by this connection and its clones.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.0.counter.snapshot()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("base_url", &self.0.config.base_url).finish_non_exhaustive()
    }
}

impl Inner {
    /// Sends a read, again where it may help.
    pub(crate) async fn read(&self, request: &Request) -> Result<Reply, TenantError> {
        self.persevere(request, Purpose::Read).await
    }

    /// Sends a write, again only where it was certainly not applied.
    pub(crate) async fn write(&self, request: &Request) -> Result<Reply, TenantError> {
        self.persevere(request, Purpose::Write).await
    }

    /// The answer to `request` makes no sense; `reason` may quote it.
    pub(crate) fn shape(&self, request: &Request, reason: &str) -> TenantError {
        TenantError::Shape { call: self.call(request), reason: self.redactor.excerpt(reason, 500) }
    }

    pub(crate) fn call(&self, request: &Request) -> crate::Call {
        let call = request.call();
        crate::Call { path: self.redactor.excerpt(&call.path, 500), ..call }
    }

    async fn persevere(&self, request: &Request, purpose: Purpose) -> Result<Reply, TenantError> {
        let mut backoff = Backoff::new(self.config.retry);
        let mut retries = 0;
        let mut renewed = false;
        loop {
            // The quota comes before the token: a long queue could outlive it.
            if let Some(endpoint) = request.endpoint {
                self.limiter.acquire(endpoint).await;
            }
            let bearer = if purpose == Purpose::Token { None } else { Some(self.bearer().await?) };
            let started = Instant::now();
            let sent = self.transport.send(request, bearer.as_ref().map(|bearer| &*bearer.token)).await;
            let latency = started.elapsed();
            self.counter.count(request.endpoint, |counts| counts.requests += 1);
            match self.judge(request, purpose, sent, retries, latency) {
                Verdict::Done(reply) => return Ok(reply),
                Verdict::Failed(error) => return Err(error),
                Verdict::Stale(error) => {
                    let Some(bearer) = bearer.filter(|_| !renewed) else { return Err(error) };
                    self.tokens.refuse(&bearer).await;
                    renewed = true;
                }
                Verdict::Again { error, asked, rate_limited } => {
                    let wait = backoff.next(latency, asked);
                    if rate_limited {
                        self.counter.count(request.endpoint, |counts| counts.rate_limited += 1);
                        if let Some(endpoint) = request.endpoint {
                            let pause = wait.or(asked).unwrap_or(self.config.retry.longest);
                            self.limiter.slow_down(endpoint, pause.min(self.config.retry.budget));
                        }
                    }
                    let Some(wait) = wait else { return Err(error) };
                    if !rate_limited {
                        let seconds = (wait.as_secs_f64() * 10.0).round() / 10.0;
                        tracing::warn!(seconds, "{error}; trying again");
                    }
                    tokio::time::sleep(wait).await;
                }
            }
            retries += 1;
            self.counter.count(request.endpoint, |counts| counts.retries += 1);
        }
    }

    async fn bearer(&self) -> Result<Bearer, TenantError> {
        // Boxed, because asking for a token is a request, and a request asks for a token.
        Box::pin(self.tokens.get(|| self.grant())).await
    }

    async fn grant(&self) -> Result<Grant, TenantError> {
        let request = v2::token_request(&self.paths, &self.config.auth);
        let reply = self.persevere(&request, Purpose::Token).await.map_err(|error| match error {
            TenantError::Credentials(_) => error,
            other => TenantError::NoToken(Box::new(other)),
        })?;
        let grant = v2::grant(&reply.body.unwrap_or_default())
            .map_err(|reason| TenantError::NoToken(Box::new(self.shape(&request, &reason))))?;
        self.redactor.remember_token(grant.token.expose_secret());
        Ok(grant)
    }

    fn judge(
        &self,
        request: &Request,
        purpose: Purpose,
        sent: Result<Raw, Fault>,
        retries: u32,
        latency: Duration,
    ) -> Verdict {
        let call = self.call(request);
        let attempt = retries + 1;
        let milliseconds = latency.as_millis();
        let raw = match sent {
            Ok(raw) => raw,
            Err(fault) => {
                let error = self.faulty(request, purpose, fault);
                tracing::debug!(method = call.method, path = call.path, attempt, milliseconds, %error, "no answer");
                let again = purpose != Purpose::Write || matches!(error, TenantError::Unreachable { .. });
                return match error {
                    TenantError::TooLarge { .. } => Verdict::Failed(error),
                    error if again => Verdict::Again { error, asked: None, rate_limited: false },
                    error => Verdict::Failed(error),
                };
            }
        };
        let facts = Facts::read(&raw.headers, &self.redactor);
        let request_id = facts.request_id.as_deref();
        let status = raw.status;
        tracing::debug!(method = call.method, path = call.path, status, attempt, milliseconds, request_id, "answered");
        if (200..300).contains(&status) {
            return self.good(request, purpose, &raw, facts, retries, latency);
        }
        if (300..400).contains(&status) {
            let to = facts.location.unwrap_or_else(|| "nowhere".to_owned());
            return Verdict::Failed(TenantError::Redirected { call, status, to });
        }
        self.refused(purpose, v2::refusal(&self.redactor, request.call(), status, &facts, &raw.body))
    }

    fn faulty(&self, request: &Request, purpose: Purpose, fault: Fault) -> TenantError {
        let call = self.call(request);
        match fault {
            Fault::Unsent(cause) => TenantError::Unreachable { call, cause: self.redactor.excerpt(&cause, 500) },
            Fault::Broken(cause) => self.lost(request, None, None, &cause),
            Fault::TooLarge if purpose == Purpose::Write => {
                self.lost(request, None, None, "it is too large to be read")
            }
            Fault::TooLarge => TenantError::TooLarge { call, limit: self.config.answer_limit },
        }
    }

    /// A write whose answer nobody can read may have been applied.
    pub(crate) fn lost(
        &self,
        request: &Request,
        status: Option<u16>,
        request_id: Option<String>,
        cause: &str,
    ) -> TenantError {
        TenantError::Lost { call: self.call(request), status, cause: self.redactor.excerpt(cause, 500), request_id }
    }

    fn good(
        &self,
        request: &Request,
        purpose: Purpose,
        raw: &Raw,
        facts: Facts,
        retries: u32,
        latency: Duration,
    ) -> Verdict {
        let Facts { request_id, version, retry_after: _, location: _, clock, quota_headers } = facts;
        let status = raw.status;
        let body = if raw.body.iter().all(u8::is_ascii_whitespace) {
            None
        } else {
            match serde_json::from_slice(&raw.body) {
                Ok(body) => Some(body),
                // The text of the error, not of the body: a grant's body holds the token.
                Err(error) => {
                    let cause = format!("it is no JSON ({error})");
                    return Verdict::Failed(match purpose {
                        Purpose::Write => self.lost(request, Some(status), request_id, &cause),
                        Purpose::Read | Purpose::Token => self.shape(request, &cause),
                    });
                }
            }
        };
        Verdict::Done(Reply { status, body, request_id, version, retries, latency, clock, quota_headers })
    }

    fn refused(&self, purpose: Purpose, refusal: crate::Refusal) -> Verdict {
        let refusal = Box::new(refusal);
        match refusal.status {
            401 | 400 if purpose == Purpose::Token && v2::is_credentials(&refusal) => {
                Verdict::Failed(TenantError::Credentials(refusal))
            }
            401 => Verdict::Stale(TenantError::Unauthorized(refusal)),
            403 => Verdict::Failed(TenantError::Forbidden(refusal)),
            404 => Verdict::Failed(TenantError::NotFound(refusal)),
            409 => Verdict::Failed(TenantError::Conflict(v2::conflict_kind(&refusal), refusal)),
            429 => {
                let asked = refusal.retry_after;
                Verdict::Again { error: TenantError::RateLimited(refusal), asked, rate_limited: true }
            }
            408 | 500.. => self.trouble(purpose, *refusal),
            _ => Verdict::Failed(TenantError::Refused(refusal)),
        }
    }

    /// The tenant, or a gateway before it, is in trouble: what became of the request is unknown.
    fn trouble(&self, purpose: Purpose, refusal: crate::Refusal) -> Verdict {
        let passing = matches!(refusal.status, 408 | 500 | 502 | 503 | 504);
        let asked = refusal.retry_after;
        let crate::Refusal { call, status, code, message, request_id, .. } = refusal;
        let code = code.map(|code| format!(" `{code}`")).unwrap_or_default();
        let cause = format!("status {status}{code}: {message}");
        let error = TenantError::Lost { call, status: Some(status), cause, request_id };
        if purpose != Purpose::Write && passing {
            Verdict::Again { error, asked, rate_limited: false }
        } else {
            Verdict::Failed(error)
        }
    }
}
