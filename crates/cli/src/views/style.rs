//! Colours by meaning. Meaning is never in colour alone: every coloured word would read the same without.

use anstyle::{AnsiColor, Effects, Style};

/// A style for each role, or none at all.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    enabled: bool,
}

impl Palette {
    /// With or without colour.
    pub const fn new(enabled: bool) -> Self {
        Self { enabled }
    }

    /// The text, dressed.
    pub fn paint(self, style: Style, text: &str) -> String {
        if self.enabled && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Something good or new.
    pub fn good(self, text: &str) -> String {
        self.paint(colour(AnsiColor::Green), text)
    }

    /// Something to look at.
    pub fn attention(self, text: &str) -> String {
        self.paint(colour(AnsiColor::Yellow), text)
    }

    /// Something bad.
    pub fn bad(self, text: &str) -> String {
        self.paint(colour(AnsiColor::Red).effects(Effects::BOLD), text)
    }

    /// Something beside the point.
    pub fn dim(self, text: &str) -> String {
        self.paint(Style::new().effects(Effects::DIMMED), text)
    }

    /// Something that matters.
    pub fn bold(self, text: &str) -> String {
        self.paint(Style::new().effects(Effects::BOLD), text)
    }
}

/// A foreground colour.
pub fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(colour.into()))
}
