//! What tests share.

use secrecy::SecretString;

use crate::{Auth, TokenStyle};

pub(crate) fn auth() -> Auth {
    Auth {
        token_path: "/api/v2/oauth/token".into(),
        style: TokenStyle::Form,
        client_id: "me".into(),
        client_secret: SecretString::from("canary-secret-quokka"),
        scopes: Vec::new(),
    }
}
