//! The kinds of object that cxform plans and writes.

use std::fmt;

/// What an address names. The order is the order in which kinds are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A disposition code, identified by its `code` \[000\].
    Outcome,
    /// A call progress code, identified by its path of codes \[001\].
    CallCode,
    /// An outbound campaign, identified by its name \[002\].
    Campaign,
    /// An outcome on the desktop of a campaign \[000\].
    Assignment,
    /// A webhook subscription, identified by its name \[004\].
    Webhook,
}

impl Kind {
    /// Every kind, in display order.
    pub const ALL: [Self; 5] = [Self::Outcome, Self::CallCode, Self::Campaign, Self::Assignment, Self::Webhook];

    /// The first segment of the kind's addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::CallCode => "callcode",
            Self::Campaign => "campaign",
            Self::Assignment => "assignment",
            Self::Webhook => "webhook",
        }
    }

    /// How a sentence names several of them.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Outcome => "outcomes",
            Self::CallCode => "call codes",
            Self::Campaign => "campaigns",
            Self::Assignment => "assignments",
            Self::Webhook => "webhook subscriptions",
        }
    }

    /// Whether objects of the kind hang below one another.
    #[must_use]
    pub const fn is_tree(self) -> bool {
        matches!(self, Self::Outcome | Self::CallCode)
    }

    /// The kind whose addresses start with `word`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
