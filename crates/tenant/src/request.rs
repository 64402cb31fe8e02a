//! A request as a value: built and looked at without IO, sent by the connection.

use std::fmt;

use cxform_model::Endpoint;
use reqwest::{Method, Url};
use serde_json::Value;

use crate::Call;

#[derive(Clone)]
pub(crate) struct Request {
    /// Whose quota it draws on; `None` for the token endpoint.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Body>,
}

#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) text: String,
}

impl Request {
    pub(crate) fn get(endpoint: Endpoint, url: Url) -> Self {
        Self { endpoint: Some(endpoint), method: Method::GET, url, headers: Vec::new(), body: None }
    }

    pub(crate) fn write(endpoint: Endpoint, method: Method, url: Url, body: Option<&Value>) -> Self {
        let body = body.map(Body::json);
        Self { endpoint: Some(endpoint), method, url, headers: Vec::new(), body }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// How messages name it. The query stays out: a hostile next mark could carry anything.
    pub(crate) fn call(&self) -> Call {
        let method = match self.method {
            Method::GET => "GET",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            _ => "POST",
        };
        Call { method, path: self.url.path().to_owned() }
    }
}

impl Body {
    pub(crate) fn json(value: &Value) -> Self {
        Self { content_type: "application/json", text: value.to_string() }
    }
}

/// Headers and body may hold secrets, so they are not shown.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, method, url, headers: _, body: _ } = self;
        write!(f, "{endpoint:?} {method} {}", url.path())
    }
}
