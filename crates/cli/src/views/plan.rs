//! A plan, for people and for programs.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Effects, Style};
use cxform_plan::Plan;
use cxform_plan::render::{self, Role};
use cxform_plan::v1::PlanV1;

use super::style::{Palette, colour};
use super::text;

/// The plan as a person reads it.
pub fn human(plan: &Plan, width: usize, palette: Palette) -> String {
    let mut text = String::new();
    for line in render::human(plan, width) {
        for (role, span) in &line.spans {
            text.push_str(&palette.paint(style(*role), span));
        }
        text.push('\n');
    }
    text
}

/// What a rollback could not take back, said before anybody approves.
pub fn irreversible(plan: &Plan, palette: Palette) -> String {
    let cannot = cxform_plan::irreversible(plan);
    if cannot.is_empty() {
        return "\nIf a step fails, everything that was written is taken back.\n".to_owned();
    }
    let mut lines = format!(
        "\n{}\n",
        palette.attention("If a step fails, what was written is taken back, but not all of it can be:")
    );
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (address, why) in cannot {
        reasons.entry(why).or_default().push(address.to_string());
    }
    for (why, addresses) in reasons {
        let named = text::some_of(&addresses, 5);
        lines.push_str(&format!("  {}: {}\n", palette.bold(&text::safe(&named)), text::safe(&why)));
    }
    lines
}

/// The plan as a program reads it, and as it is saved.
pub fn json(plan: &Plan) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(&PlanV1::from(plan))? + "\n")
}

/// What a role looks like on a terminal.
pub fn style(role: Role) -> Style {
    match role {
        Role::Plain => Style::new(),
        Role::Bold => Style::new().effects(Effects::BOLD),
        Role::Dim => Style::new().effects(Effects::DIMMED),
        Role::Create | Role::After => colour(AnsiColor::Green),
        Role::Update | Role::Warning => colour(AnsiColor::Yellow),
        Role::Retire | Role::Before => colour(AnsiColor::Red),
    }
}
