//! Where a field's new value goes: the place that sets it where that is the object's own, a field of its own otherwise.

use cxform_model::{Address, DesiredField, DesiredObject, Envelope, Field, Kind, Setting, Shape, Source, canonical};
use serde_json::Value;

use super::find::{Spot, value_at};
use super::{Bench, Refused, Replacement};
use crate::express::{express, is_empty};
use crate::yaml::{Body, Item, Node, Properties, Stream, Style, print_flow, print_value, scalar_of};

/// Where a key goes among others: behind the last that comes before it here.
const ORDER: [&str; 20] = [
    "code",
    "previousCode",
    "parent",
    "campaigns",
    "campaignGroups",
    "name",
    "description",
    "type",
    "status",
    "isActive",
    "startDateTime",
    "targetListId",
    "validationRules",
    "uiConfig",
    "outcomes",
    "default",
    "exclusive",
    "unassigned",
    "dialerSettings",
    "complianceSettings",
];

impl Bench<'_> {
    pub(super) fn field(&self, address: &Address, field: Field, value: &Value) -> Result<Vec<Replacement>, Refused> {
        let object = self.desired.objects.get(address).ok_or_else(|| Refused::Unknown(address.clone()))?;
        let not_managed = || Refused::NotManaged { address: address.clone(), path: field.path().to_owned() };
        let managed = object.fields.get(field).filter(|_| !object.ignored.contains(&field)).ok_or_else(not_managed)?;
        if managed.setting.satisfied_by(field, Some(value)) {
            return Ok(Vec::new());
        }
        let new = self.express(field, value)?;
        if self.is_implied(object, field, managed.source) {
            return self.own(address, object, field, new, managed.source);
        }
        let (stream, text) = self.stream(managed.source.file).ok_or_else(|| self.lost(managed.source))?;
        let spot = value_at(stream, text, managed.source).ok_or_else(|| self.lost(managed.source))?;
        let alias = matches!(spot.node.body, Body::Alias(_));
        if self.users.get(&managed.source).copied().unwrap_or(0) > 1 && !alias {
            return self.own(address, object, field, new, managed.source);
        }
        if let (Setting::Between(envelope), Value::Number(_), false) = (&managed.setting, value, alias) {
            return self.widen(&spot, envelope, value, managed.source);
        }
        if spot.node.text().is_some_and(|text| text.contains("${")) {
            return self.variable(&spot, managed.source, new);
        }
        if is_named(stream, spot.node) {
            return Err(Refused::Shared { place: self.place(managed.source) });
        }
        Ok(vec![self.replace(&spot, managed, field, value, new)?])
    }

    fn express(&self, field: Field, value: &Value) -> Result<Node, Refused> {
        if is_empty(value) && !matches!(value, Value::Array(_)) {
            return Ok(scalar_of(&Value::Null));
        }
        express(field, value).map_err(|why| Refused::Inexpressible(format!("`{}`: {why}", field.path())))
    }

    pub(super) fn lost(&self, source: Source) -> Refused {
        Refused::Unsafe { place: self.place(source), why: "the value is not found there".to_owned() }
    }

    /// Whether the value is one that nobody wrote: a listed code is active.
    fn is_implied(&self, object: &DesiredObject, field: Field, source: Source) -> bool {
        matches!(field.path(), "status" | "isActive") && source == object.source
    }

    /// A field on the object itself, where what sets it now is set for others as well.
    fn own(
        &self,
        address: &Address,
        object: &DesiredObject,
        field: Field,
        new: Node,
        set: Source,
    ) -> Result<Vec<Replacement>, Refused> {
        let shared = || Refused::Shared { place: self.place(set) };
        let (stream, text) = self.stream(object.source.file).ok_or_else(|| self.lost(object.source))?;
        let spot = value_at(stream, text, object.source).ok_or_else(|| self.lost(object.source))?;
        let holder = match address.kind() {
            Kind::Outcome => spot.holder(),
            // The category is the set's, not the code's.
            Kind::CallCode if field.path() != "category" => spot.holder(),
            Kind::Campaign if object.declared && !field.path().starts_with("contactSelection.") => {
                spot.path.first().and_then(|root| root.get("spec"))
            }
            _ => return Err(shared()),
        };
        let holder = holder.filter(|holder| matches!(holder.body, Body::Mapping { .. })).ok_or_else(shared)?;
        let parts: Vec<_> = field.path().split('.').collect();
        let file = self.name(object.source.file);
        self.insert(file, text, holder, &parts, new).map(|one| vec![one]).ok_or_else(shared)
    }

    /// Puts a value at a path below a mapping that does not have it yet.
    pub(super) fn insert(
        &self,
        file: &str,
        text: &str,
        holder: &Node,
        path: &[&str],
        new: Node,
    ) -> Option<Replacement> {
        let (key, rest) = path.split_first()?;
        let replacement = |range, text| Some(Replacement { file: file.to_owned(), range, text });
        if let Some(entry) = holder.entry(key) {
            return match &entry.value.body {
                Body::Mapping { .. } if !rest.is_empty() => self.insert(file, text, &entry.value, rest, new),
                // What the alias stands for stays what it is for the others.
                Body::Alias(name) if !rest.is_empty() => {
                    let merge = Node::new(Body::Scalar { text: "<<".to_owned(), style: Style::Plain });
                    let mut merged = nested(rest, new);
                    if let Body::Mapping { entries, .. } = &mut merged.body {
                        let mut entry = crate::yaml::Entry::new(String::new(), Node::new(Body::Alias(name.clone())));
                        entry.key = merge;
                        entries.insert(0, entry);
                    }
                    replacement(entry.value.span.clone(), print_flow(&merged))
                }
                _ if rest.is_empty() => replacement(entry.value.span.clone(), print_flow(&new)),
                _ => None,
            };
        }
        let value = if rest.is_empty() { new } else { nested(rest, new) };
        let rank = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
        let entries = holder.entries();
        let place = entries.iter().rposition(|entry| entry.key.text().is_some_and(|other| rank(other) < rank(key)));
        let place = place.or(if rank(key) == ORDER.len() { entries.len().checked_sub(1) } else { None });
        if holder.is_flow() {
            let written = format!("{key}: {}", print_flow(&value));
            return match (place.and_then(|at| entries.get(at)), entries.first()) {
                (Some(entry), _) => replacement(end_of(entry)..end_of(entry), format!(", {written}")),
                (None, Some(first)) => replacement(first.key.span.start..first.key.span.start, format!("{written}, ")),
                (None, None) => replacement(holder.span.clone(), format!("{{ {written} }}")),
            };
        }
        let indent = holder.at.1 - 1;
        let line = print_value(&value, indent, indent + key.chars().count() + 1);
        let line = format!("{key}:{}", line.trim_end());
        match (place.and_then(|at| entries.get(at)), entries.first()) {
            (Some(entry), _) => {
                let end = line_end(text, end_of(entry));
                replacement(end..end, format!("\n{}{line}", " ".repeat(indent)))
            }
            (None, Some(first)) => {
                let start = first.key.span.start;
                replacement(start..start, format!("{line}\n{}", " ".repeat(indent)))
            }
            (None, None) => None,
        }
    }

    /// An envelope takes the value in by moving the nearer bound.
    fn widen(
        &self,
        spot: &Spot<'_>,
        envelope: &Envelope,
        value: &Value,
        source: Source,
    ) -> Result<Vec<Replacement>, Refused> {
        let bounds = spot.node.get("between").map(Node::items).unwrap_or_default();
        let below = value.as_f64() < envelope.low.as_f64();
        let bound = if below { bounds.first() } else { bounds.last() };
        match bound.map(|item| &item.value) {
            Some(bound) if bound.text().is_some_and(|text| !text.contains("${")) => {
                let file = self.name(source.file).to_owned();
                let text = print_flow(&scalar_of(&canonical(&Shape::Number { min: 0.0, max: 0.0 }, value)));
                Ok(vec![Replacement { file, range: bound.span.clone(), text }])
            }
            _ => Err(Refused::Unsafe {
                place: self.place(source),
                why: "a bound of the envelope is no plain number".to_owned(),
            }),
        }
    }

    /// The value itself, in the form in which the old one is written.
    fn replace(
        &self,
        spot: &Spot<'_>,
        managed: &DesiredField,
        field: Field,
        value: &Value,
        mut new: Node,
    ) -> Result<Replacement, Refused> {
        let file = self.name(managed.source.file).to_owned();
        let old = spot.node;
        let within = |range, text| Ok(Replacement { file: file.clone(), range, text });
        if let (Body::Sequence { .. }, Value::Array(values)) = (&old.body, value) {
            new = with_items(old, &managed.setting, &field.policy().shape, values, new);
        }
        if let (Body::Scalar { style: Style::Block { header, .. }, .. }, Body::Scalar { text, .. }) =
            (&old.body, &new.body)
            && let Some(style) = block_style(header, text)
        {
            new = Node::new(Body::Scalar { text: text.clone(), style });
        }
        if let (
            Body::Scalar { style: Style::Double(_) | Style::Single, .. },
            Body::Scalar { text, style: Style::Plain },
        ) = (&old.body, &new.body)
            && value.is_string()
        {
            new = Node::new(Body::Scalar { text: text.clone(), style: Style::Double(None) });
        }
        let one_line = |node: &Node| {
            matches!(node.body, Body::Alias(_))
                || matches!(&node.body, Body::Scalar { style, .. } if !matches!(style, Style::Block { .. }))
        };
        if (one_line(old) && one_line(&new)) || (old.is_absent() && spot.in_flow()) {
            let text = print_flow(&new);
            // Nothing but the colon stands in front of a value that is absent.
            return within(old.span.clone(), if old.is_absent() { format!(" {text}") } else { text });
        }
        let (Some(entry), Some(holder)) = (spot.entry, spot.holder()) else {
            return Err(self.lost(managed.source));
        };
        if spot.in_flow() {
            if old.has_comments_inside() || matches!(old.body, Body::Scalar { style: Style::Block { .. }, .. }) {
                let why = "a comment stands inside of braces".to_owned();
                return Err(Refused::Unsafe { place: self.place(managed.source), why });
            }
            return within(old.span.clone(), print_flow(&new));
        }
        new.comment.clone_from(&old.comment);
        let text = self.project.text(managed.source.file).unwrap_or_default();
        let start = colon(text, entry);
        let end = line_end(text, end_of(entry));
        let indent = holder.at.1 - 1;
        let used = indent + entry.key.span.len() + 1;
        within(start..end, print_value(&new, indent, used).trim_end_matches('\n').to_owned())
    }
}

