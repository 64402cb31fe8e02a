//! Variables: `${var.NAME}` and `${env.NAME}` in scalars, put in after parsing, so that no value can inject YAML.

use std::collections::BTreeMap;

use crate::catalogue::{ENV_VARIABLE, LIMIT, VARIABLE};
use crate::diagnostic::Sink;
use crate::limits::Budget;
use crate::suggest;
use crate::yaml::{Content, Node};
use crate::{Diagnostic, Place};

/// A part of a text with references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    Var(&'t str),
    Env(&'t str),
}

/// Why a text with `${` cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken<'t> {
    Unclosed,
    Unknown(&'t str),
}

/// Whether a text holds a reference or an escape.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains("${")
}

/// The parts of a text.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Broken<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if at > 0 && rest.as_bytes()[at - 1] == b'$' {
            pieces.push(Piece::Text(&rest[..at - 1]));
            pieces.push(Piece::Text("${"));
            rest = &rest[at + 2..];
            continue;
        }
        pieces.push(Piece::Text(&rest[..at]));
        let inner = &rest[at + 2..];
        let end = inner.find('}').ok_or(Broken::Unclosed)?;
        let reference = &inner[..end];
        pieces.push(match reference.split_once('.') {
            Some(("var", name)) if is_name(name) => Piece::Var(name),
            Some(("env", name)) if is_name(name) => Piece::Env(name),
            _ => return Err(Broken::Unknown(reference)),
        });
        rest = &inner[end + 1..];
    }
    pieces.push(Piece::Text(rest));
    pieces.retain(|piece| *piece != Piece::Text(""));
    Ok(pieces)
}

/// Whether a text can be the name of a variable.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '-'))
}

/// Tells what is wrong with a text that has references.
pub(crate) fn report(broken: Broken<'_>, place: Place, sink: &mut Sink) {
    let message = match broken {
        Broken::Unclosed => "`${` is never closed".to_owned(),
        Broken::Unknown(reference) => {
            format!("{} is no reference", suggest::shown(&format!("${{{reference}}}")))
        }
    };
    let hint = "write `${var.NAME}` for a variable, `$${` for a literal `${`";
    sink.push(Diagnostic::new(&VARIABLE, Some(place), message).help(hint));
}

/// The variables of one environment, ready to be put in.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    environment: String,
    values: BTreeMap<String, Variable>,
}

#[derive(Debug)]
struct Variable {
    value: Bound,
    place: Place,
}

/// What a variable stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bound {
    /// This scalar or list of scalars.
    Value(Content),
    /// It needs this variable of the process environment, which is not set: an error where the variable is used.
    Unset(String),
}

impl Variables {
    pub(crate) fn new(environment: &str) -> Self {
        Self { environment: environment.to_owned(), values: BTreeMap::new() }
    }

    pub(crate) fn insert(&mut self, name: String, value: Bound, place: Place) {
        self.values.insert(name, Variable { value, place });
    }

    /// Puts the variables into a tree. What a list or a long text adds is taken from the budget.
    pub(crate) fn fill(&self, node: &mut Node, budget: &mut Budget, sink: &mut Sink) {
        let place = node.place;
        match &mut node.content {
            Content::Unknown => {}
            Content::Sequence(items) => items.iter_mut().for_each(|item| self.fill(item, budget, sink)),
            Content::Mapping(entries) => {
                entries.iter_mut().for_each(|entry| self.fill(&mut entry.value, budget, sink));
            }
            Content::Scalar { text, .. } if is_template(text) => {
                node.content = match pieces(text) {
                    Ok(pieces) => self.scalar(&pieces, place, budget, sink),
                    Err(broken) => {
                        report(broken, place, sink);
                        Content::Unknown
                    }
                };
            }
            Content::Scalar { .. } => {}
        }
    }

