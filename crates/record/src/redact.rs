//! What of a document is never stored, or stored as a hash only.
//!
//! Values of contact selection rules can be personal data \[004\]; a store that is set to `HashOnly` keeps
//! `salted-sha256:...` in their place. The salt is the store's own and is kept in it, so a hash tells apart and compares, and
//! does not protect a value that can be guessed from somebody who has the store.
//!
//! This is about documents. Texts, such as the detail of a failed step, are stored as they are given: who writes one
//! quotes no such value. The plan of a run is kept whole until the run ends, for a resume has to send it.

use cxform_model::hexadecimal;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::StoreError;

/// What a store keeps of the values below `contactSelection.filterRules`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Redaction {
    /// The values.
    #[default]
    Plain,
    /// Their salted hashes.
    HashOnly,
}

/// In the place of a value whose key names a secret.
const SECRET: &str = "(secret)";
/// Before a hash in the place of a value.
const HASHED: &str = "salted-sha256:";

#[derive(Debug, Clone)]
pub(crate) struct Redactor {
    salt: Option<Vec<u8>>,
}

impl Redactor {
    pub(crate) fn new(redaction: Redaction, salt: &str) -> Self {
        Self { salt: (redaction == Redaction::HashOnly).then(|| salt.as_bytes().to_vec()) }
    }

    pub(crate) const fn hashes(&self) -> bool {
        self.salt.is_some()
    }

    pub(crate) fn kept(&self, document: &Value) -> Value {
        match document {
            Value::Array(items) => items.iter().map(|item| self.kept(item)).collect(),
            Value::Object(fields) => {
                // A change in a plan or an event names its field beside its values.
                let about_rules = fields.get("path").and_then(Value::as_str).is_some_and(names_rules);
                let keep = |(key, value): (&String, &Value)| {
                    let value = if is_secret(key) && could_be_secret(value) {
                        SECRET.into()
                    } else if names_rules(key) || (about_rules && VALUES.contains(&key.as_str())) {
                        self.rules(value)
                    } else {
                        self.kept(value)
                    };
                    (key.clone(), value)
                };
                Value::Object(fields.iter().map(keep).collect())
            }
            plain => plain.clone(),
        }
    }

    /// A list of rules: fields and operators stay readable, what they compare with does not.
    fn rules(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.rules(item)).collect(),
            Value::Object(fields) => {
                let keep = |(key, value): (&String, &Value)| {
                    let readable = matches!(key.as_str(), "field" | "operator") && value.is_string();
                    (key.clone(), if readable { value.clone() } else { self.hashed(value) })
                };
                Value::Object(fields.iter().map(keep).collect())
            }
            value => self.hashed(value),
        }
    }

    fn hashed(&self, value: &Value) -> Value {
        let Some(salt) = &self.salt else { return value.clone() };
        let is_hash = value
            .as_str()
            .and_then(|text| text.strip_prefix(HASHED))
            .is_some_and(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if value.is_null() || is_hash {
            return value.clone();
        }
        // HMAC takes keys of every length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(salt) else { return SECRET.into() };
        mac.update(value.to_string().as_bytes());
        format!("{HASHED}{}", hexadecimal(&mac.finalize().into_bytes())).into()
    }
}

/// The members of a change that hold values of its field.
const VALUES: [&str; 9] = ["before", "after", "value", "base", "ours", "theirs", "live", "git", "tenant"];

fn names_rules(path: &str) -> bool {
    path.split(['.', '/', '[']).any(|part| part == "filterRules")
}

fn is_secret(key: &str) -> bool {
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["secret", "password", "token", "apikey", "authorization", "privatekey"].iter().any(|end| key.ends_with(end))
}

/// `hasSecret: true` and an empty field give nothing away.
fn could_be_secret(value: &Value) -> bool {
    !(value.is_null() || value.is_boolean() || value.as_str() == Some(""))
}

/// Refuses a document that holds a secret, where masking it would change what it is for.
pub(crate) fn refuse_secrets(document: &Value) -> Result<(), StoreError> {
    match document {
        Value::Array(items) => items.iter().try_for_each(refuse_secrets),
        Value::Object(fields) => fields.iter().try_for_each(|(key, value)| {
            if is_secret(key) && could_be_secret(value) {
                Err(StoreError::Secret(key.clone()))
            } else {
                refuse_secrets(value)
            }
        }),
        _ => Ok(()),
    }
}

/// Refuses an address with a user's name and password in it.
pub(crate) fn refuse_credentials(address: &str) -> Result<(), StoreError> {
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') { Err(StoreError::Secret("the address of the tenant".into())) } else { Ok(()) }
}

/// A path without its query, which could carry anything.
pub(crate) fn bare_path(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hash_only() -> Redactor {
        Redactor::new(Redaction::HashOnly, "salt")
    }

    #[test]
    fn values_of_rules_are_hashed_wherever_they_stand() {
        let rule = json!([{ "field": "phone", "operator": "eq", "value": "canary-4711" }]);
        for document in [
            json!({ "contactSelection": { "filterRules": rule } }),
            json!({ "contactSelection.filterRules": rule }),
            json!([{ "spec": { "filterRules": rule } }]),
            json!({ "path": "contactSelection.filterRules", "before": rule, "after": rule }),
            json!({ "path": "contactSelection.filterRules[2].value", "before": "canary-4711", "after": null }),
            json!({ "filterRules": "canary-4711" }),
            json!({ "filterRules": [["canary-4711"]] }),
        ] {
            let kept = hash_only().kept(&document);
            assert!(!kept.to_string().contains("canary-4711"), "{kept}");
            assert!(kept.to_string().contains(HASHED), "{kept}");
            assert_eq!(hash_only().kept(&kept), kept, "a hash is not hashed again");
            assert_eq!(Redactor::new(Redaction::Plain, "salt").kept(&document), document);
        }
    }

    #[test]
    fn equal_values_have_equal_hashes_in_one_store_only() {
        let document =
            json!({ "filterRules": [{ "field": "a", "value": [1, "x"] }, { "field": "a", "value": [1, "x"] }] });
        let kept = hash_only().kept(&document);
        assert_eq!(kept["filterRules"][0], kept["filterRules"][1]);
        assert_eq!(kept["filterRules"][0]["field"], "a");
        assert_ne!(kept, Redactor::new(Redaction::HashOnly, "pepper").kept(&document));
    }

    #[test]
    fn a_secret_is_masked_or_refused() {
        for key in ["clientSecret", "client_secret", "Authorization", "accessToken", "X-CXone-Sync-Token", "password"] {
            let document = json!({ "a": [{ key: "canary" }] });
            assert!(!Redactor::new(Redaction::Plain, "").kept(&document).to_string().contains("canary"), "{key}");
            assert_eq!(refuse_secrets(&document), Err(StoreError::Secret(key.into())));
        }
        assert_eq!(refuse_secrets(&json!({ "name": "token", "hasSecret": true, "tokens": 3 })), Ok(()));
        assert!(refuse_credentials("https://user:canary@tenant.example/x").is_err());
        assert_eq!(refuse_credentials("https://tenant.example/x@y"), Ok(()));
        assert_eq!(bare_path("/api/v2/x?token=canary"), "/api/v2/x");
    }
}
