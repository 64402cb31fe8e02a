//! YAML as a tree in which every value knows its place. Knows the language, and nothing of manifests.

mod node;
mod parse;
mod scalar;

pub(crate) use node::{Content, Entry, Node, TEXT_WEIGHT};
pub(crate) use parse::{Document, Parsed, parse};
pub(crate) use scalar::{Plain, plain};
