//! What results look like. Views take values and return text; `terminal` writes it.

pub mod plan;
pub mod progress;
pub mod report;
pub mod style;
pub mod text;
