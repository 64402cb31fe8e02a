//! The token paths. Errors have OAuth's shape, not that of the API.

use std::time::Instant;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{App, answer::Answer, asked::Asked, locked, urlencoded::Pairs};
use crate::{auth::Denied, routes::TokenStyle};

/// What a token request says, wherever it says it.
struct Credentials {
    client_id: String,
    client_secret: String,
    grant_type: String,
    scope: Option<String>,
}

impl App {
    pub(super) fn token(&self, style: TokenStyle, asked: &Asked) -> Answer {
        // A secret in an address ends up in every log on the way.
        if asked.query.get("client_secret").is_some() {
            return oauth_error(400, "invalid_request", "credentials do not belong into the query");
        }
        let credentials = match read(style, asked) {
            Ok(credentials) => credentials,
            Err(answer) => return answer,
        };
        let granted = locked(&self.auth).grant(
            &credentials.client_id,
            &credentials.client_secret,
            &credentials.grant_type,
            credentials.scope.as_deref(),
            Instant::now(),
        );
        match granted {
            Ok(granted) => {
                let body = json!({
                    "access_token": granted.token,
                    "token_type": "Bearer",
                    "expires_in": granted.seconds,
                    "scope": granted.scope,
                });
                Answer::json(200, body.to_string()).with_header("cache-control", "no-store")
            }
            Err(Denied::Client) => oauth_error(401, "invalid_client", "unknown client or wrong secret"),
            Err(Denied::Grant) => oauth_error(400, "unsupported_grant_type", "only client_credentials is supported"),
            Err(Denied::Scope) => oauth_error(400, "invalid_scope", "a scope is unknown or not owned by the client"),
        }
    }
}

fn oauth_error(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, json!({ "error": error, "error_description": description }).to_string())
}

fn read(style: TokenStyle, asked: &Asked) -> Result<Credentials, Answer> {
    let media_type = asked.media_type();
    match (style, media_type.as_str()) {
        (TokenStyle::Form | TokenStyle::JsonOrForm, "application/x-www-form-urlencoded") => {
            let form = form(asked);
            let field = |name: &str| form.get(name).unwrap_or_default().to_owned();
            Ok(Credentials {
                client_id: field("client_id"),
                client_secret: field("client_secret"),
                grant_type: field("grant_type"),
                scope: form.get("scope").map(str::to_owned),
            })
        }
        (TokenStyle::Basic, "application/x-www-form-urlencoded") => {
            let form = form(asked);
            let (client_id, client_secret) = basic(asked).unwrap_or_default();
            Ok(Credentials {
                client_id,
                client_secret,
                grant_type: form.get("grant_type").unwrap_or_default().to_owned(),
                scope: form.get("scope").map(str::to_owned),
            })
        }
        (TokenStyle::JsonOrForm, "application/json") => {
            let body: Value = serde_json::from_slice(&asked.body)
                .map_err(|_| oauth_error(400, "invalid_request", "the body is not JSON"))?;
            let field = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
            Ok(Credentials {
                client_id: field("client_id").unwrap_or_default(),
                client_secret: field("client_secret").unwrap_or_default(),
                grant_type: field("grant_type").unwrap_or_default(),
                scope: field("scope"),
            })
        }
        _ => Err(oauth_error(415, "invalid_request", "this path does not take a body of that type")),
    }
}

fn form(asked: &Asked) -> Pairs {
    Pairs::read(&String::from_utf8_lossy(&asked.body))
}

fn basic(asked: &Asked) -> Option<(String, String)> {
    let (scheme, encoded) = asked.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}
