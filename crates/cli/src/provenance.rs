//! Where a plan comes from, and whether that still holds where it is applied.

use anyhow::anyhow;
use cxform_manifest::Project;
use cxform_plan::{Plan, Provenance};

use crate::recording::git;
use crate::views::text::safe;

/// What was approved is no longer what would be applied: exit code 4.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Stale(pub String);

/// Where a plan comes from that is made of a project's files now.
pub async fn of(project: &Project) -> anyhow::Result<Provenance> {
    let root = project.root.clone();
    let commit = tokio::task::spawn_blocking(move || git::commit(&root)).await?;
    Ok(Provenance { commit: commit.hash, content: Some(project.content_hash()), ..Provenance::default() })
}

/// Whether a saved plan was made of these very files. The files decide: a merge makes another commit of what was reviewed.
/// Answers with what is to be said where only the commit is another one.
///
/// # Errors
/// The files are others than those that were reviewed.
pub fn check(plan: &Plan, here: &Provenance) -> anyhow::Result<Option<String>> {
    let Provenance { commit, content, fingerprint: _ } = &plan.provenance;
    let at = |commit: &Option<String>| commit.as_deref().map(|commit| format!("`{}`", safe(short(commit))));
    if content.is_some() && *content != here.content {
        let made = at(commit).map_or_else(String::new, |commit| format!(" at commit {commit}"));
        let looks = match commit.as_deref().filter(|commit| !commit.ends_with(DIRTY)) {
            Some(commit) => format!("`git diff --stat {}` shows what changed", safe(short(commit))),
            None => "they were not committed when it was made".to_owned(),
        };
        return Err(anyhow!(Stale(format!(
            "the plan was made{made} from other files than these\n\
             hint: {looks}; plan again and have it reviewed, or check out what it was made from"
        ))));
    }
    Ok(match (at(commit), at(&here.commit)) {
        (Some(made), Some(now)) if made != now && content.is_some() => {
            Some(format!("The plan was made at commit {made}, and this is {now}: the files are the same."))
        }
        _ => None,
    })
}

/// Whether a plan is the one that was approved.
///
/// # Errors
/// It writes something else.
pub fn expect(plan: &Plan, digest: Option<&str>) -> anyhow::Result<()> {
    match digest {
        Some(approved) if approved != plan.digest => Err(anyhow!(Stale(format!(
            "this is not the plan that was approved: its digest is `{}`, not `{approved}`\n\
             hint: the tenant or the manifests changed since; `cxform plan` shows what would be done now",
            plan.digest
        )))),
        _ => Ok(()),
    }
}

/// One line for people: where the plan comes from, and what approves exactly it.
pub fn told(plan: &Plan) -> String {
    let Provenance { commit, content, fingerprint } = &plan.provenance;
    let mut parts = Vec::new();
    if let Some(commit) = commit {
        let (hash, dirty) = commit.strip_suffix(DIRTY).map_or((commit.as_str(), false), |hash| (hash, true));
        parts.push(format!("commit {}{}", safe(short(hash)), if dirty { " with changes on top" } else { "" }));
    }
    parts.extend(
        content.as_ref().map(|content| format!("files {}", safe(short(content.trim_start_matches("sha256:"))))),
    );
    if !fingerprint.is_empty() {
        parts.push(format!("tenant with {}", safe(&fingerprint.to_string())));
    }
    format!("From {}.\nDigest {}.", parts.join(", "), plan.digest)
}

const DIRTY: &str = "-dirty";

/// As much of a hash as people compare, and a mark of its kind behind it.
fn short(hash: &str) -> &str {
    let end = hash.char_indices().nth(12).map_or(hash.len(), |(at, _)| at);
    if hash.ends_with(DIRTY) { hash } else { &hash[..end] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(commit: Option<&str>, content: Option<&str>) -> Plan {
        let observed = cxform_model::Observed::default();
        let context = crate::project::today();
        let options = cxform_plan::Options::new("acme", "prod", "https://api.example.com", context);
        let plan = cxform_plan::plan(&cxform_model::Desired::default(), &observed, &options).unwrap();
        Plan { provenance: from(commit, content), ..plan }
    }

    fn from(commit: Option<&str>, content: Option<&str>) -> Provenance {
        let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
        Provenance { commit: owned(commit), content: owned(content), ..Provenance::default() }
    }

    #[test]
    fn other_files_are_refused_and_another_commit_of_the_same_files_is_told() {
        let reviewed = plan(Some("aaaaaaaaaaaaaaaa"), Some("sha256:1"));
        let refused = check(&reviewed, &from(Some("bbbb"), Some("sha256:2"))).unwrap_err();
        assert!(refused.is::<Stale>());
        assert!(refused.to_string().contains("`git diff --stat aaaaaaaaaaaa`"), "{refused}");
        let told = check(&reviewed, &from(Some("bbbb"), Some("sha256:1"))).unwrap().unwrap();
        assert!(told.contains("aaaaaaaaaaaa") && told.contains("bbbb"), "{told}");
        assert_eq!(check(&reviewed, &from(None, Some("sha256:1"))).unwrap(), None);
    }

    #[test]
    fn a_plan_that_says_nothing_of_its_files_is_taken_as_it_is() {
        assert_eq!(check(&plan(None, None), &from(Some("bbbb"), Some("sha256:2"))).unwrap(), None);
    }

    #[test]
    fn only_the_approved_digest_passes() {
        let plan = plan(None, None);
        assert!(expect(&plan, None).is_ok());
        assert!(expect(&plan, Some(&plan.digest)).is_ok());
        assert!(expect(&plan, Some("sha256:0")).unwrap_err().is::<Stale>());
    }
}
