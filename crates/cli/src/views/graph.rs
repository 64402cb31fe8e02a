//! What manifests describe, as it hangs together: codes below codes, outcomes on desktops; and what a plan does to it.

mod build;
mod json;
mod mermaid;
mod text;

use cxform_model::Address;
use cxform_plan::{Action, Selector};

pub use build::build;
pub use json::json;
pub use mermaid::mermaid;
pub use text::text;

/// The parts of a graph.
pub struct Graph(pub Vec<Part>);

/// The trees of one kind.
pub struct Part {
    /// How a person calls it.
    pub title: &'static str,
    /// The roots.
    pub nodes: Vec<Node>,
}

/// One object in its place.
pub struct Node {
    /// Its address; `None` for a group of campaigns, which has none.
    pub address: Option<Address>,
    /// Its code or name.
    pub key: String,
    /// What else is worth knowing, in words.
    pub notes: Vec<String>,
    /// What a plan does to it.
    pub changes: Vec<Action>,
    /// What hangs below it.
    pub below: Vec<Node>,
}

impl Graph {
    /// What the selectors pick, with everything below it and above it. Everything where there are none.
    #[must_use]
    pub fn picked(self, selectors: &[Selector]) -> Self {
        if selectors.is_empty() {
            return self;
        }
        self.kept(
            &|node| node.address.as_ref().is_some_and(|address| selectors.iter().any(|one| one.picks(address))),
            true,
        )
    }

    /// What changes, and what it hangs below.
    #[must_use]
    pub fn changed(self) -> Self {
        self.kept(&|node| !node.changes.is_empty(), false)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn kept(self, wanted: &dyn Fn(&Node) -> bool, with_all_below: bool) -> Self {
        let parts =
            self.0.into_iter().map(|Part { title, nodes }| Part { title, nodes: kept(nodes, wanted, with_all_below) });
        Self(parts.filter(|part| !part.nodes.is_empty()).collect())
    }
}

fn kept(nodes: Vec<Node>, wanted: &dyn Fn(&Node) -> bool, with_all_below: bool) -> Vec<Node> {
    let one = |node: Node| {
        let is_wanted = wanted(&node);
        if is_wanted && with_all_below {
            return Some(node);
        }
        let node = Node { below: kept(node.below, wanted, with_all_below), ..node };
        (is_wanted || !node.below.is_empty()).then_some(node)
    };
    nodes.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests;
