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

    /// The line over as many as it takes to keep within `width`, broken at spaces, with what follows set in.
    pub(super) fn fold(self, width: usize, indent: usize) -> Vec<Self> {
        let mut folded = vec![Self::default()];
        let mut used = 0;
        for (role, text) in self.spans {
            for word in text.split_inclusive(' ') {
                let length = word.trim_end().chars().count();
                if used > indent && length > 0 && used + length > width {
                    folded.push(Self::of(Role::Plain, " ".repeat(indent)));
                    used = indent;
                }
                used += word.chars().count();
                if let Some(line) = folded.last_mut() {
                    line.append(role, word);
                }
            }
        }
        let lines = folded.len();
        for line in folded.iter_mut().take(lines - 1) {
            line.trim_end();
        }
        folded
    }

    fn append(&mut self, role: Role, text: &str) {
        match self.spans.last_mut() {
            Some((last, whole)) if *last == role => whole.push_str(text),
            _ => self.spans.push((role, text.to_owned())),
        }
    }

    fn trim_end(&mut self) {
        while let Some((_, text)) = self.spans.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                break;
            }
            self.spans.pop();
        }
    }

    /// The text without roles.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|(_, text)| text.as_str()).collect()
    }
}
