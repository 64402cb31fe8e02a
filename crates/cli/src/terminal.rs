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

/// The whole terminal for a picture that changes. What stood there before comes back when it is dropped.
pub struct Screen(());

impl Screen {
    /// Takes the terminal of standard output.
    pub fn open() -> std::io::Result<Self> {
        print("\x1b[?1049h\x1b[?25l")?;
        Ok(Self(()))
    }

    /// Shows lines, in one write and over the old ones: nothing flickers. What does not fit is cut off.
    pub fn show(&mut self, text: &str) -> std::io::Result<()> {
        let (columns, rows) = terminal_size::terminal_size()
            .map_or((80, 24), |(width, height)| (usize::from(width.0), usize::from(height.0)));
        let mut out = String::from("\x1b[?2026h\x1b[H");
        for (row, line) in text.lines().take(rows).enumerate() {
            if row > 0 {
                out.push_str("\r\n");
            }
            out.push_str(&clipped(line, columns));
            out.push_str("\x1b[K");
        }
        out.push_str("\x1b[J\x1b[?2026l");
        print(&out)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nobody is left to tell when the terminal itself is gone.
        let _ = print("\x1b[?25h\x1b[?1049l");
    }
}

/// At most so many characters of a line that may be coloured; the colours take no room.
fn clipped(line: &str, columns: usize) -> String {
    let (mut out, mut room, mut escaped) = (String::with_capacity(line.len()), columns, false);
    for character in line.chars() {
        if escaped || character == '\x1b' {
            escaped = !character.is_ascii_alphabetic();
            out.push(character);
        } else if room > 0 {
            room -= 1;
            out.push(character);
        }
    }
    out
}

/// Says something to whoever watches.
pub fn say(text: &str) {
    // Nobody is left to tell when standard error itself is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_room() {
        assert_eq!(clipped("\x1b[31mred\x1b[0m and more", 5), "\x1b[31mred\x1b[0m a");
        assert_eq!(clipped("short", 80), "short");
    }
}
