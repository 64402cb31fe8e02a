//! `cxform init --ci`: pipelines that check, plan and apply. They stand at the top of the repository, where forges look.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use cxform_manifest::{Project, Tenant};

/// Where the pipelines run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Nowhere.
    None,
}

/// What the templates leave open.
pub struct Scene {
    /// The top of the repository: the next folder up that holds `.git`, or the project itself.
    pub top: PathBuf,
    /// The project as seen from there.
    directory: String,
    /// The environments that are no emulator.
    environments: Vec<String>,
}

impl Scene {
    /// Of a project in this folder.
    pub fn of(folder: &Path, environments: Vec<String>) -> anyhow::Result<Self> {
        let full = std::path::absolute(folder).with_context(|| format!("cannot find `{}`", folder.display()))?;
        let full = full.canonicalize().unwrap_or(full);
        let top = full.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&full);
        let directory = full.strip_prefix(top).unwrap_or(Path::new("")).to_string_lossy().into_owned();
        // It stands in scripts and in patterns of file names.
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-/".contains(character);
        if !directory.chars().all(is_plain) || directory.starts_with('-') {
            bail!(
                "a pipeline cannot name the folder `{}`\nhint: letters, digits, `.`, `_`, `-` and `/` are safe in scripts",
                directory.escape_debug()
            );
        }
        if environments.is_empty() {
            bail!("the project has no environment with a tenant, so there is nothing for a pipeline to plan against");
        }
        Ok(Self { top: top.to_owned(), directory, environments })
    }

    /// The files by path below [`Self::top`].
    pub fn files(&self, ci: Ci) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = Vec::new();
        let mut add = |path: &str, text: String| files.push((path.to_owned(), text));
        match ci {
            Ci::None => return files,
            Ci::Github => {
                add(".github/actions/cxform/action.yml", self.filled(include_str!("ci/github/action.yml")));
                add(".github/workflows/cxform-plan.yml", self.filled(include_str!("ci/github/cxform-plan.yml")));
                for name in &self.environments {
                    let text = self.for_environment(include_str!("ci/github/cxform-apply.yml"), name);
                    add(&format!(".github/workflows/cxform-apply-{name}.yml"), text);
                }
                add(".github/workflows/cxform-drift.yml", self.filled(include_str!("ci/github/cxform-drift.yml")));
            }
            Ci::Gitlab => {
                let mut text = self.filled(include_str!("ci/gitlab/cxform.yml"));
                for name in &self.environments {
                    text.push_str(&self.for_environment(include_str!("ci/gitlab/environment.yml"), name));
                }
                add(".gitlab/cxform.yml", text);
                add(".gitlab-ci.yml", include_str!("ci/gitlab/gitlab-ci.yml").to_owned());
            }
        }
        add(".pre-commit-config.yaml", self.filled(include_str!("ci/pre-commit.yaml")));
        files
    }

    fn filled(&self, template: &str) -> String {
        let prefix = if self.directory.is_empty() { String::new() } else { format!("{}/", self.directory) };
        template
            .replace("@DIRECTORY@", if self.directory.is_empty() { "." } else { &self.directory })
            .replace("@PATTERN@", &prefix.replace('.', "\\."))
            .replace("@PREFIX@", &prefix)
            .replace("@ENVIRONMENTS@", &format!("\"{}\"", self.environments.join("\", \"")))
            .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
            .replace("@RUST@", env!("CARGO_PKG_RUST_VERSION"))
            .replace("@REPOSITORY@", env!("CARGO_PKG_REPOSITORY"))
    }

    fn for_environment(&self, template: &str, name: &str) -> String {
        self.filled(template).replace("@ENVIRONMENT@", name)
    }
}

/// The environments of a project that pipelines plan against.
pub fn environments(project: &Project) -> Vec<String> {
    let remote = project.environments().filter(|environment| matches!(environment.tenant, Tenant::Remote(_)));
    remote.map(|environment| environment.name.clone()).collect()
}

#[cfg(test)]
mod tests;
