//! What the terminal can show, and writing to it without falling over a closed pipe.

use std::io::{IsTerminal as _, Write as _};

/// Whether results may be coloured: standard output is a terminal and nobody set `NO_COLOR`.
pub fn colour_on_stdout() -> bool {
    colour_wanted(std::io::stdout().is_terminal())
}

/// Whether talk may be coloured.
pub fn colour_on_stderr() -> bool {
    colour_wanted(std::io::stderr().is_terminal())
}

/// Whether a person reads the talk as it is said.
pub fn talks_to_a_person() -> bool {
    std::io::stderr().is_terminal()
}

fn colour_wanted(terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The width to fold to: the terminal's, or 100 columns elsewhere.
pub fn width() -> usize {
    let columns = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    columns.clamp(40, 160)
}

/// Writes a result to standard output. A reader that went away (`| head`) is no error.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Says something to whoever watches.
pub fn say(text: &str) {
    // Nobody is left to tell when standard error itself is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
