//! YAML as it is written: a tree that keeps comments, styles, anchors and places.
//!
//! Owns reading a text into such a tree and writing one in the canonical form. It knows nothing of manifests; what a
//! text means is decided by `cxform-manifest` alone.

mod parse;
mod print;
mod scalar;
mod syntax;

pub use parse::SyntaxError;
pub(crate) use parse::parse;
pub(crate) use print::{print, print_flow, print_value};
pub(crate) use scalar::scalar_of;
pub(crate) use syntax::{Body, Document, Entry, Item, Node, Properties, Stream, Style, Trivia};
