//! The commit that the manifests come from. A folder without git, and a git that hangs, are simply unknown.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A repository on a slow disk must not hold up a run.
const PATIENCE: Duration = Duration::from_secs(5);

/// The commit and who wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its hash; with `-dirty` where files below the folder are not what the commit holds.
    pub hash: Option<String>,
    /// `Name <address>`.
    pub author: Option<String>,
}

/// The commit that is checked out where the project lies.
pub fn commit(project: &Path) -> Commit {
    let Some(shown) = git(project, &["log", "-1", "--no-show-signature", "--format=%H%x00%an <%ae>", "HEAD"]) else {
        return Commit::default();
    };
    let (hash, author) = shown.trim_end().split_once('\0').unwrap_or((shown.trim_end(), ""));
    if hash.is_empty() {
        return Commit::default();
    }
    let changed = git(project, &["status", "--porcelain", "--ignore-submodules", "--", "."]);
    let dirty = changed.is_some_and(|changed| !changed.trim().is_empty());
    Commit {
        hash: Some(format!("{hash}{}", if dirty { "-dirty" } else { "" })),
        author: (!author.is_empty()).then(|| author.to_owned()),
    }
}

/// A file as it is at a revision.
///
/// # Errors
/// There is no such revision, or it has no such file.
pub fn file_at(project: &Path, revision: &str, name: &str) -> anyhow::Result<Vec<u8>> {
    let strange = |character: char| character == ':' || character.is_whitespace() || character.is_control();
    if revision.is_empty() || revision.starts_with('-') || revision.contains(strange) {
        anyhow::bail!("`{revision}` is no git revision");
    }
    // A blob as it is stored: no filter of the checkout comes into it.
    let text = git(project, &["cat-file", "blob", &format!("{revision}:./{name}")]);
    text.map(String::into_bytes).ok_or_else(|| {
        anyhow::anyhow!(
            "git has no `{name}` at `{revision}`\nhint: a shallow clone lacks other revisions: fetch this one first"
        )
    })
}

/// Runs git so that the configuration of a foreign repository starts no program, and nothing is fetched or locked.
fn git(project: &Path, arguments: &[&str]) -> Option<String> {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(project)
        .args(["--no-pager", "--no-optional-locks"])
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false"])
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // Read beside waiting: a long list of changed files would fill the pipe.
    let mut stdout = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut text).ok().map(|_| text)
    });
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return reader.join().ok()?,
            Ok(None) if began.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
            Ok(Some(_)) => return None,
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_told_and_so_is_what_is_not_committed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(commit(folder.path()), Commit::default(), "no repository");
        let run = |arguments: &[&str]| {
            let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"];
            let status = Command::new("git").arg("-C").arg(folder.path()).args(who).args(arguments).output().unwrap();
            assert!(status.status.success(), "{status:?}");
        };
        run(&["init", "-q"]);
        std::fs::write(folder.path().join("a.yaml"), "a: 1\n").unwrap();
        run(&["add", "."]);
        run(&["commit", "-q", "-m", "first"]);
        // What a foreign repository must not make us start.
        run(&["config", "core.fsmonitor", "touch started; false"]);
        let clean = commit(folder.path());
        assert_eq!(clean.author.as_deref(), Some("Ada <ada@example.com>"));
        assert_eq!(clean.hash.as_ref().map(String::len), Some(40));
        std::fs::write(folder.path().join("a.yaml"), "a: 2\n").unwrap();
        assert_eq!(commit(folder.path()).hash, clean.hash.map(|hash| hash + "-dirty"));
        assert!(!folder.path().join("started").exists());
        assert_eq!(file_at(folder.path(), "HEAD", "a.yaml").unwrap(), b"a: 1\n");
        for (revision, name) in [("HEAD", "b.yaml"), ("v9", "a.yaml"), ("--help", "a.yaml"), ("HEAD:x", "a.yaml")] {
            assert!(file_at(folder.path(), revision, name).is_err(), "{revision} {name}");
        }
    }
}
