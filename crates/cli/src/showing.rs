//! A plan on standard output, in the form that was asked for.

use std::path::{Path, PathBuf};

use clap::Args;
use cxform_plan::Plan;

use crate::args::{Global, Wanted};
use crate::project::Asked;
use crate::saved;
use crate::terminal::{colour_on_stdout, print, width};
use crate::views::style::Palette;
use crate::views::text::causes;
use crate::views::{self, github, html, markdown};

/// Where else a plan is shown.
#[derive(Debug, Args, Default)]
pub struct Elsewhere {
    /// Write the whole text to a file as well: `--format markdown` is cut to what a comment may hold.
    #[arg(long, value_name = "FILE")]
    pub artifact: Option<PathBuf>,
}

/// Shows a plan.
pub fn show(global: &Global, plan: &Plan, elsewhere: &Elsewhere) -> anyhow::Result<()> {
    let artifact = elsewhere.artifact.as_deref();
    let plain = |text: String| (text.clone(), text);
    let (text, whole) = match global.wanted {
        Wanted::Json => plain(views::plan::json(plan)?),
        Wanted::Markdown => {
            let name = artifact.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
            let markdown::Comment { text, whole } = markdown::plan(plan, name.as_deref());
            (text, whole)
        }
        Wanted::Github => plain(github::plan(plan, &github::Base::of(&global.directory))),
        Wanted::Html => plain(html::plan(plan)),
        Wanted::Human | Wanted::Jsonl | Wanted::Csv | Wanted::Mermaid | Wanted::Prometheus => (
            views::plan::human(plan, width(), Palette::new(colour_on_stdout())),
            views::plan::human(plan, width(), Palette::new(false)),
        ),
    };
    // The file first: where it cannot be written, a comment that points to it would be wrong.
    if let Some(file) = artifact {
        saved::put(&whole, file, "the whole text")?;
    }
    Ok(print(&text)?)
}

/// Why there is no plan, where a form is wanted in which an older one would stay on a page as if it still held.
pub fn failed(error: &anyhow::Error, asked: &Asked<'_>) -> anyhow::Result<()> {
    let said = causes(error);
    match asked.wanted {
        Wanted::Markdown => print(&markdown::failed(&said, asked.about))?,
        Wanted::Github => print(&github::failed(&said))?,
        Wanted::Human
        | Wanted::Json
        | Wanted::Jsonl
        | Wanted::Csv
        | Wanted::Html
        | Wanted::Mermaid
        | Wanted::Prometheus => {}
    }
    Ok(())
}
