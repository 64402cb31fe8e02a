//! An environment: a tenant, and what manifests may say differently there.

use std::collections::BTreeMap;

use cxform_model::{Fingerprint, RateLimits, Source};

use super::template::{Lookup, Template};
use crate::variables::{Bound, Variables};
use crate::yaml::{Content, Node};

/// One entry of `spec.environments`.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name: letters, digits, `-`, `_` and `.`, so that it can be part of a path.
    pub name: String,
    /// What it talks to.
    pub tenant: Tenant,
    /// The folders of its overlays, in the order in which they are merged.
    pub overlays: Vec<String>,
    /// The request rates of the tenant.
    pub rate_limits: RateLimits,
    /// Whether apply asks for the environment's name.
    pub protected: bool,
    /// What the tenant must hold, so that it is no other one; empty where nothing is pinned.
    pub fingerprint: Fingerprint,
    /// Where it is written; `None` for the one of a folder without a project.
    pub source: Option<Source>,
    pub(crate) variables: BTreeMap<String, Node>,
}

/// What an environment talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a project has a handful of them")]
pub enum Tenant {
    /// The embedded emulator.
    Emulator(Emulator),
    /// A tenant behind a base URL.
    Remote(Remote),
}

/// The embedded emulator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Emulator {
    /// The seed file, relative to the project's folder.
    pub seed: Option<String>,
}

/// A tenant. What is left out is filled in from `CXONE_*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remote {
    /// `https://...`.
    pub base_url: Option<Template>,
    /// The path of the campaign resource.
    pub campaigns_path: Option<Template>,
    /// How a token is got.
    pub auth: Auth,
}

/// How a token is got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Auth {
    /// The path of the token endpoint.
    pub token_path: Option<Template>,
    /// What a token request looks like.
    pub style: TokenStyle,
    /// The client's id.
    pub client_id: Option<Template>,
    /// The client's secret: references alone, never a literal text.
    pub client_secret: Option<Template>,
    /// The scopes that are asked for; none means all that the client owns.
    pub scopes: Vec<String>,
}

/// What a token request looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenStyle {
    /// Everything in a form body \[000\]\[003\]\[004\].
    #[default]
    Form,
    /// HTTP basic authentication \[001\].
    Basic,
    /// A JSON body \[002\].
    Json,
}

impl TokenStyle {
    pub(crate) const WORDS: &'static [&'static str] = &["form", "basic", "json"];

    pub(crate) fn from_word(word: &str) -> Self {
        match word {
            "basic" => Self::Basic,
            "json" => Self::Json,
            _ => Self::Form,
        }
    }
}

impl Environment {
    /// An environment of which nothing is known: everything comes from `CXONE_*`.
    pub(crate) fn unnamed() -> Self {
        Self {
            name: "default".to_owned(),
            tenant: Tenant::Remote(Remote::default()),
            overlays: Vec::new(),
            rate_limits: RateLimits::default(),
            protected: false,
            fingerprint: Fingerprint::default(),
            source: None,
            variables: BTreeMap::new(),
        }
    }

    /// The names of its variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// Its variables with the process environment filled in. Without a lookup, what depends on it is unknown.
    pub(crate) fn bind(&self, lookup: Option<Lookup<'_>>) -> Variables {
        let mut variables = Variables::new(&self.name);
        for (name, node) in &self.variables {
            variables.insert(name.clone(), bind(node, lookup), node.place);
        }
        variables
    }
}

fn bind(node: &Node, lookup: Option<Lookup<'_>>) -> Bound {
    match &node.content {
        Content::Scalar { text, plain } => {
            if !crate::variables::is_template(text) {
                return Bound::Value(Content::Scalar { text: text.clone(), plain: *plain });
            }
            let Ok(template) = Template::parse(text, node.place.source) else { return Bound::Value(Content::Unknown) };
            let Some(lookup) = lookup else {
                return Bound::Value(
                    template
                        .literal()
                        .map_or(Content::Unknown, |text| Content::Scalar { text: text.into(), plain: false }),
                );
            };
            match template.resolve(lookup) {
                // A number or a boolean can come from the process environment only as text: read it as if written plain.
                Ok(text) => Bound::Value(Content::Scalar { text: text.into(), plain: template.is_lone() }),
                Err(unset) => Bound::Unset(unset),
            }
        }
        Content::Sequence(items) => {
            let mut bound = Vec::with_capacity(items.len());
            for item in items {
                match bind(item, lookup) {
                    Bound::Value(content) => bound.push(Node { place: item.place, content }),
                    unset @ Bound::Unset(_) => return unset,
                }
            }
            Bound::Value(Content::Sequence(bound))
        }
        Content::Mapping(_) | Content::Unknown => Bound::Value(Content::Unknown),
    }
}
