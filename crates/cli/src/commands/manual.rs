//! `cxform completions` and `cxform man`: what shells and `man` know of the command line, made from its definition.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::args::{Cli, Global};
use crate::terminal::{print, say};

/// `cxform completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell. `cxform completions bash > ~/.local/share/bash-completion/completions/cxform`, say.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// `cxform man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each command into this folder; without it, the first page goes to standard output.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Prints the completions of a shell.
pub fn completions(args: &CompletionsArgs) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cxform", &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(0)
}

/// Prints the first manual page, or writes them all.
pub fn man(global: &Global, args: &ManArgs) -> anyhow::Result<u8> {
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        print(&String::from_utf8(page)?)?;
        return Ok(0);
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .with_context(|| format!("cannot write manual pages to `{}`", folder.display()))?;
    if !global.quiet {
        say(&format!("The manual is in `{0}`: `man -l {0}/cxform.1`.", folder.display()));
    }
    Ok(0)
}
