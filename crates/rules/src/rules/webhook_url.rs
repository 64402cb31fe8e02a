//! Events travel encrypted, and their receiver's credentials do not stand in an address that everybody can read.

use cxform_model::Field;
use serde_json::Value;
use url::{Host, Url};

use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX061",
    name: "webhook-url",
    severity: Severity::Error,
    about: "A webhook subscription posts to `https`, or to `http` on this machine, and its URL holds no credentials: no user, no \
            fragment, no parameter such as `token` or `key`.",
    origin: "[A]",
};

/// Parameters that carry a credential wherever people put one into a URL. Compared without case, `-` and `_`.
const CREDENTIALS: [&str; 14] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "auth",
    "authorization",
    "clientsecret",
    "key",
    "passwd",
    "password",
    "pwd",
    "secret",
    "sig",
    "signature",
    "token",
];

pub(super) fn judge(webhook: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let Some(field) = Field::find(webhook.address.kind(), "url") else { return };
    let Some(Value::String(text)) = webhook.value_of(field) else { return };
    if let Some((fault, hint)) = fault(text.trim()) {
        // The URL itself is not repeated: it may hold what must not be shown.
        findings.push(Finding::new(&RULE, webhook.spot_of(field, ""), format!("`url` {fault}")).hint(hint));
    }
}

fn fault(text: &str) -> Option<(String, &'static str)> {
    if text.is_empty() {
        return None;
    }
    let url = match Url::parse(text) {
        Ok(url) if url.has_host() => url,
        _ => return Some(("is no URL".to_owned(), "write `https://HOST/PATH`")),
    };
    let fault = match url.scheme() {
        "https" => None,
        "http" if is_this_machine(&url) => None,
        "http" => Some("is plain `http`, which is for this machine only".to_owned()),
        scheme => Some(format!("starts with `{scheme}:`")),
    };
    if let Some(fault) = fault {
        return Some((fault, "write `https://`: events tell whom you call"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(("holds credentials".to_owned(), "let the receiver tell the tenant by its address or network"));
    }
    if url.fragment().is_some() {
        return Some(("has a fragment, which nobody receives".to_owned(), "leave out what follows the `#`"));
    }
    let plain = |name: &str| name.to_lowercase().replace(['-', '_'], "");
    let carries = |name: &str| CREDENTIALS.contains(&plain(name).as_str());
    let (name, _) = url.query_pairs().find(|(name, value)| carries(name) && !value.is_empty())?;
    Some((
        format!("holds a credential in its parameter {}", crate::quote::quote_text(&name)),
        "whoever reads the manifests or the tenant's settings could use it",
    ))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    fn found(url: &str) -> Vec<String> {
        project(json!({ "webhook/crm": { "url": url } })).found(&RULE)
    }

    #[test]
    fn events_go_over_tls_or_stay_on_this_machine() {
        for good in
            ["https://crm.example/events?v=2", "http://127.0.0.1:8081/x", "http://localhost/x", "http://[::1]/x"]
        {
            assert!(found(good).is_empty(), "{good}");
        }
        for bad in ["http://crm.example/", "ftp://crm.example/", "crm.example/events", "https://", "mailto:a@b.example"]
        {
            assert_eq!(found(bad), ["webhook/crm url"], "{bad}");
        }
    }

    #[test]
    fn credentials_do_not_stand_in_a_url_and_are_not_repeated() {
        for bad in [
            "https://user:hunter2@crm.example/",
            "https://crm.example/?token=hunter2",
            "https://crm.example/?v=1&API_key=hunter2",
            "https://crm.example/#hunter2",
        ] {
            let project = project(json!({ "webhook/crm": { "url": bad } }));
            let findings = project.judge();
            assert_eq!(findings.len(), 1, "{bad}");
            assert!(!format!("{findings:?}").contains("hunter2"), "{findings:?}");
        }
        assert!(found("https://crm.example/?token=").is_empty(), "an empty one tells nothing");
    }

    #[test]
    fn what_the_tenant_has_is_judged_where_no_manifest_says_otherwise() {
        let project = project(json!({ "webhook/crm": {} }));
        let project = project.observed("webhook/crm", &json!({ "url": "http://crm.example/" }));
        assert_eq!(project.found(&RULE), ["webhook/crm url"]);
    }
}
