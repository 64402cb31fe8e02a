//! `cxform show FILE`: a saved plan in any form. Offline, without credentials, and without the project.

use std::path::PathBuf;

use clap::Args;

use crate::args::Global;
use crate::saved;
use crate::showing::{self, Elsewhere};

/// `cxform show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A plan that `plan --out` saved.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where else it is shown.
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// Shows.
pub fn run(global: &Global, args: &ShowArgs) -> anyhow::Result<u8> {
    let ShowArgs { file, elsewhere } = args;
    showing::show(global, &saved::read(file)?, elsewhere)?;
    Ok(0)
}
