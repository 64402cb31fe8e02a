//! From an observed inventory to manifests, and edits of existing manifests that keep what people wrote.
//!
//! Owns how manifests are written: their canonical form, values put where they belong, whole projects for living tenants.
//! It never reads a tenant, never writes a file and never prints: it takes values, and returns texts. Whatever it writes
//! it reads back through `cxform-manifest` before it hands it on.

mod edit;
pub mod export;
mod express;
mod format;
mod yaml;

pub use edit::{Change, Edit, Edited, Refused, edit};
pub use format::{FormatError, format};
pub use yaml::SyntaxError;

#[cfg(test)]
mod tests;
