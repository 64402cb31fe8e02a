//! Reading single values: mappings with known keys, lists, names, words, numbers.

use serde_json::Number;

use super::Reader;
use crate::catalogue::{AMBIGUOUS, MISSING_KEY, NAME, UNKNOWN_KEY, UNKNOWN_WORD, WRONG_TYPE};
use crate::yaml::{Content, Entry, Node, Plain, plain};
use crate::{Diagnostic, Place, suggest};

/// The keys that a mapping may have.
pub(crate) struct Keys<'k> {
    /// What the mapping is, in a message.
    pub(crate) what: &'k str,
    /// Every known key.
    pub(crate) known: &'k [&'k str],
    /// Keys that belong elsewhere, each with what to do instead.
    pub(crate) elsewhere: &'k [(&'k str, &'k str)],
}

impl<'k> Keys<'k> {
    pub(crate) const fn new(what: &'k str, known: &'k [&'k str]) -> Self {
        Self { what, known, elsewhere: &[] }
    }
}

impl Reader<'_> {
    /// The entries of a mapping; keys that are not known are told.
    pub(crate) fn mapping<'n>(&mut self, node: &'n Node, keys: &Keys<'_>) -> Option<&'n [Entry]> {
        let entries = self.entries(node, keys.what)?;
        for entry in entries {
            if !keys.known.contains(&&*entry.key) {
                self.unknown_key(entry, keys);
            }
        }
        Some(entries)
    }

