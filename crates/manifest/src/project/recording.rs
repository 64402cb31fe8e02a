//! What a project keeps of its runs, and whom it tells: `spec.store`, `spec.audit`, `spec.notifications` and
//! `spec.serve`.

use secrecy::SecretString;

use super::resolve::base_url;
use super::serving::Serving;
use super::template::{Lookup, Template};

/// What the project says about records and notifications.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// Where records are kept; `None` is the project's own file.
    pub store: Option<Template>,
    /// Whether values of contact selection rules are kept as hashes only \[004\].
    pub hashes_filter_rules: bool,
    /// Who is told what.
    pub notifications: Vec<Notification>,
    /// How events of others are taken in, where they are.
    pub serve: Option<Serving>,
}

/// One receiver of notifications.
#[derive(Debug, Clone)]
pub struct Notification {
    /// The URL as it is written: what tells receivers apart from one run to the next.
    pub written: String,
    /// Where to.
    pub url: Template,
    /// What signs: references alone, never a literal text.
    pub secret: Template,
    /// A header of the receiver's own, and its value.
    pub token: Option<(String, Template)>,
    /// The events that it wants, by their words in [`NOTIFICATION_EVENTS`].
    pub events: Vec<&'static str>,
}

/// A receiver that can be written to.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// `https://...`, or `http` on this machine.
    pub url: SecretString,
    /// What signs.
    pub secret: SecretString,
    /// A header of the receiver's own.
    pub token: Option<(String, SecretString)>,
}

/// Everything that a receiver can be told; the campaign's lifecycle in the words of \[002\].
pub const NOTIFICATION_EVENTS: &[&str] = &[
    "run_started",
    "run_finished",
    "step_failed",
    "conflict",
    "campaign_created",
    "campaign_transitioned",
    "campaign_tuned",
    "selection_changed",
    "drift",
    "mapping_completed",
];

/// Why a setting of records or notifications cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// A reference to a variable that is not set.
    #[error("{what} needs `{variable}`, which is not set")]
    Unset {
        /// The setting.
        what: &'static str,
        /// The variable of the process environment.
        variable: String,
    },
    /// Its value cannot be used.
    #[error("{what} {fault}")]
    Unusable {
        /// The setting.
        what: &'static str,
        /// What is wrong, as a predicate.
        fault: &'static str,
    },
}

impl Recording {
    /// The `store` setting with the process environment filled in.
    ///
    /// # Errors
    /// A variable that it needs is not set.
    pub fn store(&self, lookup: Lookup<'_>) -> Result<Option<SecretString>, RecordingError> {
        self.store.as_ref().map(|store| fill(store, "`store`", lookup).map(SecretString::from)).transpose()
    }
}

impl Notification {
    /// The receiver with the process environment filled in.
    ///
    /// # Errors
    /// A variable that it needs is not set, or the URL is no place to send to.
    pub fn resolve(&self, lookup: Lookup<'_>) -> Result<Receiver, RecordingError> {
        const URL: &str = "the `url` of a notification";
        let Self { written: _, url, secret, token, events: _ } = self;
        let url = fill(url, URL, lookup)?;
        webhook_url(&url).map_err(|fault| RecordingError::Unusable { what: URL, fault })?;
        let token = token.as_ref().map(|(header, value)| {
            let value = fill(value, "the `token` of a notification", lookup)?;
            Ok((header.clone(), value.into()))
        });
        Ok(Receiver {
            url: url.into(),
            secret: fill(secret, "the `secret` of a notification", lookup)?.into(),
            token: token.transpose()?,
        })
    }
}

pub(super) fn fill(template: &Template, what: &'static str, lookup: Lookup<'_>) -> Result<String, RecordingError> {
    template
        .resolve(&|name| lookup(name).filter(|value| !value.is_empty()))
        .map_err(|variable| RecordingError::Unset { what, variable })
}

/// A URL that notifications may go to: only TLS keeps what they tell from the network in between.
pub(super) fn webhook_url(url: &str) -> Result<(), &'static str> {
    let place = url.split_once('?').map_or(url, |(place, _)| place);
    let authority = place.split_once("://").map_or(place, |(_, rest)| rest).split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err("holds credentials: let `token` carry them");
    }
    base_url(place).map(drop)
}

/// Whether a `store` setting is one, and keeps its password out of the file. References stand as `\u{1}` in `shape`.
pub(super) fn check_store(shape: &str) -> Result<(), StoreFault> {
    let reference = |text: &str| !text.is_empty() && text.chars().all(|character| character == '\u{1}');
    if shape.starts_with('\u{1}') || shape.strip_prefix("sqlite:").is_some_and(|path| !path.is_empty()) {
        return Ok(());
    }
    let Some(rest) = shape.strip_prefix("postgres://").or_else(|| shape.strip_prefix("postgresql://")) else {
        return Err(StoreFault::Unusable);
    };
    let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
    // To the last `@`: a password that is not escaped may hold one itself.
    let password = place.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    let option = options.split('&').find_map(|option| option.strip_prefix("password="));
    if password.into_iter().chain(option).all(reference) { Ok(()) } else { Err(StoreFault::Password) }
}

/// What is wrong with a `store` setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreFault {
    /// It names no place.
    Unusable,
    /// Its password stands in the file.
    Password,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_a_reference_or_nothing() {
        for good in [
            "\u{1}",
            "sqlite:records/x.db",
            "postgres://db.example/cxform",
            "postgres://cxform@db.example/cxform?schema=a",
            "postgres://cxform:\u{1}@db.example/cxform",
            "postgres://db.example/cxform?password=\u{1}",
        ] {
            assert_eq!(check_store(good), Ok(()), "{good}");
        }
        for bad in [
            "postgres://cxform:hunter2@db.example/cxform",
            "postgres://cxform:a\u{1}@db.example/cxform",
            "postgres://cxform:p@ss/w@db.example/cxform",
            "postgres://db.example/cxform?schema=a&password=hunter2",
        ] {
            assert_eq!(check_store(bad), Err(StoreFault::Password), "{bad}");
        }
        for bad in ["", "sqlite:", "store.db", "mysql://x"] {
            assert_eq!(check_store(bad), Err(StoreFault::Unusable), "{bad}");
        }
    }

    #[test]
    fn notifications_go_over_tls_or_stay_on_this_machine() {
        for good in ["https://hooks.example.com/a/b?c=d", "http://127.0.0.1:8080/x", "http://localhost/x"] {
            assert_eq!(webhook_url(good), Ok(()), "{good}");
        }
        for bad in ["http://hooks.example.com/", "https://u:p@hooks.example.com/", "hooks.example.com", "ftp://x/"] {
            assert!(webhook_url(bad).is_err(), "{bad}");
        }
    }
}