    /// A lone reference takes the type of its value; anything else is text. After a problem nothing is known.
    fn scalar(&self, pieces: &[Piece<'_>], place: Place, budget: &mut Budget, sink: &mut Sink) -> Content {
        if let [Piece::Var(name)] = pieces {
            let Some(value) = self.lookup(name, place, sink) else { return Content::Unknown };
            if !afford(value.weight(), place, budget, sink) {
                return Content::Unknown;
            }
            let mut value = value.clone();
            if let Content::Sequence(items) = &mut value {
                items.iter_mut().for_each(|item| item.place = place);
            }
            return value;
        }
        let mut filled = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Var(name) => match self.lookup(name, place, sink) {
                    Some(Content::Scalar { text, .. }) => {
                        if !afford(text.len() / crate::yaml::TEXT_WEIGHT, place, budget, sink) {
                            return Content::Unknown;
                        }
                        filled.push_str(text);
                    }
                    Some(Content::Sequence(_) | Content::Mapping(_)) => {
                        let message = format!("variable `{name}` is a list, which cannot be part of a text");
                        sink.push(Diagnostic::new(&VARIABLE, Some(place), message));
                        return Content::Unknown;
                    }
                    Some(Content::Unknown) | None => return Content::Unknown,
                },
                Piece::Env(name) => {
                    let message = format!("`${{env.{name}}}` is allowed in `cxform.yaml` only");
                    let hint = format!("give the environment a variable with this value and use `${{var.{name}}}`");
                    sink.push(Diagnostic::new(&ENV_VARIABLE, Some(place), message).hint(hint));
                    return Content::Unknown;
                }
            }
        }
        Content::Scalar { text: filled.into(), plain: false }
    }

    fn lookup(&self, name: &str, place: Place, sink: &mut Sink) -> Option<&Content> {
        match self.values.get(name) {
            Some(Variable { value: Bound::Value(value), .. }) => Some(value),
            Some(Variable { value: Bound::Unset(env), place: set }) => {
                let message = format!("variable `{name}` needs `{env}`, which is not set in the process environment");
                sink.push(Diagnostic::new(&ENV_VARIABLE, Some(place), message).related(*set, "needed here"));
                None
            }
            None => {
                let names = self.values.keys().map(String::as_str);
                let message = format!("there is no variable {}", suggest::shown(name));
                let hint = suggest::hint(name, names, "the variables of the environment")
                    .unwrap_or_else(|| "add it under `variables` of the environment in `cxform.yaml`".to_owned());
                sink.push(Diagnostic::new(&VARIABLE, Some(place), message).hint(hint));
                None
            }
        }
    }

    /// Says of a problem with a value that came out of a variable where that variable is set.
    pub(crate) fn explain(&self, problem: &mut Diagnostic, written: &str) {
        if !is_template(written) || problem.rule == &VARIABLE || problem.rule == &ENV_VARIABLE {
            return;
        }
        for piece in pieces(written).unwrap_or_default() {
            if let Piece::Var(name) = piece
                && let Some(variable) = self.values.get(name)
            {
                let text = format!("`{name}` of environment `{}` is set here", self.environment);
                problem.related.push(crate::diagnostic::Label { at: Some(variable.place), text });
            }
        }
    }
}

fn afford(amount: usize, place: Place, budget: &mut Budget, sink: &mut Sink) -> bool {
    let told = budget.is_exhausted();
    if budget.take(amount) {
        return true;
    }
    if !told {
        sink.push(Diagnostic::new(&LIMIT, Some(place), "the variables grow the project beyond its limits"));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_at_its_references() {
        assert_eq!(pieces("${var.a}"), Ok(vec![Piece::Var("a")]));
        assert_eq!(
            pieces("x-${var.a_b}${env.C}!"),
            Ok(vec![Piece::Text("x-"), Piece::Var("a_b"), Piece::Env("C"), Piece::Text("!")])
        );
        assert_eq!(pieces("$${var.a}"), Ok(vec![Piece::Text("${"), Piece::Text("var.a}")]));
        assert_eq!(pieces("5 $"), Ok(vec![Piece::Text("5 $")]));
    }

    #[test]
    fn broken_references_are_told_apart() {
        assert_eq!(pieces("${var.a"), Err(Broken::Unclosed));
        assert_eq!(pieces("${HOME}"), Err(Broken::Unknown("HOME")));
        assert_eq!(pieces("${var.1}"), Err(Broken::Unknown("var.1")));
        assert_eq!(pieces("${}"), Err(Broken::Unknown("")));
    }
}
