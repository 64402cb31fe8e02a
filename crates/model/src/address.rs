//! Addresses: the stable, human-readable name of everything that cxform changes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Kind;

/// The natural key of one object, written `outcome/SI-DEMO` or `callcode/DNC/DNC_STATE`.
///
/// An address is never a remote id: ids differ between tenants, addresses do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    kind: Kind,
    segments: Vec<String>,
}

impl Address {
    /// The outcome with this code.
    #[must_use]
    pub fn outcome(code: impl Into<String>) -> Self {
        Self { kind: Kind::Outcome, segments: vec![code.into()] }
    }

    /// The call code at the end of this path of codes, root first.
    #[must_use]
    pub fn call_code<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self { kind: Kind::CallCode, segments: path.into_iter().map(Into::into).collect() }
    }

    /// The campaign of this name.
    #[must_use]
    pub fn campaign(name: impl Into<String>) -> Self {
        Self { kind: Kind::Campaign, segments: vec![name.into()] }
    }

    /// The webhook subscription of this name.
    #[must_use]
    pub fn webhook(name: impl Into<String>) -> Self {
        Self { kind: Kind::Webhook, segments: vec![name.into()] }
    }

    /// The outcome `code` on the desktop of the campaign `campaign`.
    #[must_use]
    pub fn assignment(campaign: impl Into<String>, code: impl Into<String>) -> Self {
        Self { kind: Kind::Assignment, segments: vec![campaign.into(), code.into()] }
    }

    /// What kind of object this names.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The unescaped parts after the kind: one code or name, a path of call codes, or campaign and code.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The last part: the code or name that the object itself bears.
    #[must_use]
    pub fn key(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }

    /// The call code above this one; `None` at a root and for every other kind.
    #[must_use]
    pub fn parent_call_code(&self) -> Option<Self> {
        (self.kind == Kind::CallCode && self.segments.len() > 1)
            .then(|| Self { kind: Kind::CallCode, segments: self.segments[..self.segments.len() - 1].to_vec() })
    }

    /// The call code `code` below this one.
    #[must_use]
    pub fn child_call_code(&self, code: impl Into<String>) -> Self {
        let mut segments = self.segments.clone();
        segments.push(code.into());
        Self { kind: Kind::CallCode, segments }
    }

    /// The campaign that an assignment belongs to.
    #[must_use]
    pub fn assignment_campaign(&self) -> Option<Self> {
        match (self.kind, self.segments.as_slice()) {
            (Kind::Assignment, [campaign, _]) => Some(Self::campaign(campaign.clone())),
            _ => None,
        }
    }

    /// The outcome that an assignment puts on a desktop.
    #[must_use]
    pub fn assignment_outcome(&self) -> Option<Self> {
        match (self.kind, self.segments.as_slice()) {
            (Kind::Assignment, [_, code]) => Some(Self::outcome(code.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.word())?;
        for segment in &self.segments {
            f.write_str("/")?;
            write_escaped(segment, f)?;
        }
        Ok(())
    }
}

/// `/` and `%` would make an address ambiguous; control and invisible direction characters would lie on a terminal.
fn write_escaped(segment: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut utf8 = [0; 4];
    for character in segment.chars() {
        if matches!(character, '/' | '%') || is_unprintable(character) {
            for byte in character.encode_utf8(&mut utf8).bytes() {
                write!(f, "%{byte:02X}")?;
            }
        } else {
            fmt::Write::write_char(f, character)?;
        }
    }
    Ok(())
}

/// Characters that a terminal or a reviewer cannot see as what they are: control characters,
/// bidirectional overrides, zero-width characters, line and paragraph separators.
#[must_use]
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The first segment names no kind.
    #[error(
        "`{0}` starts with no known kind: expected `outcome/`, `callcode/`, `campaign/`, `assignment/` or `webhook/`"
    )]
    Kind(String),
    /// The kind takes another number of segments.
    #[error("`{0}` is incomplete: expected {1}")]
    Segments(String, &'static str),
    /// A `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8.
    #[error("`{0}` has a broken percent escape")]
    Escape(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('/');
        let kind = parts.next().and_then(Kind::from_word).ok_or_else(|| AddressError::Kind(text.to_owned()))?;
        let segments = parts
            .map(|part| unescape(part).ok_or_else(|| AddressError::Escape(text.to_owned())))
            .collect::<Result<Vec<_>, _>>()?;
        let (complete, form) = match kind {
            Kind::Outcome => (segments.len() == 1, "`outcome/CODE`"),
            Kind::CallCode => (!segments.is_empty(), "`callcode/CODE[/CODE...]`"),
            Kind::Campaign => (segments.len() == 1, "`campaign/NAME`"),
            Kind::Assignment => (segments.len() == 2, "`assignment/CAMPAIGN/OUTCOME`"),
            Kind::Webhook => (segments.len() == 1, "`webhook/NAME`"),
        };
        if complete && segments.iter().all(|segment| !segment.is_empty()) {
            Ok(Self { kind, segments })
        } else {
            Err(AddressError::Segments(text.to_owned(), form))
        }
    }
}

fn unescape(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_being_written_and_read() {
        for address in [
            Address::outcome("SI/DEMO 100%"),
            Address::call_code(["DNC", "DNC_STATE"]),
            Address::campaign("q3\u{1b}[31m\u{202e}renewals"),
            Address::assignment("q3/renewals", "SI-DEMO"),
            Address::webhook("crm/events"),
        ] {
            let text = address.to_string();
            assert_eq!(text.parse::<Address>().unwrap(), address, "{text}");
            assert!(!text.chars().any(is_unprintable), "{text:?}");
        }
    }

    #[test]
    fn a_slash_in_a_name_is_escaped() {
        assert_eq!(Address::outcome("A/B").to_string(), "outcome/A%2FB");
    }

    #[test]
    fn broken_addresses_are_refused() {
        for text in ["", "outcome", "outcome/", "outcome/A/B", "list/x", "campaign/%zz", "campaign/%ff", "assignment/x"]
        {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
