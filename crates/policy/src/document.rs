//! Policy files: `kind: PolicySet`, rules with their tests.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::PolicyError;
use crate::expression::Expression;
use crate::message::Message;

/// Every policy of a project, by id, and every test.
#[derive(Debug, Default)]
pub struct Policies {
    pub(crate) policies: BTreeMap<String, Policy>,
    pub(crate) tests: Vec<(String, Test)>,
}

/// One rule.
#[derive(Debug)]
pub struct Policy {
    /// Its name.
    pub id: String,
    /// What a denial means.
    pub severity: Severity,
    /// The file that it stands in.
    pub file: String,
    pub(crate) each: Each,
    pub(crate) when: Option<Expression>,
    pub(crate) deny: Expression,
    pub(crate) message: Message,
}

/// What a denial means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The plan is refused.
    Error,
    /// The plan goes on, and says so.
    Warning,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Each {
    /// Every change, one at a time.
    #[default]
    Change,
    /// The plan, once.
    Plan,
}

impl Each {
    /// The names that its expressions know.
    pub(crate) const fn known(self) -> &'static [&'static str] {
        match self {
            Self::Change => &["change", "object", "campaign", "calling", "plan", "now"],
            Self::Plan => &["plan", "now"],
        }
    }
}

/// An example of what a rule denies, or lets pass.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) policy: String,
    pub(crate) expect: Expected,
    pub(crate) message: Option<String>,
    pub(crate) change: Option<Value>,
    pub(crate) plan: Option<Value>,
    pub(crate) object: Option<Value>,
    pub(crate) calling: Option<bool>,
    pub(crate) now: Option<jiff::Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expected {
    Denied,
    Passed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    api_version: String,
    kind: String,
    #[expect(dead_code, reason = "a set has a name for people")]
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    #[expect(dead_code, reason = "a set has a name for people")]
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    #[serde(default)]
    policies: Vec<Written>,
    #[serde(default)]
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    severity: Severity,
    #[serde(default)]
    each: Each,
    when: Option<String>,
    deny: String,
    message: String,
}

/// Reads the policy files of a project, each with its name, in the order given.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Policies, Vec<PolicyError>> {
    let mut policies = Policies::default();
    let mut errors = Vec::new();
    for (file, text) in files {
        for document in serde_yaml::Deserializer::from_str(text) {
            match Document::deserialize(document) {
                Ok(document) => policies.add(file, document, &mut errors),
                Err(error) => errors.push(PolicyError::File { file: file.to_owned(), reason: error.to_string() }),
            }
        }
    }
    for (file, test) in &policies.tests {
        if !policies.policies.contains_key(&test.policy) && errors.is_empty() {
            errors.push(PolicyError::Untested {
                file: file.clone(),
                test: test.name.clone(),
                policy: test.policy.clone(),
            });
        }
    }
    if errors.is_empty() { Ok(policies) } else { Err(errors) }
}

impl Policies {
    /// Whether there is nothing to judge by.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.policies.keys().map(String::as_str)
    }

    fn add(&mut self, file: &str, document: Document, errors: &mut Vec<PolicyError>) {
        let Document { api_version, kind, metadata: _, spec: Spec { policies, tests } } = document;
        if (api_version.as_str(), kind.as_str()) != ("cxform/v1", "PolicySet") {
            let reason = format!("it is `{api_version}` `{kind}`, and has to be `cxform/v1` `PolicySet`");
            errors.push(PolicyError::File { file: file.to_owned(), reason });
            return;
        }
        for written in policies {
            match compile(file, written) {
                Ok(policy) => {
                    if let Some(first) = self.policies.get(&policy.id) {
                        errors.push(PolicyError::Twice {
                            policy: policy.id,
                            first: first.file.clone(),
                            second: file.to_owned(),
                        });
                    } else {
                        self.policies.insert(policy.id.clone(), policy);
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        self.tests.extend(tests.into_iter().map(|test| (file.to_owned(), test)));
    }
}

fn compile(file: &str, written: Written) -> Result<Policy, PolicyError> {
    let Written { id, severity, each, when, deny, message } = written;
    let is_id = !id.is_empty() && id.chars().all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one));
    if !is_id {
        let reason = format!("`{id}` is no id: letters, digits, `-`, `_` and `.` are");
        return Err(PolicyError::File { file: file.to_owned(), reason });
    }
    let unusable = |part: &'static str| {
        let (file, policy) = (file.to_owned(), id.clone());
        move |reason| PolicyError::Expression { file, policy, part, reason }
    };
    let known = each.known();
    let when = when.map(|text| Expression::compile(&text, known)).transpose().map_err(unusable("when"))?;
    let deny = Expression::compile(&deny, known).map_err(unusable("deny"))?;
    let message = Message::compile(&message, known).map_err(unusable("message"))?;
    Ok(Policy { id, severity, file: file.to_owned(), each, when, deny, message })
}
