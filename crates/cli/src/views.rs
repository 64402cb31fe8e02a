//! What results look like. Views take values and return text; `terminal` writes it.

pub mod audit;
pub mod diff;
pub mod drift;
pub mod events;
pub mod gauge;
pub mod github;
pub mod graph;
pub mod history;
pub mod html;
pub mod markdown;
mod markup;
mod nesting;
pub mod plan;
pub mod progress;
pub mod report;
pub mod runs;
pub mod stats;
pub mod style;
pub mod text;
pub mod tune;

#[cfg(test)]
mod tests;