/// A list in which the items that stay keep their text, their comments and, in a set, their places.
fn with_items(old: &Node, setting: &Setting, shape: &Shape, values: &[Value], fresh: Node) -> Node {
    let (Shape::Set(inner) | Shape::List(inner)) = shape else { return fresh };
    let written = match setting {
        Setting::Value(Value::Array(items)) if items.len() == old.items().len() => items.as_slice(),
        _ => return fresh,
    };
    let mut known: Vec<(Value, Option<&Item>)> =
        written.iter().zip(old.items()).map(|(value, item)| (canonical(inner, value), Some(item))).collect();
    let wanted: Vec<(Value, Node)> = match shape {
        // The fresh items stand in an order of their own; find each by what it is.
        Shape::Set(_) => {
            let mut sorted: Vec<Value> = values.iter().map(|value| canonical(inner, value)).collect();
            sorted.sort_by_key(Value::to_string);
            sorted.dedup();
            sorted.into_iter().zip(fresh.items().iter().map(|item| item.value.clone())).collect()
        }
        _ => values
            .iter()
            .map(|value| canonical(inner, value))
            .zip(fresh.items().iter().map(|item| item.value.clone()))
            .collect(),
    };
    let mut items: Vec<Item> = Vec::new();
    if matches!(shape, Shape::Set(_)) {
        let stay = |value: &Value| wanted.iter().any(|(other, _)| other == value);
        items.extend(known.iter().filter(|(value, _)| stay(value)).filter_map(|(_, item)| item.cloned()));
        let new = wanted.iter().filter(|(value, _)| !known.iter().any(|(other, _)| other == value));
        items.extend(new.map(|(_, node)| Item { before: Vec::new(), value: node.clone() }));
    } else {
        for (value, node) in wanted {
            let kept = known
                .iter_mut()
                .find(|(other, item)| item.is_some() && *other == value)
                .and_then(|(_, item)| item.take());
            items.push(kept.cloned().unwrap_or(Item { before: Vec::new(), value: node }));
        }
    }
    let (flow, after) = match &old.body {
        Body::Sequence { flow, after, .. } => (*flow, after.clone()),
        _ => (true, Vec::new()),
    };
    let mut list = Node::new(Body::Sequence { flow: flow || items.is_empty(), items, after });
    list.properties.clone_from(&old.properties);
    list
}

