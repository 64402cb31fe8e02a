//! Places in manifests.

use cxform_model::{FileId, Source};

/// A stretch of text in a file of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// File, line and column of the first character.
    pub source: Source,
    /// The byte of the file's text at which it starts.
    pub start: u32,
    /// The byte before which it ends.
    pub end: u32,
}

impl Place {
    /// The beginning of a file: for what concerns the file as a whole.
    #[must_use]
    pub const fn top(file: FileId) -> Self {
        Self { source: Source { file, line: 1, column: 1 }, start: 0, end: 0 }
    }
}
