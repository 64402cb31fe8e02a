//! `cxform validate`: every problem of every file, for every environment, offline.

use anyhow::bail;
use cxform_manifest::HumanStyle;
use cxform_rules::Severity;

use crate::args::{AsOf, Global, Wanted};
use crate::project;
use crate::terminal::{colour_on_stdout, print, width};
use crate::views::github;
use crate::views::style::Palette;
use crate::views::text::counted;

/// Checks the project.
pub fn run(global: &Global, as_of: AsOf) -> anyhow::Result<u8> {
    let project = project::open_to_check(global)?;
    let context = project::context(as_of);
    let (diagnostics, statistics) = match &global.environment {
        Some(_) => {
            let loaded = project.load(project::environment(&project, global)?, &context, None);
            (loaded.diagnostics, loaded.statistics)
        }
        None => {
            let validated = project.validate_all(&context);
            (validated.diagnostics, validated.statistics)
        }
    };
    if statistics.files == 0 && !diagnostics.has_errors() {
        bail!("there is no manifest below `{}`: nothing was checked", global.directory.display());
    }
    let text = match global.wanted {
        Wanted::Json => serde_json::to_string_pretty(&diagnostics.report(&statistics))? + "\n",
        Wanted::Github => github::problems(&diagnostics.report(&statistics), &github::Base::of(&project.root)),
        _ => {
            let colour = colour_on_stdout();
            let palette = Palette::new(colour);
            let (errors, warnings) = (diagnostics.count(Severity::Error), diagnostics.count(Severity::Warning));
            let verdict = if errors > 0 {
                palette.bad(&format!("Invalid: {}.", counted(errors, "error")))
            } else {
                palette.good("Valid.")
            };
            let warned = if warnings > 0 { format!(" {}.", counted(warnings, "warning")) } else { String::new() };
            let read = format!("{} in {}", counted(statistics.objects, "object"), counted(statistics.files, "file"));
            format!("{}{verdict}{warned} {read}.\n", diagnostics.human(&HumanStyle { color: colour, width: width() }))
        }
    };
    print(&text)?;
    Ok(u8::from(diagnostics.has_errors()))
}
