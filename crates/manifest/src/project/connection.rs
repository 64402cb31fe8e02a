//! Where credentials go: the settings of `cxform.yaml` that a change under review must not have touched before anything runs
//! with secrets.

use std::collections::BTreeSet;

use super::Project;
use crate::variables::is_template;
use crate::yaml::{Content, Node};

/// What decides which tenant an environment talks to, and as whom.
const OF_ENVIRONMENT: [&str; 4] = ["baseUrl", "campaignsPath", "auth", "fingerprint"];

impl Project {
    /// The settings that decide where credentials go and that are not what `base` says, as paths within `spec`: how
    /// `environment` reaches its tenant, and everything that refers to the process environment on either side. A variable counts
    /// too: a plan would show what it holds.
    #[must_use]
    pub fn connection_differences(&self, base: &Self, environment: &str) -> Vec<String> {
        let spec = |project: &'_ Self| project.file.as_ref().and_then(|file| file.get("spec")).cloned();
        let (here, there) = (spec(self), spec(base));
        let mut found = Vec::new();
        for key in keys([here.as_ref(), there.as_ref()]).into_iter().filter(|key| *key != "environments") {
            let sides = [here.as_ref(), there.as_ref()].map(|spec| spec?.get(key));
            if sides.iter().flatten().any(|node| refers(node)) {
                compare(sides, key, &mut found);
            }
        }
        let sides = [here.as_ref(), there.as_ref()].map(|spec| spec?.get("environments")?.get(environment));
        for key in keys(sides) {
            let inner = sides.map(|side| side?.get(key));
            let path = format!("environments.{environment}.{key}");
            if OF_ENVIRONMENT.contains(&key) {
                compare(inner, &path, &mut found);
                continue;
            }
            let names = keys(inner);
            for name in &names {
                let values = inner.map(|node| node?.get(name));
                if values.iter().flatten().any(|node| refers(node)) {
                    compare(values, &format!("{path}.{name}"), &mut found);
                }
            }
            if names.is_empty() && inner.iter().flatten().any(|node| refers(node)) {
                compare(inner, &path, &mut found);
            }
        }
        found
    }
}

fn keys(sides: [Option<&Node>; 2]) -> BTreeSet<&str> {
    sides.into_iter().flatten().flat_map(|node| node.entries().unwrap_or(&[])).map(|entry| &*entry.key).collect()
}

/// Whether the process environment is put in anywhere.
fn refers(node: &Node) -> bool {
    let mut found = false;
    node.visit(&mut |node| found |= node.text().is_some_and(is_template));
    found
}

/// The innermost paths at which two values differ.
fn compare([here, there]: [Option<&Node>; 2], path: &str, found: &mut Vec<String>) {
    match (here, there) {
        (Some(left), Some(right)) if left.entries().is_some() && right.entries().is_some() => {
            for key in keys([here, there]) {
                compare([left.get(key), right.get(key)], &format!("{path}.{key}"), found);
            }
        }
        (Some(left), Some(right)) if same(left, right) => {}
        (None, None) => {}
        _ => found.push(path.to_owned()),
    }
}

fn same(left: &Node, right: &Node) -> bool {
    match (&left.content, &right.content) {
        (Content::Mapping(one), Content::Mapping(other)) => {
            one.len() == other.len()
                && one.iter().all(|entry| right.get(&entry.key).is_some_and(|value| same(&entry.value, value)))
        }
        (Content::Sequence(one), Content::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(left, right)| same(left, right))
        }
        // Each of these settings is a text, however it is quoted.
        (Content::Scalar { text: one, .. }, Content::Scalar { text: other, .. }) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "\
apiVersion: cxform/v1
kind: Project
metadata: { name: acme }
spec:
  guard: { maxChangedPercent: 30 }
  store: \"${env.STORE}\"
  environments:
    prod:
      baseUrl: https://api.example.com
      auth: { clientId: \"${env.ID}\", clientSecret: \"${env.SECRET}\", scopes: [a, b] }
      variables: { list: l1, secretive: \"${env.LIST}\" }
      fingerprint: { outcome/SI: \"1\" }
    other: { baseUrl: https://other.example.com }
";

    fn project(text: &str) -> Project {
        Project::in_memory(Some(text.as_bytes()), []).0.unwrap()
    }

    fn differences(from: &str, to: &str) -> Vec<String> {
        let changed = BASE.replacen(from, to, 1);
        assert_ne!(changed, BASE);
        project(&changed).connection_differences(&project(BASE), "prod")
    }

    #[test]
    fn what_decides_where_credentials_go_is_told() {
        for (from, to, path) in [
            ("https://api.example.com", "https://evil.example.com", "environments.prod.baseUrl"),
            ("      fingerprint: { outcome/SI: \"1\" }\n", "", "environments.prod.fingerprint"),
            ("[a, b]", "[a, b, c]", "environments.prod.auth.scopes"),
            ("${env.SECRET}", "${env.OTHER}", "environments.prod.auth.clientSecret"),
            ("list: l1", "list: \"${env.SECRET}\"", "environments.prod.variables.list"),
            ("\"${env.STORE}\"", "postgres://x:${env.STORE}@evil.example.com/d", "store"),
            (
                "  store:",
                "  notifications: [{ url: https://evil.example.com, secret: \"${env.SECRET}\" }]\n  store:",
                "notifications",
            ),
        ] {
            assert!(differences(from, to)[0].starts_with(path), "{path}: {:?}", differences(from, to));
        }
        let unknown = project(BASE).connection_differences(&project(&BASE.replace("prod:", "production:")), "prod");
        assert!(unknown.contains(&"environments.prod.baseUrl".to_owned()), "a new environment is all new: {unknown:?}");
    }

    #[test]
    fn everything_else_may_change() {
        for (from, to) in [
            ("30", "50"),
            ("list: l1", "list: l2"),
            ("https://other.example.com", "https://another.example.com"),
            ("baseUrl: https://api.example.com\n", "baseUrl: \"https://api.example.com\"  # quoted\n"),
            ("      auth: {", "      protected: true\n      auth: {"),
        ] {
            assert_eq!(differences(from, to), [""; 0], "{to}");
        }
    }
}
