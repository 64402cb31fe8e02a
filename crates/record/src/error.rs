//! What can go wrong with a store, told apart by what a caller does about it.

/// A store did not do what was asked. Nothing of the request was stored, except after [`StoreError::Uncertain`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The `store:` setting is no place.
    #[error("`store` is no place to keep records: {0}")]
    Location(String),
    /// The file, the folder or the server cannot be reached.
    #[error("the store {place} cannot be reached: {cause}")]
    Unreachable {
        /// Where, without credentials.
        place: String,
        /// Why.
        cause: String,
    },
    /// The system or the server does not let this user in, or not do this.
    #[error("the store refused access: {0}")]
    Forbidden(String),
    /// It was opened for reading, or the file or server takes no writes.
    #[error("the store is read-only: nothing can be recorded")]
    ReadOnly,
    /// The disk or a quota is exhausted.
    #[error("the store has no space left: nothing can be recorded")]
    Full,
    /// Another process writes for longer than the store waits.
    #[error("the store is busy: another process has been writing for too long")]
    Busy,
    /// The bytes are no store, or no sound one. History is lost; the tenant is still the truth.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A newer program has written it.
    #[error("the store has format {found}, and this program knows formats up to {known}: use a newer cxform")]
    Newer {
        /// The format of the store.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// It is opened for reading, and an older program has written it, or none has yet.
    #[error("the store has format {found} and has to be brought to {known} by a command that writes")]
    Older {
        /// The format of the store; 0 if there is none.
        found: i64,
        /// The needed one.
        known: i64,
    },
    /// Nothing is recorded under the name.
    #[error("nothing is recorded as {0}")]
    Missing(String),
    /// It contradicts what is recorded.
    #[error("it contradicts what is recorded: {0}")]
    Contradiction(String),
    /// A secret would have been stored.
    #[error("`{0}` looks like a secret, and secrets are never stored")]
    Secret(String),
    /// The connection broke while committing: the entry may be stored, or not.
    #[error("the store broke off while committing, so the entry may be stored or not: {0}")]
    Uncertain(String),
    /// Another transaction came in between; trying again helps.
    #[error("the store was changed at the same time: {0}")]
    Raced(String),
    /// The store's thread has ended.
    #[error("the store is closed")]
    Closed,
    /// Anything else that the database says.
    #[error("the store failed: {0}")]
    Database(String),
}

impl StoreError {
    /// What a person can do about it.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Full => Some("free some space; what is recorded so far stays readable"),
            Self::ReadOnly => Some("check the owner and the mode of `.cxform`, or the role of the database user"),
            Self::Damaged(_) => Some("move the store away: history is lost, and the next plan still shows the truth"),
            Self::Busy => Some("see `cxform runs list` for what is running"),
            _ => None,
        }
    }
}
