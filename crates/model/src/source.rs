//! Where a desired value was written.

/// A file of the project, as an index into [`Files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A place in a manifest. Line and column count from one; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The file.
    pub file: FileId,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// The names of the project's files, relative to the project folder and with `/` between parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(Vec<String>);

impl Files {
    /// Adds a file and returns its id.
    pub fn add(&mut self, name: impl Into<String>) -> FileId {
        let id = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(name.into());
        FileId(id)
    }

    /// The name of a file; empty for an id of another project.
    #[must_use]
    pub fn name(&self, file: FileId) -> &str {
        self.0.get(file.0 as usize).map_or("", String::as_str)
    }

    /// The id of a file.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.iter().find(|(_, file)| *file == name).map(|(id, _)| id)
    }

    /// Every file with its id, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &str)> {
        (0..).map(FileId).zip(self.0.iter().map(String::as_str))
    }
}

/// A value together with the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub source: Source,
}

impl<T> Sourced<T> {
    /// Binds a value to its place.
    pub const fn new(value: T, source: Source) -> Self {
        Self { value, source }
    }
}
