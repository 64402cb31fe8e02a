//! A graph as trees of text.

use cxform_plan::render;

use super::{Graph, Node};
use crate::views::plan::style;
use crate::views::style::Palette;
use crate::views::text::safe;

/// The trees.
pub fn text(graph: &Graph, palette: Palette) -> String {
    let mut text = String::new();
    for part in &graph.0 {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{}\n", palette.bold(part.title)));
        branches(&part.nodes, "", palette, &mut text);
    }
    text
}

fn branches(nodes: &[Node], indent: &str, palette: Palette, text: &mut String) {
    for (at, node) in nodes.iter().enumerate() {
        let (stem, further) = if at + 1 < nodes.len() { ("├─ ", "│  ") } else { ("└─ ", "   ") };
        let mut line = format!("{}{}", palette.dim(&format!("{indent}{stem}")), one_line(&node.key));
        if !node.notes.is_empty() {
            line.push_str(&format!("  {}", palette.dim(&one_line(&node.notes.join(", ")))));
        }
        for action in &node.changes {
            let (sign, role) = render::sign(*action);
            line.push_str(&format!("  {}", palette.paint(style(role), &format!("[{sign} {}]", action.word()))));
        }
        text.push_str(&line);
        text.push('\n');
        branches(&node.below, &format!("{indent}{further}"), palette, text);
    }
}

fn one_line(text: &str) -> String {
    safe(&text.replace('\n', "\\n"))
}
