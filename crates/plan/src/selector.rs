//! Patterns that pick addresses: an address itself, or one with `*` for any run of characters.

use std::fmt;
use std::str::FromStr;

use cxform_model::{Address, AddressError, Kind};

/// An address or a pattern of addresses such as `outcome/SI-*`, `assignment/q3/*` or `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector(String);

impl Selector {
    /// Whether the address is picked. A `*` also stands for `/`.
    #[must_use]
    pub fn picks(&self, address: &Address) -> bool {
        self.picks_text(&address.to_string())
    }

    pub(crate) fn picks_text(&self, address: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = address.strip_prefix(first) else { return false };
        let mut tail: Option<&str> = None;
        for part in parts {
            if let Some(middle) = tail.replace(part) {
                match rest.find(middle) {
                    Some(at) => rest = &rest[at + middle.len()..],
                    None => return false,
                }
            }
        }
        tail.map_or(rest.is_empty(), |tail| rest.ends_with(tail))
    }
}

impl FromStr for Selector {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('*') {
            // Normalised through the address, so that every spelling of an escape picks the same object.
            None => Ok(Self(text.parse::<Address>()?.to_string())),
            Some((head, _)) => match head.split_once('/') {
                Some((kind, _)) if Kind::from_word(kind).is_none() => Err(AddressError::Kind(text.to_owned())),
                None if !Kind::ALL.iter().any(|kind| kind.word().starts_with(head)) => {
                    Err(AddressError::Kind(text.to_owned()))
                }
                _ => Ok(Self(text.to_owned())),
            },
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
        ] {
            let selector: Selector = pattern.parse().unwrap();
            assert_eq!(selector.picks(&address.parse().unwrap()), picked, "{pattern} {address}");
        }
    }

    #[test]
    fn a_pattern_of_no_kind_is_refused() {
        for pattern in ["list/*", "q3-*", "outcome", ""] {
            assert!(pattern.parse::<Selector>().is_err(), "{pattern}");
        }
    }
}