    /// The entries of a mapping, whatever its keys.
    pub(crate) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Entry]> {
        self.incomplete |= node.is_unknown();
        match &node.content {
            Content::Mapping(entries) => Some(entries),
            _ => self.wrong_type(node, what, "a mapping", None),
        }
    }

    pub(crate) fn unknown_key(&mut self, entry: &Entry, keys: &Keys<'_>) {
        let Keys { what, known, elsewhere } = keys;
        let hint = elsewhere
            .iter()
            .find(|(key, _)| *key == &*entry.key)
            .map(|(_, hint)| (*hint).to_owned())
            .or_else(|| suggest::hint(&entry.key, known.iter().copied(), "known keys"));
        let message = format!("unknown key {} in {what}", suggest::shown(&entry.key));
        self.report(Diagnostic::new(&UNKNOWN_KEY, Some(entry.key_place), message).hint(hint));
    }

    /// The value of a key that must be there.
    pub(crate) fn required<'n>(
        &mut self,
        entries: &'n [Entry],
        key: &str,
        what: &str,
        place: Place,
    ) -> Option<&'n Node> {
        let found = get(entries, key);
        // A slip of the key has been told as an unknown one.
        let slipped = || {
            entries.iter().any(|entry| {
                suggest::nearest(&entry.key, [key]).is_some() && self.sink.told(&UNKNOWN_KEY, entry.key_place)
            })
        };
        if found.is_none() && !slipped() {
            let message = format!("{what} has no `{key}`");
            self.report(
                Diagnostic::new(&MISSING_KEY, Some(first_line(place, entries)), message).help(&format!("add `{key}`")),
            );
        }
        found
    }

    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        self.incomplete |= node.is_unknown();
        match &node.content {
            Content::Sequence(items) => Some(items),
            Content::Scalar { text, .. } if !node.is_null() && text.len() < 40 && !text.contains(['\n', '"']) => {
                let hint = format!("write a list: `[{text}]`");
                self.wrong_type(node, what, "a list", Some(&hint))
            }
            _ => self.wrong_type(node, what, "a list", None),
        }
    }

    /// A text. Numbers are taken as they are written; `null` and booleans are no text.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.content {
            Content::Scalar { text, plain: true } => match plain(text) {
                Plain::Null => self.wrong_type(node, what, "text", None),
                Plain::Bool(_) => self.wrong_type(node, what, "text", Some(&format!("quote it: `\"{text}\"`"))),
                Plain::Number(_) | Plain::Text | Plain::Ambiguous(_) => Some(text),
            },
            Content::Scalar { text, plain: false } => Some(text),
            _ => self.wrong_type(node, what, "text", None),
        }
    }

    /// A text that can be a name or a code.
    pub(crate) fn name<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        self.incomplete |= node.is_unknown();
        let text = self.text(node, what)?;
        let fault = if text.trim().is_empty() {
            "is empty"
        } else if text.trim() != text {
            "begins or ends with white space"
        } else {
            return Some(text);
        };
        self.report(Diagnostic::new(&NAME, Some(node.place), format!("{what} {fault}")));
        None
    }

    /// A list of names, none of them twice.
    pub(crate) fn names<'n>(&mut self, node: &'n Node, what: &str) -> Option<Vec<(&'n str, &'n Node)>> {
        let mut names = Vec::new();
        let mut seen = std::collections::HashMap::new();
        for item in self.list(node, what)? {
            let Some(name) = self.name(item, &format!("an entry of {what}")) else { continue };
            if let Some(first) = seen.insert(name, item.place) {
                let message = format!("{what} names {} twice", suggest::shown(name));
                self.report(
                    Diagnostic::new(&crate::catalogue::DUPLICATE_OBJECT, Some(item.place), message)
                        .related(first, "first named here"),
                );
                seen.insert(name, first);
                continue;
            }
            names.push((name, item));
        }
        Some(names)
    }

    pub(crate) fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        const EXPECTED: &str = "`true` or `false`";
        let Content::Scalar { text, plain: is_plain } = &node.content else {
            return self.wrong_type(node, what, EXPECTED, None);
        };
        match plain(text) {
            Plain::Bool(value) if *is_plain => Some(value),
            Plain::Bool(_) => self.wrong_type(node, what, EXPECTED, Some("remove the quotes")),
            _ => {
                let word = match text.to_ascii_lowercase().as_str() {
                    "yes" | "on" | "y" => Some("true"),
                    "no" | "off" | "n" => Some("false"),
                    _ => None,
                };
                let hint = word.map(|word| format!("in YAML 1.2 this is text: write `{word}`"));
                self.wrong_type(node, what, EXPECTED, hint.as_deref())
            }
        }
    }

    pub(crate) fn number(&mut self, node: &Node, what: &str) -> Option<Number> {
        const EXPECTED: &str = "a number";
        let Content::Scalar { text, plain: is_plain } = &node.content else {
            return self.wrong_type(node, what, EXPECTED, None);
        };
        match plain(text) {
            Plain::Number(number) if *is_plain => Some(number),
            Plain::Number(_) => self.wrong_type(node, what, EXPECTED, Some("remove the quotes")),
            Plain::Ambiguous(why) if *is_plain => {
                let message = format!("{what}: {} is no plain number: {why}", suggest::shown(text));
                self.report(
                    Diagnostic::new(&AMBIGUOUS, Some(node.place), message).help("write it as a plain decimal number"),
                );
                None
            }
            _ => self.wrong_type(node, what, EXPECTED, None),
        }
    }

    /// One of some words, whatever its case.
    pub(crate) fn word(&mut self, node: &Node, what: &str, words: &'static [&'static str]) -> Option<&'static str> {
        let text = self.text(node, what)?;
        let found = words.iter().find(|word| word.eq_ignore_ascii_case(text.trim())).copied();
        if found.is_none() {
            let message = format!("{what} cannot be {}", suggest::shown(text));
            let hint = suggest::hint(text, words.iter().copied(), "one of");
            self.report(Diagnostic::new(&UNKNOWN_WORD, Some(node.place), message).hint(hint));
        }
        found
    }

    /// Tells that a value has the wrong type. What nobody knows fits everywhere.
    pub(crate) fn wrong_type<T>(&mut self, node: &Node, what: &str, expected: &str, hint: Option<&str>) -> Option<T> {
        if node.is_unknown() {
            return None;
        }
        let message = format!("{what} must be {expected}, but this is {}", node.noun());
        self.report(Diagnostic::new(&WRONG_TYPE, Some(node.place), message).hint(hint.map(str::to_owned)));
        None
    }
}

/// The value of a key.
pub(crate) fn get<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
    entries.iter().find(|entry| &*entry.key == key).map(|entry| &entry.value)
}

/// A mapping as a place to point at: its first key, rather than all of its lines.
fn first_line(place: Place, entries: &[Entry]) -> Place {
    match entries.first() {
        Some(entry) if entry.key_place.source == place.source => entry.key_place,
        _ => place,
    }
}
