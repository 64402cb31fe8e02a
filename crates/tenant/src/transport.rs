//! One request, one answer: TLS, time limits, size limits. Knows nothing of repetition, tokens' lives or meaning.

use std::fmt::Write as _;
use std::fs;

use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, Response, Url, redirect};
use secrecy::{ExposeSecret, SecretString};

use crate::config::is_loopback;
use crate::request::Request;
use crate::{Config, ConfigError};

/// Of an answer that says no, this much is read; a refusal is never an error for being long.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// Tenants close idle connections; a request on one that just closes is a lost answer, so we let go of them first.
const IDLE: std::time::Duration = std::time::Duration::from_secs(15);

pub(crate) struct Transport {
    client: Client,
    limit: usize,
}

/// An answer as it came.
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Why no answer came.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Nothing was sent.
    Unsent(String),
    /// Something was sent, and no whole answer came back.
    Broken(String),
    /// A good answer, but endless.
    TooLarge,
}

impl Transport {
    pub(crate) fn new(base: &Url, config: &Config) -> Result<Self, ConfigError> {
        // Whoever installed a provider first wins, which may well be the program around us.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("cxform/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            // Whether a request may be repeated is decided above, where its meaning is known.
            .retry(reqwest::retry::never())
            // The connection's limit strikes first, so that "was not sent" is told from "was not answered".
            .connect_timeout(config.timeouts.connect.min(config.timeouts.total / 2))
            .timeout(config.timeouts.total)
            .pool_idle_timeout(IDLE);
        if is_loopback(base) {
            builder = builder.no_proxy();
        }
        if base.scheme() == "https" {
            builder = builder.https_only(true);
        }
        if let Some(path) = &config.ca_file {
            let unusable = |cause: String| ConfigError::CaFile { path: path.clone(), cause };
            let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(causes(&error)))?;
            if certificates.is_empty() {
                return Err(unusable("it holds no PEM certificate".to_owned()));
            }
            builder = builder.tls_certs_only(certificates);
        } else if base.scheme() == "http" {
            // Without this, a system without a certificate store could not even speak plain http.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| ConfigError::Tls(causes(&error)))?;
        Ok(Self { client, limit: config.answer_limit })
    }

    pub(crate) async fn send(&self, request: &Request, bearer: Option<&SecretString>) -> Result<Raw, Fault> {
        let mut builder =
            self.client.request(request.method.clone(), request.url.clone()).header("accept", "application/json");
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(bearer) = bearer {
            builder = builder.bearer_auth(bearer.expose_secret());
        }
        if let Some(body) = &request.body {
            builder = builder.header("content-type", body.content_type).body(body.text.clone());
        }
        let response = builder.send().await.map_err(|error| fault(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = if status.is_success() { read(response, self.limit).await? } else { read_start(response).await };
        Ok(Raw { status: status.as_u16(), headers, body })
    }
}

/// The whole body, counted as it is decompressed, so that a small answer cannot grow without bound.
async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The start of a refusal's body; its status counts even when the body breaks off.
async fn read_start(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = REFUSAL_LIMIT.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    body
}

fn fault(error: &reqwest::Error) -> Fault {
    let cause = if error.is_timeout() { format!("timed out ({})", causes(error)) } else { causes(error) };
    if error.is_connect() || error.is_builder() { Fault::Unsent(cause) } else { Fault::Broken(cause) }
}

/// The chain of causes without its outer links, which only name the URL and the library's layers.
fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        source = cause.source();
        let inner = cause.to_string();
        if source.is_none() || !inner.starts_with("client error (") {
            let separator = if text.is_empty() { "" } else { ": " };
            let _ = write!(text, "{separator}{inner}");
        }
    }
    if text.is_empty() { "the request failed".to_owned() } else { text }
}
