//! Why there is no plan: every problem at once, each with its places, a hint and the flag that would allow it.

use std::fmt;

use cxform_model::{Address, Source};

/// No plan can be made. Nothing was written, and nothing will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Every problem, in the order of the addresses.
    pub problems: Vec<Problem>,
}

/// One reason why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable id: `CX080` to `CX091` of the planner, or that of a rule.
    pub code: &'static str,
    /// The fact, as a lower-case fragment with values in backticks.
    pub message: String,
    /// The object.
    pub address: Option<Address>,
    /// The path of the field, where it is about one.
    pub path: Option<String>,
    /// Where the cause is written, the main place first; each with a few words that may be empty.
    pub sources: Vec<(Source, String)>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The flag that allows it, where there is one.
    pub flag: Option<&'static str>,
}

/// The planner's own problems.
pub(crate) mod code {
    /// Two objects under one key.
    pub(crate) const AMBIGUOUS: &str = "CX080";
    /// A rename that cannot be told from a twin.
    pub(crate) const RENAME: &str = "CX081";
    /// A place in a tree that does not exist or cannot be reached.
    pub(crate) const TREE: &str = "CX082";
    /// A new object that lacks what its create needs.
    pub(crate) const INCOMPLETE: &str = "CX083";
    /// A run state that cannot be reached.
    pub(crate) const TRANSITION: &str = "CX084";
    /// Demands on one desktop that cannot all be met.
    pub(crate) const DESKTOP: &str = "CX085";
    /// A campaign group that cannot be resolved.
    pub(crate) const GROUP: &str = "CX086";
    /// A campaign that lives nowhere.
    pub(crate) const NOWHERE: &str = "CX087";
    /// A guard: allowed by a flag.
    pub(crate) const GUARD: &str = "CX088";
    /// The planner was given too little, or contradicts itself.
    pub(crate) const INTERNAL: &str = "CX089";
    /// A selector that picks nothing.
    pub(crate) const SELECTION: &str = "CX090";
    /// A change that makes something laxer where none may.
    pub(crate) const LOOSENING: &str = "CX091";
}

impl Problem {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), address: None, path: None, sources: Vec::new(), hint: None, flag: None }
    }

    pub(crate) fn of(mut self, address: &Address) -> Self {
        self.address = Some(address.clone());
        self
    }

    pub(crate) fn field(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    pub(crate) fn at(self, source: Source) -> Self {
        self.and_at(source, "")
    }

    pub(crate) fn and_at(mut self, source: Source, words: impl Into<String>) -> Self {
        self.sources.push((source, words.into()));
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn unless(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }
}

impl Refusal {
    /// Problems in an order that does not depend on how they were found, each once.
    pub(crate) fn of(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|left, right| {
            (&left.address, left.code, &left.message).cmp(&(&right.address, right.code, &right.message))
        });
        problems.dedup();
        Self { problems }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code)?;
        if let Some(address) = &self.address {
            write!(f, "{address}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(flag) = self.flag {
            write!(f, " (allowed by `{flag}`)")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
