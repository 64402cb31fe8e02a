//! Reading a value of a shape.

use cxform_model::{Member, Shape};
use serde_json::{Map, Number, Value};

use super::cursor::get;
use super::{Keys, Reader};
use crate::catalogue::{AMBIGUOUS, NOT_CLEARABLE, WRONG_TYPE};
use crate::yaml::{Content, Node, Plain, plain};
use crate::{Diagnostic, suggest};

impl Reader<'_> {
    /// A value of this shape, not null; nothing where a problem was told or the value is not known.
    pub(crate) fn value(&mut self, shape: &Shape, node: &Node, what: &str) -> Option<Value> {
        match shape {
            Shape::Text | Shape::Word | Shape::Instant | Shape::WallClock | Shape::Zone | Shape::Colour => {
                self.text(node, what).map(Value::from)
            }
            Shape::Bool => self.boolean(node, what).map(Value::from),
            Shape::Integer { .. } => self.integer(node, what).map(Value::Number),
            Shape::Number { .. } => self.number(node, what).map(Value::Number),
            Shape::Choice(words) => self.word(node, what, words).map(Value::from),
            Shape::Scalar => match &node.content {
                Content::Sequence(items) => self.scalars(items, what),
                _ => self.scalar(node, what),
            },
            Shape::Set(item) | Shape::List(item) => self.items(item, node, what),
            Shape::Record(members) => self.record(members, node, what),
        }
    }

    fn integer(&mut self, node: &Node, what: &str) -> Option<Number> {
        const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: up to here a float is one whole number
        let number = self.number(node, what)?;
        match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => {
                #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
                let whole = float as i64;
                Some(whole.into())
            }
            Some(_) if number.is_f64() => {
                let message = format!("{what} must be a whole number, but this is `{number}`");
                self.report(Diagnostic::new(&WRONG_TYPE, Some(node.place), message));
                None
            }
            _ => Some(number),
        }
    }

    /// Any scalar, with the type that YAML gives it.
    fn scalar(&mut self, node: &Node, what: &str) -> Option<Value> {
        let Content::Scalar { text, plain: is_plain } = &node.content else {
            return self.wrong_type(node, what, "a scalar", None);
        };
        if !is_plain {
            return Some(Value::from(&**text));
        }
        match plain(text) {
            Plain::Null => self.wrong_type(node, what, "a scalar", None),
            Plain::Bool(value) => Some(Value::from(value)),
            Plain::Number(number) => Some(Value::Number(number)),
            Plain::Text => Some(Value::from(&**text)),
            Plain::Ambiguous(why) => {
                let message = format!("{what}: {} is ambiguous: {why}", suggest::shown(text));
                let hint = format!("quote it: `\"{text}\"`");
                self.report(Diagnostic::new(&AMBIGUOUS, Some(node.place), message).hint(hint));
                None
            }
        }
    }

    fn scalars(&mut self, nodes: &[Node], what: &str) -> Option<Value> {
        let entry = format!("an entry of {what}");
        let items: Vec<_> = nodes.iter().filter_map(|node| self.scalar(node, &entry)).collect();
        (items.len() == nodes.len()).then_some(Value::Array(items))
    }

    fn items(&mut self, shape: &Shape, node: &Node, what: &str) -> Option<Value> {
        let before = self.sink.errors();
        let entry = format!("an entry of {what}");
        let mut unknown = false;
        let mut items = Vec::new();
        for item in self.list(node, what)? {
            unknown |= item.is_unknown();
            items.extend(self.value(shape, item, &entry));
        }
        (!unknown && self.sink.errors() == before).then_some(Value::Array(items))
    }

    fn record(&mut self, members: &[Member], node: &Node, what: &str) -> Option<Value> {
        let before = self.sink.errors();
        let known: Vec<_> = members.iter().map(|member| member.name).collect();
        let entries = self.mapping(node, &Keys::new(what, &known))?;
        let mut record = Map::new();
        let mut unknown = false;
        for member in members {
            let found = if member.required {
                self.required(entries, member.name, what, node.place)
            } else {
                get(entries, member.name).filter(|value| !value.is_null())
            };
            let Some(found) = found else { continue };
            let name = format!("`{}`", member.name);
            if found.is_null() {
                self.not_clearable(found, &name);
                continue;
            }
            unknown |= found.is_unknown();
            if let Some(value) = self.value(&member.shape, found, &name) {
                record.insert(member.name.to_owned(), value);
            }
        }
        (!unknown && self.sink.errors() == before).then_some(Value::Object(record))
    }

    pub(crate) fn not_clearable(&mut self, node: &Node, what: &str) {
        let message = format!("{what} cannot be cleared");
        self.report(
            Diagnostic::new(&NOT_CLEARABLE, Some(node.place), message).help("give it a value, or leave the key out"),
        );
    }
}
