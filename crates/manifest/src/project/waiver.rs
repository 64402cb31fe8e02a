//! Lowered rules: `spec.rules` of `cxform.yaml`.

use cxform_model::{Address, Source};
use cxform_rules::{Finding, Rule, Severity};
use jiff::civil::Date;

/// One lowered rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The rule.
    pub rule: &'static Rule,
    /// The addresses it is lowered for; `*` stands for any text.
    pub address: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// Where it is written.
    pub source: Source,
}

impl Waiver {
    /// Whether it still holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        day <= self.expires
    }

    fn covers(&self, rule: &Rule, address: &Address) -> bool {
        self.rule.id == rule.id && matches(&self.address, &address.to_string())
    }
}

/// The lowered rules of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waivers(pub(crate) Vec<Waiver>);

impl Waivers {
    /// Every one of them, expired ones too.
    pub fn iter(&self) -> std::slice::Iter<'_, Waiver> {
        self.0.iter()
    }

    /// What a finding means here: a lowered error is a warning, a lowered warning is nothing.
    #[must_use]
    pub fn severity(&self, finding: &Finding, day: Date) -> Option<Severity> {
        let lowered =
            self.0.iter().any(|waiver| waiver.holds_on(day) && waiver.covers(finding.rule, &finding.at.address));
        match (finding.rule.severity, lowered) {
            (severity, false) => Some(severity),
            (Severity::Error, true) => Some(Severity::Warning),
            (Severity::Warning, true) => None,
        }
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in [
            ("a", "a"),
            ("*", ""),
            ("*", "x"),
            ("campaign/q3-*", "campaign/q3-renewals"),
            ("a*c*e", "abcde"),
            ("*b*", "abc"),
            ("a*a", "aa"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*a", "a"), ("a*c*e", "abcd"), ("", "x"), ("*b", "bc")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
