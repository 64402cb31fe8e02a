//! Plans in files.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use cxform_plan::Plan;
use cxform_plan::v1::PlanV1;

use crate::views;

/// Larger than any plan that an apply could get through.
const LIMIT: u64 = 1 << 30;

/// Writes a plan so that the file is either whole or not there. Plans tell how a tenant is configured: only the owner reads them.
///
/// It gets an id of its own: a saved plan is applied once, and a later one may well hold the same writes.
pub fn write(plan: &Plan, file: &Path) -> anyhow::Result<()> {
    let named = Plan { id: Some(cxform_apply::RunId::begin().to_string()), ..plan.clone() };
    put(&views::plan::json(&named)?, file, "the plan")
}

/// Writes a text as a whole or not at all, for its owner alone.
pub fn put(text: &str, file: &Path, what: &str) -> anyhow::Result<()> {
    place(text, file, what, 0o600)
}

/// Writes a text as a whole or not at all, for everybody to read, as far as the process may let them.
pub fn put_for_all(text: &str, file: &Path, what: &str) -> anyhow::Result<()> {
    place(text, file, what, 0o644)
}

fn place(text: &str, file: &Path, what: &str, mode: u32) -> anyhow::Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let save = || -> std::io::Result<()> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
        let mut temporary = builder.tempfile_in(folder)?;
        temporary.write_all(text.as_bytes())?;
        temporary.as_file().sync_all()?;
        temporary.persist(file).map_err(|error| error.error)?;
        Ok(())
    };
    save().with_context(|| format!("cannot save {what} as `{}`", file.display()))
}

/// Puts the new text in the place of the old one, as a whole, with the rights that the file has.
pub fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    let fails = || format!("cannot write `{}`", file.display());
    // The file itself, where a link leads to it.
    let file = file.canonicalize().with_context(fails)?;
    let rights = std::fs::metadata(&file).with_context(fails)?.permissions();
    put(text, &file, "the file")?;
    std::fs::set_permissions(&file, rights).with_context(fails)
}

/// Reads a plan; one that was changed by hand is refused.
pub fn read(file: &Path) -> anyhow::Result<Plan> {
    let name = file.display();
    let size = std::fs::metadata(file).with_context(|| format!("cannot read the plan `{name}`"))?.len();
    if size > LIMIT {
        bail!("`{name}` is no plan: it has {size} bytes");
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read the plan `{name}`"))?;
    let plan: PlanV1 = serde_json::from_str(&text)
        .with_context(|| format!("`{name}` is no saved plan\nhint: `cxform plan --out FILE` saves one"))?;
    Plan::try_from(plan).with_context(|| format!("the plan `{name}` cannot be applied"))
}
