//! Patterns that pick addresses: an address itself, or one with `*` for any run of characters.

use std::fmt;
use std::str::FromStr;

use cxform_model::{Address, AddressError, Kind};

/// An address or a pattern of addresses such as `outcome/SI-*`, `assignment/q3/*` or `*`. A `*` that is part of a name
/// is written `%2A`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector(Form);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    /// The text of one address.
    Exact(String),
    /// The texts around the stars: two at least.
    Pattern(Vec<String>),
}

impl Selector {
    /// Whether the address is picked. A `*` also stands for `/`.
    #[must_use]
    pub fn picks(&self, address: &Address) -> bool {
        self.picks_text(&address.to_string())
    }

    pub(crate) fn picks_text(&self, address: &str) -> bool {
        match &self.0 {
            Form::Exact(text) => text == address,
            Form::Pattern(parts) => {
                let [first, middle @ .., last] = parts.as_slice() else { return false };
                let Some(mut rest) = address.strip_prefix(first.as_str()) else { return false };
                for part in middle {
                    match rest.find(part.as_str()) {
                        Some(at) => rest = &rest[at + part.len()..],
                        None => return false,
                    }
                }
                rest.ends_with(last.as_str())
            }
        }
    }
}

impl FromStr for Selector {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((head, _)) = text.split_once('*') else {
            // Normalised through the address, so that every spelling of an escape picks the same object.
            return Ok(Self(Form::Exact(text.parse::<Address>()?.to_string())));
        };
        let known = match head.split_once('/') {
            Some((kind, _)) => Kind::from_word(kind).is_some(),
            None => Kind::ALL.iter().any(|kind| kind.word().starts_with(head)),
        };
        if known {
            Ok(Self(Form::Pattern(text.split('*').map(as_addresses_spell).collect())))
        } else {
            Err(AddressError::Kind(text.to_owned()))
        }
    }
}

/// Escapes in capitals, and a star as itself.
fn as_addresses_spell(part: &str) -> String {
    let mut pieces = part.split('%');
    let mut spelt = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.char_indices().nth(2).map_or(piece.len(), |(at, _)| at);
        spelt.push('%');
        spelt.push_str(&piece[..digits].to_ascii_uppercase());
        spelt.push_str(&piece[digits..]);
    }
    spelt.replace("%2A", "*")
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Exact(text) => f.write_str(&text.replace('*', "%2A")),
            Form::Pattern(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| part.replace('*', "%2A")).collect();
                f.write_str(&parts.join("*"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (pattern, address, picked) in [
            ("outcome/SI", "outcome/SI", true),
            ("outcome/SI", "outcome/SI-DEMO", false),
            ("outcome/SI-*", "outcome/SI-DEMO", true),
            ("outcome/SI-*", "outcome/SI", false),
            ("assignment/q3/*", "assignment/q3/SI", true),
            ("assignment/q3/*", "assignment/q30/SI", false),
            ("*", "campaign/x", true),
            ("callcode/*/DNC*E", "callcode/A/DNC_STATE", true),
            ("callcode/*/DNC*E", "callcode/A/DNC_STATES", false),
            ("outcome/A*A", "outcome/A", false),
            ("outcome/a%2f*", "outcome/a%2Fb", true),
            ("outcome/A%2A*", "outcome/A%2AB", true),
            ("outcome/A%2A*", "outcome/AB", false),
            ("outcome/A%2AB", "outcome/A%2aB", true),
            ("outcome/A%2AB", "outcome/AxB", false),
        ] {
            let selector: Selector = pattern.parse().unwrap();
            assert_eq!(selector.picks(&address.parse().unwrap()), picked, "{pattern} {address}");
            assert_eq!(selector.to_string().parse::<Selector>().unwrap(), selector);
        }
    }

    #[test]
    fn a_pattern_of_no_kind_is_refused() {
        for pattern in ["list/*", "q3-*", "outcome", ""] {
            assert!(pattern.parse::<Selector>().is_err(), "{pattern}");
        }
    }
}
