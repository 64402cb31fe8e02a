//! A graph as a Mermaid diagram, for pages that draw it.

use cxform_plan::Action;
use cxform_plan::render::{self, Role};

use super::{Graph, Node};

/// What forges draw by default: beyond it a diagram is an error on the page.
const MOST_LINES: usize = 500;
const LIMIT: usize = 50_000;

/// There is more than a page would draw.
#[derive(Debug, thiserror::Error)]
#[error(
    "the diagram would have {nodes} nodes in {characters} characters, and pages draw about {MOST_LINES} in {LIMIT}"
)]
pub struct TooLarge {
    nodes: usize,
    characters: usize,
}

/// The diagram.
pub fn mermaid(graph: &Graph) -> Result<String, TooLarge> {
    let mut drawing = Drawing::default();
    // Parts side by side, each from left to right: desktops with dozens of outcomes stay readable. Pages put the last one
    // first.
    drawing.text.push_str("flowchart TB\n");
    for (at, part) in graph.0.iter().enumerate().rev() {
        drawing.text.push_str(&format!("  subgraph p{at}[\"{}\"]\n    direction LR\n", label(part.title)));
        part.nodes.iter().for_each(|node| drawing.node(node, None));
        drawing.text.push_str("  end\n");
    }
    if drawing.is_marked {
        // Words tell as well; a dashed line is for what goes.
        drawing.text.push_str(
            "  classDef create fill:#d9f2e0,stroke:#1a6b34,color:#10301b,stroke-width:2px\n  \
               classDef update fill:#fff0cf,stroke:#7a4d00,color:#3a2500,stroke-width:2px\n  \
               classDef retire fill:#fde0e0,stroke:#a3161f,color:#4a0a0f,stroke-width:2px,stroke-dasharray:5 3\n",
        );
    }
    let Drawing { text, nodes, .. } = drawing;
    let characters = text.chars().count();
    if nodes > MOST_LINES || characters > LIMIT { Err(TooLarge { nodes, characters }) } else { Ok(text) }
}

#[derive(Default)]
struct Drawing {
    text: String,
    nodes: usize,
    is_marked: bool,
}

impl Drawing {
    fn node(&mut self, node: &Node, above: Option<usize>) {
        let id = self.nodes;
        self.nodes += 1;
        let words = [&node.key].into_iter().chain(&node.notes).map(|text| label(text));
        let marks = node.changes.iter().map(|action| format!("<b>{}</b>", label(&mark(*action))));
        let words: Vec<String> = words.chain(marks).collect();
        let class = node.changes.first().map_or("", |action| class(*action));
        self.is_marked |= !class.is_empty();
        self.text.push_str(&format!("    n{id}[\"{}\"]{class}\n", words.join("<br/>")));
        if let Some(above) = above {
            self.text.push_str(&format!("    n{above} --> n{id}\n"));
        }
        node.below.iter().for_each(|child| self.node(child, Some(id)));
    }
}

fn mark(action: Action) -> String {
    let (sign, _) = render::sign(action);
    format!("{sign} {}", action.word())
}

const fn class(action: Action) -> &'static str {
    match render::sign(action).1 {
        Role::Create | Role::After => ":::create",
        Role::Retire | Role::Before => ":::retire",
        Role::Update | Role::Warning | Role::Plain | Role::Bold | Role::Dim => ":::update",
    }
}

/// Text in a diagram: whatever could be read as its language, as Markdown or as HTML stands as a number.
fn label(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in render::printable(text).chars().enumerate() {
        let is_plain = character.is_ascii_alphanumeric()
            || character == ' '
            || (character == '-' && at > 0)
            || !character.is_ascii();
        if is_plain { out.push(character) } else { out.push_str(&format!("#{};", u32::from(character))) }
    }
    out
}
