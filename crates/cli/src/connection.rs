//! `--connection-base`: nothing runs with secrets where a change under review says where they go.

use anyhow::{Context as _, anyhow, bail};
use cxform_manifest::{Environment, PROJECT_FILE, Project};

use crate::recording::git;
use crate::views::text::{safe, some_of};

/// Refuses an environment whose connection is not what it is at a git revision. What cannot be compared is refused too.
pub fn unchanged_since(
    project: &Project,
    environment: &Environment,
    named: bool,
    revision: &str,
) -> anyhow::Result<()> {
    if !Project::is_project(&project.root) {
        bail!("there is no `{PROJECT_FILE}` whose connection settings could be compared with `{revision}`");
    }
    let bytes = git::file_at(&project.root, revision, PROJECT_FILE)
        .with_context(|| format!("the connection settings cannot be compared with `{revision}`"))?;
    let (base, _) = Project::in_memory(Some(&bytes), []);
    let base = base.ok_or_else(|| anyhow!("`{PROJECT_FILE}` at `{revision}` cannot be read"))?;
    let name = &environment.name;
    let mut differences = project.connection_differences(&base, name);
    if !named && base.environment(None).map(|environment| &environment.name) != Ok(name) {
        differences.push("defaultEnvironment".to_owned());
    }
    if differences.is_empty() {
        return Ok(());
    }
    let differences: Vec<_> = differences.iter().map(|path| format!("`{}`", safe(path))).collect();
    bail!(
        "where the credentials of `{name}` go is not what it is at `{revision}`: {}\n\
         hint: have this change of `{PROJECT_FILE}` reviewed and merged by itself, before anything runs with secrets",
        some_of(&differences, 6)
    );
}
