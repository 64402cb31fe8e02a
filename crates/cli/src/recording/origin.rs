//! Who runs, and from where: the user as CI names them, else as the system does.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use cxform_record::{Origin, Owner};

use super::git;

/// Who triggered a pipeline, as each CI system says it.
const CI_USERS: [&str; 8] = [
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILD_REQUESTEDFOR",
    "BITBUCKET_STEP_TRIGGERER_UUID",
    "CIRCLE_USERNAME",
    "BUILDKITE_BUILD_CREATOR",
    "BUILD_USER_ID",
    "DRONE_BUILD_TRIGGER",
];

/// Who runs this process on which commit.
pub fn origin(project: &Path) -> Origin {
    let git::Commit { hash, author } = git::commit(project);
    Origin { git_commit: hash, git_author: author, actor: actor(), host: host(), pid: std::process::id() }
}

/// The same person as the owner of a lock.
pub fn owner(origin: &Origin) -> Owner {
    Owner { actor: origin.actor.clone(), host: origin.host.clone(), pid: origin.pid, run: None }
}

fn actor() -> String {
    let set =
        |name: &str| std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    CI_USERS
        .into_iter()
        .find_map(set)
        .or_else(system_user)
        .or_else(|| set("USER"))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The user that the process belongs to, which no variable can make another.
fn system_user() -> Option<String> {
    let user = std::fs::metadata("/proc/self").ok()?.uid();
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(named(&known, user).unwrap_or_else(|| format!("uid {user}")))
}

fn named(known: &str, user: u32) -> Option<String> {
    known.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(user)).then(|| name.to_owned())
    })
}

fn host() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let known = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\nbroken\n";
        assert_eq!(named(known, 1000).as_deref(), Some("ada"));
        assert_eq!(named(known, 7), None);
    }
}