/// Lines for a text that was written over lines before, where they say the same.
fn block_style(header: &str, text: &str) -> Option<Style> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let odd = body.is_empty() || body.ends_with('\n') || body.starts_with([' ', '\t', '\n']);
    let plain = body.chars().all(|next| next == '\n' || next == '\t' || !cxform_model::is_unprintable(next));
    if odd || !plain || header.starts_with('>') || body.lines().any(|line| line.ends_with(' ')) {
        return None;
    }
    let header = if text.ends_with('\n') { "|" } else { "|-" };
    Some(Style::Block { header: header.to_owned(), lines: body.split('\n').map(str::to_owned).collect() })
}

/// `{ a: { b: value } }` for the path `a`, `b`.
fn nested(path: &[&str], value: Node) -> Node {
    path.iter().rev().fold(value, |inner, key| Node::mapping(true, [((*key).to_owned(), inner)]))
}

/// Whether other places of the file stand for this very value.
fn is_named(stream: &Stream, node: &Node) -> bool {
    let Properties { anchor: Some(name), .. } = &node.properties else { return false };
    stream.documents.iter().any(|document| has_alias(&document.root, name))
}

fn has_alias(node: &Node, name: &str) -> bool {
    match &node.body {
        Body::Alias(other) => other == name,
        Body::Scalar { .. } => false,
        Body::Sequence { items, .. } => items.iter().any(|item| has_alias(&item.value, name)),
        Body::Mapping { entries, .. } => entries.iter().any(|entry| has_alias(&entry.value, name)),
    }
}

/// Behind the colon of an entry.
pub(super) fn colon(text: &str, entry: &crate::yaml::Entry) -> usize {
    let from = entry.key.span.end;
    from + text.get(from..).and_then(|rest| rest.find(':')).map_or(0, |at| at + 1)
}

/// Where an entry ends, without the comment behind it.
pub(super) fn end_of(entry: &crate::yaml::Entry) -> usize {
    entry.value.span.end.max(entry.key.span.end)
}

/// The end of the line, comment included.
pub(super) fn line_end(text: &str, from: usize) -> usize {
    let end =
        from + text.get(from..).and_then(|rest| rest.find('\n')).unwrap_or_else(|| text.len().saturating_sub(from));
    if text.get(..end).is_some_and(|before| before.ends_with('\r')) { end - 1 } else { end }
}
