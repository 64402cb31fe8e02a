//! Lines of text in roles.

/// What a piece of text is, so that a terminal may show it as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// An address, or the summary.
    Bold,
    /// Places and reasons.
    Dim,
    /// Something that appears: `+` and `>`.
    Create,
    /// Something that changes: `~`.
    Update,
    /// Something that goes: `-` and `<`.
    Retire,
    /// A value or line as it is now.
    Before,
    /// A value or line as it will be.
    After,
    /// A warning.
    Warning,
}

/// One line: texts in their roles, without a line feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The texts, left to right.
    pub spans: Vec<(Role, String)>,
}

impl Line {
    /// A line of one text.
    #[must_use]
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::default().with(role, text)
    }

    /// The line with a text added.
    #[must_use]
    pub fn with(mut self, role: Role, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.spans.push((role, text));
        }
        self
    }

    /// The text without roles.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|(_, text)| text.as_str()).collect()
    }
}
