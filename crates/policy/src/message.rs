//! What a denial says: text with `${expressions}` in it.

use cel::Context;

use crate::expression::Expression;
use crate::value;

/// A compiled message.
#[derive(Debug)]
pub(crate) struct Message(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Value(Expression),
}

impl Message {
    /// `$${` writes `${`.
    pub(crate) fn compile(text: &str, known: &[&str]) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, after) = (&rest[..at], &rest[at + 2..]);
            if let Some(before) = before.strip_suffix('$') {
                plain.push_str(before);
                plain.push_str("${");
                rest = after;
                continue;
            }
            plain.push_str(before);
            let end = end_of(after).ok_or_else(|| "has a `${` without its `}`".to_owned())?;
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Value(Expression::compile(&after[..end], known)?));
            rest = &after[end + 1..];
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    pub(crate) fn text(&self, scope: &Context<'_, '_>) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value(expression) => text.push_str(&value::text(&expression.value(scope)?)),
            }
        }
        Ok(text)
    }
}

/// The brace that closes what is open: those of maps within, and of texts, do not count.
fn end_of(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut quoted: Option<char> = None;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match (quoted, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(quote), _) if quote == character => quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quoted = Some(character),
            (None, '{') => open += 1,
            (None, '}') if open == 0 => return Some(at),
            (None, '}') => open -= 1,
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(template: &str) -> Result<String, String> {
        let mut scope = Context::default();
        scope.add_variable_from_value("name", "q3");
        Message::compile(template, &["name"])?.text(&scope)
    }

    #[test]
    fn expressions_are_filled_in() {
        assert_eq!(text("campaign ${name}: ${1 + 1} of ${['a', 'b']}"), Ok("campaign q3: 2 of a, b".to_owned()));
        assert_eq!(text("${{'}': '}'}['}']} and $${name}"), Ok("} and ${name}".to_owned()));
        assert_eq!(text("plain"), Ok("plain".to_owned()));
    }

    #[test]
    fn what_cannot_be_filled_in_is_told() {
        assert_eq!(text("${name"), Err("has a `${` without its `}`".to_owned()));
        assert!(text("${nmae}").unwrap_err().contains("`nmae`"));
    }
}
