//! `cxform policy test`: the tests that a project's policies bring along. Offline.

use anyhow::bail;
use clap::Subcommand;
use cxform_policy::try_out;
use serde_json::json;

use crate::args::{Format, Global};
use crate::policies::{FOLDER, load};
use crate::project;
use crate::terminal::{colour_on_stdout, print};
use crate::views::style::Palette;
use crate::views::text::safe;

/// `cxform policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Try out the tests in `policies/`, without a tenant. Exits with 1 where one fails.
    Test,
}

/// Runs it.
pub fn run(global: &Global, command: &PolicyCommand) -> anyhow::Result<u8> {
    let PolicyCommand::Test = command;
    let project = project::open(global, true)?;
    let policies = load(&project.root)?;
    if policies.is_empty() {
        bail!(
            "there are no policies in `{}`\nhint: docs/policies.md tells how to write one",
            project.root.join(FOLDER).display()
        );
    }
    let tried = try_out(&policies);
    let failed = tried.iter().filter(|one| one.fault.is_some()).count();
    let untested: Vec<&str> = policies.ids().filter(|id| !tried.iter().any(|one| one.policy == *id)).collect();
    let text = match global.format {
        Format::Json => {
            let tests: Vec<_> = tried
                .iter()
                .map(|one| json!({ "file": one.file, "test": one.name, "policy": one.policy, "fault": one.fault }))
                .collect();
            let document = json!({ "formatVersion": 1, "policies": policies.ids().count(), "failed": failed,
                                   "untested": untested, "tests": tests });
            serde_json::to_string_pretty(&document)? + "\n"
        }
        Format::Human => {
            let palette = Palette::new(colour_on_stdout());
            let mut lines = String::new();
            for one in &tried {
                let (mark, fault) = match &one.fault {
                    None => (palette.good("ok    "), String::new()),
                    Some(fault) => (palette.bad("FAILED"), format!("\n       {}", safe(fault))),
                };
                if one.fault.is_some() || !global.quiet {
                    lines.push_str(&format!("{mark} {}: {}{fault}\n", safe(&one.policy), safe(&one.name)));
                }
            }
            for id in &untested {
                lines.push_str(&format!("{} {}: no test\n", palette.attention("warning"), safe(id)));
            }
            let held = tried.len() - failed;
            let verdict = if failed == 0 { palette.good("Passed.") } else { palette.bad("Failed.") };
            let (all, of) = (tried.len(), policies.ids().count());
            lines.push_str(&format!(
                "{verdict} Tests: {held} of {all}. Policies: {of}.
"
            ));
            lines
        }
    };
    print(&text)?;
    Ok(u8::from(failed > 0))
}
