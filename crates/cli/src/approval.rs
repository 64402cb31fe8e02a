//! Asking before anything is written.

use std::io::BufRead as _;

use anyhow::{Context as _, bail};

use crate::terminal::say;

/// What it takes to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// `yes`.
    Yes,
    /// The name of the protected environment, typed out.
    Name(&'a str),
}

/// Asks on standard error and reads one line of standard input.
///
/// # Errors
/// Nobody is there to answer.
pub fn ask(question: &str, wanted: Answer<'_>) -> anyhow::Result<bool> {
    let word = match wanted {
        Answer::Yes => "yes",
        Answer::Name(name) => name,
    };
    say(&format!("\n{question} Only `{word}` will be accepted."));
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).context("cannot read the answer from standard input")?;
    if read == 0 {
        bail!("nobody answered: standard input is at its end\nhint: `--auto-approve` applies without asking");
    }
    Ok(line.trim() == word)
}
