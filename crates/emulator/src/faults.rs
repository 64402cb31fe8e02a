//! The fault script: which requests go wrong, and how. Deterministic: a rule counts its own matching requests, and chance
//! is a hash of the script's seed, the rule and that count.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use crate::{error::EmulatorError, hash, journal};

/// A checked fault script; see `docs/emulator.md` for its form.
#[derive(Clone, Debug, Default)]
pub struct Script {
    seed: u64,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    seed: u64,
    rules: Vec<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Rule {
    method: Option<String>,
    #[serde(default = "everywhere")]
    path: String,
    nth: Option<u64>,
    times: Option<u64>,
    probability: Option<f64>,
    effect: Kind,
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    delay_ms: Option<u64>,
    #[serde(default)]
    commit: bool,
}

fn everywhere() -> String {
    "*".to_owned()
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Status,
    Delay,
    DropBeforeCommit,
    DropAfterCommit,
    TruncatedBody,
    HtmlBody,
}

/// What is done to one request, besides a delay.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    Status { status: u16, headers: BTreeMap<String, String>, body: Option<Value>, commit: bool },
    Html { status: u16, commit: bool },
    DropBeforeCommit,
    DropAfterCommit,
    TruncatedBody,
}

impl Effect {
    /// The name in scripts and in the request log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Html { .. } => "html-body",
            Self::DropBeforeCommit => "drop-before-commit",
            Self::DropAfterCommit => "drop-after-commit",
            Self::TruncatedBody => "truncated-body",
        }
    }
}

impl Script {
    /// Reads a script file.
    ///
    /// # Errors
    /// When there is no such file, or it is no fault script.
    pub fn from_file(path: &Path) -> Result<Self, EmulatorError> {
        let document = journal::read_existing(path)?;
        Self::parse(&document).map_err(|error| error.in_document(&path.display().to_string()))
    }

    /// Reads `{"seed": 1, "rules": [..]}`.
    ///
    /// # Errors
    /// When the document has another shape; the place of the rule is named.
    pub fn parse(document: &Value) -> Result<Self, EmulatorError> {
        let malformed = |place: String, message: String| EmulatorError::Malformed {
            document: "fault script".to_owned(),
            place,
            message,
        };
        let written = Written::deserialize(document).map_err(|error| malformed("/".to_owned(), error.to_string()))?;
        let mut rules = Vec::with_capacity(written.rules.len());
        for (index, rule) in written.rules.into_iter().enumerate() {
            let place = format!("/rules/{index}");
            let rule: Rule =
                serde_json::from_value(rule).map_err(|error| malformed(place.clone(), error.to_string()))?;
            rule.check().map_err(|message| malformed(place, message.to_owned()))?;
            rules.push(rule);
        }
        Ok(Self { seed: written.seed, rules })
    }
}

impl Rule {
    fn check(&self) -> Result<(), &'static str> {
        if self.effect == Kind::Status && self.status.is_none() {
            return Err("effect `status` needs `status`");
        }
        if self.effect == Kind::Delay && self.delay_ms.is_none() {
            return Err("effect `delay` needs `delayMs`");
        }
        if self.status.is_some_and(|status| !(200..600).contains(&status)) {
            return Err("`status` must be between 200 and 599");
        }
        if self.nth == Some(0) || self.times == Some(0) {
            return Err("`nth` and `times` count from 1");
        }
        if self.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
            return Err("`probability` must be between 0 and 1");
        }
        if self.probability.is_some() && self.nth.is_some() {
            return Err("`nth` and `probability` exclude each other");
        }
        Ok(())
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && pattern_matches(&self.path, path)
    }

    /// Whether the rule strikes at its so-manieth matching request, having struck so often before.
    fn strikes(&self, seed: u64, index: u64, seen: u64, struck: u64) -> bool {
        if let Some(nth) = self.nth {
            return seen >= nth && seen - nth < self.times.unwrap_or(1);
        }
        if self.times.is_some_and(|times| struck >= times) {
            return false;
        }
        let draw = || hash::unit(seed ^ hash::mix(index.wrapping_shl(40) ^ seen));
        self.probability.is_none_or(|chance| draw() < chance)
    }

    fn effect(&self) -> Option<Effect> {
        Some(match self.effect {
            Kind::Delay => return None,
            Kind::Status => Effect::Status {
                status: self.status.unwrap_or(500),
                headers: self.headers.clone(),
                body: self.body.clone(),
                commit: self.commit,
            },
            Kind::HtmlBody => Effect::Html { status: self.status.unwrap_or(502), commit: self.commit },
            Kind::DropBeforeCommit => Effect::DropBeforeCommit,
            Kind::DropAfterCommit => Effect::DropAfterCommit,
            Kind::TruncatedBody => Effect::TruncatedBody,
        })
    }
}

/// `*` stands for any run of characters, slashes too.
fn pattern_matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// A script at work.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    script: Script,
    counts: Vec<(u64, u64)>,
}

impl Faults {
    pub(crate) fn new(script: Script) -> Self {
        Self { counts: vec![(0, 0); script.rules.len()], script }
    }

    /// What happens to this request: the delays of all rules that strike, and the first other effect.
    pub(crate) fn judge(&mut self, method: &str, path: &str) -> (Duration, Option<Effect>) {
        let mut delay = Duration::ZERO;
        let mut effect = None;
        for (index, (rule, (seen, struck))) in self.script.rules.iter().zip(&mut self.counts).enumerate() {
            if !rule.matches(method, path) {
                continue;
            }
            *seen += 1;
            // A rule that another one forestalls has seen the request, but keeps its `times`.
            if (effect.is_some() && rule.effect != Kind::Delay)
                || !rule.strikes(self.script.seed, index as u64, *seen, *struck)
            {
                continue;
            }
            *struck += 1;
            delay += Duration::from_millis(rule.delay_ms.unwrap_or(0));
            effect = effect.or_else(|| rule.effect());
        }
        (delay, effect)
    }
}
