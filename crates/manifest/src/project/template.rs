//! Texts of `cxform.yaml` that need the process environment. They are taken apart when read, and filled when needed.

use cxform_model::Source;

use crate::variables::{Broken, Piece, pieces};

/// Looks a variable of the process environment up. This crate never does so itself.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A text with references to the process environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    /// Where it is written.
    pub source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Env(String),
}

/// Why a text is no template.
pub(crate) enum NoTemplate<'t> {
    Broken(Broken<'t>),
    /// It refers to a variable of an environment, which only manifests do.
    Var(&'t str),
}

impl Template {
    pub(crate) fn parse(text: &str, source: Source) -> Result<Self, NoTemplate<'_>> {
        let mut parts = Vec::new();
        for piece in pieces(text).map_err(NoTemplate::Broken)? {
            parts.push(match piece {
                Piece::Text(text) => Part::Text(text.to_owned()),
                Piece::Env(name) => Part::Env(name.to_owned()),
                Piece::Var(name) => return Err(NoTemplate::Var(name)),
            });
        }
        Ok(Self { parts, source })
    }

    /// The text, if it needs no environment.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        self.resolve(&|_| None).ok()
    }

    /// The variables that it needs.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Env(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with `\u{1}` in the place of each reference.
    pub(crate) fn shape(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Env(_) => "\u{1}".to_owned(),
        };
        self.parts.iter().map(part).collect()
    }

    /// Whether it is references alone, with no text of its own.
    pub(crate) fn is_pure(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(|part| matches!(part, Part::Env(_)))
    }

    /// Whether it is one reference and nothing else.
    pub(crate) fn is_lone(&self) -> bool {
        self.parts.len() == 1 && self.is_pure()
    }

    /// The text with its variables filled in.
    ///
    /// # Errors
    /// The name of the first variable that is not set.
    pub fn resolve(&self, lookup: Lookup<'_>) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Env(name) => text.push_str(&lookup(name).ok_or_else(|| name.clone())?),
            }
        }
        Ok(text)
    }
}
