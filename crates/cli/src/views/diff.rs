//! What differs between two environments, for people.

use std::fmt::Write as _;

use cxform_plan::Difference;
use cxform_plan::render::inline;
use serde_json::Value;

use super::style::Palette;
use super::text::{counted, safe};

/// By object, both sides below each field.
pub fn list(differences: &[Difference], names: [&str; 2], compared: &str, palette: Palette) -> String {
    let [from, to] = names.map(safe);
    let mut out = String::new();
    let mut shown = None;
    for Difference { address, path, from: one, to: other } in differences {
        let Some(path) = path else {
            let only = if one.is_some() { &from } else { &to };
            let _ =
                writeln!(out, "{}  {}", palette.bold(&safe(address)), palette.attention(&format!("only in {only}")));
            shown = None;
            continue;
        };
        if shown != Some(address) {
            let _ = writeln!(out, "{}", palette.bold(&safe(address)));
            shown = Some(address);
        }
        let _ = writeln!(out, "  {}", safe(path));
        let widest = from.chars().count().max(to.chars().count());
        for (name, value) in [(&from, one), (&to, other)] {
            let said = value.as_ref().map_or_else(|| palette.dim("not managed"), |value: &Value| safe(&inline(value)));
            let _ = writeln!(out, "      {}  {said}", palette.dim(&format!("{name:<widest$}")));
        }
    }
    if differences.is_empty() {
        let _ = writeln!(out, "The {compared} of `{from}` and `{to}` do not differ.");
    } else {
        let count = counted(differences.len(), "difference");
        let _ = writeln!(out, "\n{count} between the {compared} of `{from}` and `{to}`.");
    }
    out
}
