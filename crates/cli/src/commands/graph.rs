//! `cxform graph`: what the manifests describe, as trees or as a diagram; with a saved plan, what it changes. Offline.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use cxform_plan::{Selector, render};

use crate::args::{Global, Wanted};
use crate::terminal::{colour_on_stdout, print, say};
use crate::views::graph;
use crate::views::style::Palette;
use crate::{project, saved};

/// `cxform graph`.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// Show these addresses only, with what hangs below and above them. `*` matches any text: `outcome/SI-*`.
    #[arg(value_name = "ADDRESS")]
    pub addresses: Vec<String>,
    /// Mark what a saved plan changes.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Show only what the plan changes, and what that hangs below.
    #[arg(long, requires = "plan")]
    pub changed: bool,
}

/// Shows.
pub fn run(global: &Global, args: &GraphArgs) -> anyhow::Result<u8> {
    let GraphArgs { addresses, plan, changed } = args;
    let selectors: Vec<Selector> = addresses
        .iter()
        .map(|text| text.parse().with_context(|| format!("`{text}` selects nothing")))
        .collect::<anyhow::Result<_>>()?;
    let plan = plan.as_ref().map(|file| saved::read(file)).transpose()?;
    let project = project::open(global, true)?;
    let environment = match (&global.environment, &plan) {
        (None, Some(plan)) => project
            .environment(Some(&plan.environment))
            .with_context(|| format!("the plan is for the environment `{}` of `{}`", plan.environment, plan.project))?,
        _ => project::environment(&project, global)?,
    };
    if let Some(plan) = &plan
        && (plan.project != project.name || plan.environment != environment.name)
    {
        bail!(
            "the plan is for the environment `{}` of `{}`, and this is `{}` of `{}`",
            plan.environment,
            plan.project,
            environment.name,
            project.name
        );
    }
    let desired = project::load(&project, environment, &project::today(), global)?;
    let mut graph = graph::build(&desired, plan.as_ref()).picked(&selectors);
    if *changed {
        graph = graph.changed();
    }
    if graph.is_empty() && !selectors.is_empty() {
        bail!("nothing here is picked by {}", addresses.join(", "));
    }
    let text = match global.wanted {
        Wanted::Json => graph::json(&graph)?,
        Wanted::Mermaid => graph::mermaid(&graph).context(
            "this is too much for one diagram\nhint: pick a part by its addresses, such as `outcome/SI-*`, or what changes with `--plan FILE --changed`",
        )?,
        _ => graph::text(&graph, Palette::new(colour_on_stdout())),
    };
    print(&text)?;
    if let (Some(plan), false) = (&plan, global.quiet) {
        say(&format!("\n{}", render::summary(plan)));
    }
    Ok(0)
}
