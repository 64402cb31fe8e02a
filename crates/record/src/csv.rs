//! Lines of RFC 4180 that no spreadsheet takes for formulas.

use std::io::Write;

/// Writes one line.
///
/// # Errors
/// It cannot be written.
pub fn csv_line<'a>(out: &mut dyn Write, cells: impl IntoIterator<Item = &'a str>) -> std::io::Result<()> {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        let cell = neutral(cell);
        if cell.contains([',', '"', '\r', '\n', '\t', '\'']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

/// A spreadsheet runs what starts like a formula; an apostrophe before it makes it text.
fn neutral(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let mut line = Vec::new();
        csv_line(&mut line, ["=1+1", "+a", "-b", "@c", "\td", "\re", "plain", "a\"b,c", "two\nlines"]).unwrap();
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "\"'=1+1\",\"'+a\",\"'-b\",\"'@c\",\"'\td\",\"'\re\",plain,\"a\"\"b,c\",\"two\nlines\"\r\n"
        );
    }
}
