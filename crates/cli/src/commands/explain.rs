//! `cxform explain`: what a kind or a field of the manifest language is for.

use anyhow::anyhow;
use clap::Args;
use cxform_manifest::schema::{self, Explained};
use serde_json::json;

use crate::args::{Format, Global};
use crate::terminal::{colour_on_stdout, print, width};
use crate::views::style::Palette;
use crate::views::text::folded;

/// `cxform explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// What to explain, such as `Campaign` or `Campaign.dialerSettings.callRate`; without it, the kinds.
    #[arg(value_name = "KIND[.FIELD]")]
    pub path: Option<String>,
}

/// Explains.
pub fn run(global: &Global, args: &ExplainArgs) -> anyhow::Result<u8> {
    let Some(path) = &args.path else {
        print(&kinds(global.format)?)?;
        return Ok(0);
    };
    let explained = schema::explain(path).map_err(|error| match error.hint() {
        Some(hint) => anyhow!("{error}\nhint: {hint}"),
        None => anyhow!("{error}"),
    })?;
    let text = match global.format {
        Format::Json => as_json(&explained)?,
        Format::Human => human(&explained, width(), Palette::new(colour_on_stdout())),
    };
    print(&text)?;
    Ok(0)
}

fn kinds(format: Format) -> anyhow::Result<String> {
    let kinds = schema::kinds();
    Ok(match format {
        Format::Json => {
            let kinds: Vec<_> = kinds.map(|(kind, about)| json!({ "kind": kind, "about": about })).collect();
            serde_json::to_string_pretty(&json!({ "kinds": kinds }))? + "\n"
        }
        Format::Human => {
            let palette = Palette::new(colour_on_stdout());
            let lines: String =
                kinds.map(|(kind, about)| format!("{}  {about}\n", palette.bold(&format!("{kind:<20}")))).collect();
            format!(
                "{lines}\n`cxform explain KIND` tells the fields of one, `cxform explain KIND.FIELD` what a field is for.\n"
            )
        }
    })
}

fn as_json(explained: &Explained) -> anyhow::Result<String> {
    let Explained { path, about, forms, default, members } = explained;
    let members: Vec<_> = members
        .iter()
        .map(|member| {
            json!({ "name": member.name, "about": member.about, "forms": member.forms, "required": member.required })
        })
        .collect();
    let document = json!({ "path": path, "about": about, "forms": forms, "default": default, "members": members });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn human(explained: &Explained, width: usize, palette: Palette) -> String {
    let Explained { path, about, forms, default, members } = explained;
    let mut text = format!("{}\n", palette.bold(path));
    if !about.is_empty() {
        text.push_str(&folded(about, width, 2));
    }
    if members.is_empty() && !forms.is_empty() {
        text.push_str(&folded(&format!("Takes {}.", forms.join("; or ")), width, 2));
    }
    if let Some(default) = default {
        text.push_str(&format!("  Left out on the tenant, it is {default}.\n"));
    }
    for member in members {
        let mark = if member.required { " (required)" } else { "" };
        text.push_str(&format!("\n  {}{}\n", palette.bold(&member.name), palette.attention(mark)));
        if !member.about.is_empty() {
            text.push_str(&folded(&member.about, width, 6));
        }
        if member.has_members {
            text.push_str(&format!("      {}\n", palette.dim(&format!("more: cxform explain {path}.{}", member.name))));
        } else if !member.forms.is_empty() {
            text.push_str(&folded(&format!("Takes {}.", member.forms.join("; or ")), width, 6));
        }
    }
    text
}
