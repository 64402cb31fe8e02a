//! What can keep an emulator from starting. Owns the words a person reads; refuses to know HTTP.

use std::path::PathBuf;

/// Why an emulator could not start, or why a flag, seed, state or fault script was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The address could not be listened on.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    File {
        /// `read`, `write`, `lock`, ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another emulator holds the state file.
    #[error("state file `{}` is in use by another emulator", path.display())]
    InUse {
        /// The state file.
        path: PathBuf,
    },
    /// A seed, state or fault document is not of the right shape.
    #[error("{document}: {place}: {message}")]
    Malformed {
        /// Which document, for example `seed` or a file name.
        document: String,
        /// Where in the JSON, for example `/campaigns/3/version`.
        place: String,
        /// What is wrong there.
        message: String,
    },
    /// A flag's value makes no sense.
    #[error("{option}: {message}")]
    Option {
        /// The flag without dashes.
        option: &'static str,
        /// What is wrong with it.
        message: String,
    },
}

impl EmulatorError {
    /// Puts another document name in front, so that a problem in a file names the file.
    pub(crate) fn in_document(self, name: &str) -> Self {
        match self {
            Self::Malformed { place, message, .. } => Self::Malformed { document: name.to_owned(), place, message },
            other => other,
        }
    }
}
