//! `fmt`: the canonical form of a file. Comments and meaning stay.

use crate::yaml::{self, SyntaxError};

/// Why a file cannot be formatted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It is no YAML.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The canonical form would not say the same: better no form than another meaning.
    #[error("it holds something that cannot be formatted without a risk to its meaning")]
    Unsafe,
}

/// How often a form is written until it stays. A comment in a strange place can need a second time to find its own.
const ROUNDS: usize = 4;

/// The canonical form of a text. What it means, and every comment, is the same before and after, and
/// the form of the result is the result; both are checked each time.
///
/// # Errors
/// The text is no YAML, or uses a construct that cannot be written again.
pub fn format(text: &str) -> Result<String, FormatError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let windows = body.contains("\r\n");
    let plain = if windows { body.replace("\r\n", "\n") } else { body.to_owned() };
    let before = yaml::parse(&plain)?;
    let mut formatted = yaml::print(&before);
    for _ in 0..ROUNDS {
        let after = yaml::parse(&formatted).map_err(|_| FormatError::Unsafe)?;
        let same = before.documents.len() == after.documents.len()
            && before.documents.iter().zip(&after.documents).all(|(left, right)| left.root.means(&right.root));
        if !same || sorted(before.comments()) != sorted(after.comments()) {
            return Err(FormatError::Unsafe);
        }
        let again = yaml::print(&after);
        if again == formatted {
            return Ok(if windows { formatted.replace('\n', "\r\n") } else { formatted });
        }
        formatted = again;
    }
    Err(FormatError::Unsafe)
}

fn sorted(mut comments: Vec<&str>) -> Vec<&str> {
    comments.sort_unstable();
    comments
}
