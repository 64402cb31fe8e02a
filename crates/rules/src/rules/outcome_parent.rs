//! An outcome hangs below one that exists.

use cxform_model::Kind;

use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, Standing, spot_at};

pub(super) static RULE: Rule = Rule {
    id: "CX030",
    name: "outcome-parent",
    severity: Severity::Error,
    about: "The outcome that `parent` names is listed or lives on the tenant. Offline the tenant gets the benefit of the doubt.",
    origin: "[000]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    let Some(foreign) = &standing.foreign else { return };
    for object in standing.of(Kind::Outcome) {
        if let Some(parent) = &object.desired.parent
            && !standing.objects.contains_key(&parent.value)
            && !foreign.contains(&parent.value)
        {
            let code = quote_text(parent.value.key());
            findings.push(
                Finding::new(
                    &RULE,
                    spot_at(object.address.clone(), parent.source),
                    format!("the parent {code} is neither listed nor on the tenant"),
                )
                .hint(format!("list {code}, or name another parent; codes are case-sensitive")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn a_parent_that_lives_nowhere_is_refused_once_the_tenant_is_known() {
        let orphan = || project(json!({ "outcome/A": { "parent": "GONE" } }));
        assert_eq!(orphan().foreign(&[]).found(&RULE), ["outcome/A"]);
        assert!(orphan().foreign(&["outcome/GONE"]).found(&RULE).is_empty());
        assert!(orphan().found(&RULE).is_empty(), "offline nobody knows");
    }

    #[test]
    fn a_listed_parent_is_enough() {
        let tree = project(json!({ "outcome/A": {}, "outcome/B": { "parent": "A" } }));
        assert!(tree.foreign(&[]).found(&RULE).is_empty());
    }
}
