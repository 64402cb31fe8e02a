//! The three ways to ask for a token, and what a grant looks like (contract 1.1).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::page::name;
use super::paths::Paths;
use crate::request::{Body, Request};
use crate::token::Grant;
use crate::{Auth, TokenStyle};

const GRANT_TYPE: (&str, &str) = ("grant_type", "client_credentials");

/// How long a token without `expires_in` is held: what every seed shows. A 401 ends it earlier.
const USUAL_LIFE: f64 = 3600.0;

pub(crate) fn token_request(paths: &Paths, auth: &Auth) -> Request {
    let Auth { token_path, style, client_id, client_secret, scopes } = auth;
    let secret = client_secret.expose_secret();
    let scope = (!scopes.is_empty()).then(|| scopes.join(" "));
    let mut pairs = vec![GRANT_TYPE];
    if *style != TokenStyle::Basic {
        pairs.extend([("client_id", client_id.as_str()), ("client_secret", secret)]);
    }
    pairs.extend(scope.as_deref().map(|scope| ("scope", scope)));
    let (headers, body) = match style {
        TokenStyle::Form => (Vec::new(), form(&pairs)),
        TokenStyle::Basic => {
            let credentials = STANDARD.encode(format!("{client_id}:{secret}"));
            (vec![("authorization", format!("Basic {credentials}"))], form(&pairs))
        }
        TokenStyle::Json => {
            let members: Map<String, Value> =
                pairs.iter().map(|(name, value)| ((*name).into(), json!(value))).collect();
            (Vec::new(), Body::json(&Value::Object(members)))
        }
    };
    Request { endpoint: None, method: Method::POST, url: paths.url(token_path), headers, body: Some(body) }
}

/// The form encoding is that of a query, so the URL type does it; the pairs never become part of a URL that is sent.
fn form(pairs: &[(&str, &str)]) -> Body {
    let text =
        Url::parse_with_params("form:", pairs).ok().and_then(|url| url.query().map(str::to_owned)).unwrap_or_default();
    Body { content_type: "application/x-www-form-urlencoded", text }
}

/// Reads a grant. Messages never quote the body: it holds the token.
pub(crate) fn grant(body: &Value) -> Result<Grant, String> {
    let token = match body.get("access_token") {
        Some(Value::String(token)) if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) => token,
        _ => return Err("it holds no usable `access_token`".to_owned()),
    };
    match body.get("token_type") {
        None | Some(Value::Null) => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return Err("its `token_type` is not `Bearer`".to_owned()),
    }
    let seconds = match body.get("expires_in") {
        None | Some(Value::Null) => Some(USUAL_LIFE),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => return Err(format!("its `expires_in` is {}, not a number of seconds", name(other))),
    };
    let life = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let life = life.ok_or_else(|| "its `expires_in` is no number of seconds".to_owned())?;
    let scopes = match body.get("scope") {
        Some(Value::String(text)) => Some(text.split_whitespace().map(str::to_owned).collect()),
        Some(Value::Array(names)) => Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    };
    Ok(Grant { token: SecretString::from(token.as_str()), life, scopes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    fn request(style: TokenStyle, scopes: &[&str]) -> Request {
        let auth = Auth {
            token_path: "/oauth2/token".into(),
            style,
            client_id: "me".into(),
            client_secret: SecretString::from("s&= é"),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        let config = Config::new("https://x.example", auth);
        let request = token_request(&Paths::new(config.base_url.parse().unwrap(), &config), &config.auth);
        assert_eq!(request.url.as_str(), "https://x.example/oauth2/token", "nothing secret in the URL");
        request
    }

    #[test]
    fn the_form_style_sends_all_in_a_form() {
        let request = request(TokenStyle::Form, &["a:read", "b:write"]);
        let body = request.body.unwrap();
        assert_eq!(body.content_type, "application/x-www-form-urlencoded");
        assert_eq!(
            body.text,
            "grant_type=client_credentials&client_id=me&client_secret=s%26%3D+%C3%A9&scope=a%3Aread+b%3Awrite"
        );
        assert!(request.headers.is_empty());
    }

    #[test]
    fn the_basic_style_sends_the_credentials_in_a_header() {
        let request = request(TokenStyle::Basic, &[]);
        assert_eq!(request.body.unwrap().text, "grant_type=client_credentials");
        let expected = format!("Basic {}", STANDARD.encode("me:s&= é"));
        assert_eq!(request.headers, [("authorization", expected)]);
    }

    #[test]
    fn the_json_style_sends_all_in_json() {
        let body = request(TokenStyle::Json, &["a"]).body.unwrap();
        assert_eq!(body.content_type, "application/json");
        let sent: Value = serde_json::from_str(&body.text).unwrap();
        let secret = "s&= é";
        assert_eq!(
            sent,
            json!({ "grant_type": "client_credentials", "client_id": "me", "client_secret": secret, "scope": "a" })
        );
    }

    #[test]
    fn a_request_for_a_token_shows_nothing_in_debug() {
        for style in [TokenStyle::Form, TokenStyle::Basic, TokenStyle::Json] {
            assert_eq!(format!("{:?}", request(style, &[])), "None POST /oauth2/token");
        }
    }

    #[test]
    fn broken_grants_are_refused_without_quoting_them() {
        for body in [
            json!({}),
            json!({ "access_token": "" }),
            json!({ "access_token": "canary\r\nx: y" }),
            json!({ "access_token": "canary", "token_type": "mac" }),
            json!({ "access_token": "canary", "expires_in": "canary" }),
            json!({ "access_token": "canary", "expires_in": -1 }),
            json!({ "access_token": "canary", "expires_in": [] }),
        ] {
            let error = grant(&body).err().unwrap();
            assert!(!error.contains("canary"), "{error}");
        }
        assert_eq!(grant(&json!({ "access_token": "t", "expires_in": "60" })).unwrap().life.as_secs(), 60);
        assert_eq!(grant(&json!({ "access_token": "t" })).unwrap().life.as_secs(), 3600);
    }

    #[test]
    fn granted_scopes_are_known_where_the_tenant_tells_them() {
        let scopes = |body| grant(&body).unwrap().scopes;
        assert_eq!(scopes(json!({ "access_token": "t" })), None);
        assert_eq!(scopes(json!({ "access_token": "t", "scope": "a:read  b" })).unwrap(), ["a:read", "b"]);
        assert_eq!(scopes(json!({ "access_token": "t", "scope": ["a:read"] })).unwrap(), ["a:read"]);
    }
}
