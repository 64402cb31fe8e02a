//! `cxform fmt`: files in their canonical form. Comments and meaning stay.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use cxform_manifest::PROJECT_FILE;

use crate::args::{Format, Global};
use crate::project::{self, Refused};
use crate::saved;
use crate::terminal::{print, say};
use crate::views::text::{counted, safe};

/// `cxform fmt`.
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Files, or folders of `*.yaml` and `*.yml`; `-` formats standard input to standard output. Without any, `cxform.yaml` and
    /// the manifests of the project.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing: list what is not in its canonical form, and exit with 1 if there is any.
    #[arg(long)]
    pub check: bool,
}

/// Larger than any file of a project.
const LIMIT: u64 = 64 << 20;

/// Formats, or tells what would change. Where one file cannot be formatted, none is written.
pub fn run(global: &Global, args: &FmtArgs) -> anyhow::Result<u8> {
    if args.paths == [Path::new("-")] {
        return stream(args.check);
    }
    let files = if args.paths.is_empty() { of_project(global)? } else { below(&args.paths)? };
    if files.is_empty() {
        bail!("there is nothing to format");
    }
    let (mut changed, mut broken) = (Vec::new(), 0);
    for file in &files {
        match formatted(file) {
            Ok((before, after)) if before == after => {}
            Ok((_, after)) => changed.push((file, after)),
            Err(error) => {
                broken += 1;
                say(&safe(&format!("{}: {error:#}", file.display())));
            }
        }
    }
    if broken > 0 {
        bail!("{} cannot be formatted, so nothing was written", counted(broken, "file"));
    }
    if !args.check {
        for (file, text) in &changed {
            saved::replace(file, text)?;
        }
    }
    let names: Vec<String> = changed.iter().map(|(file, _)| file.display().to_string()).collect();
    let text = match global.format {
        Format::Json => {
            let report = serde_json::json!({ "formatVersion": 1, "files": files.len(), "changed": names, "written": !args.check });
            serde_json::to_string_pretty(&report)? + "\n"
        }
        Format::Human => names.iter().map(|name| safe(name) + "\n").collect(),
    };
    print(&text)?;
    if !global.quiet && global.format == Format::Human {
        let done = if args.check { "not in canonical form" } else { "formatted" };
        say(&format!("{} of {} {done}.", changed.len(), counted(files.len(), "file")));
    }
    if args.check && !changed.is_empty() {
        return Err(Refused.into());
    }
    Ok(0)
}

fn stream(check: bool) -> anyhow::Result<u8> {
    let mut text = String::new();
    std::io::stdin().take(LIMIT).read_to_string(&mut text).context("cannot read standard input")?;
    let formatted = cxform_author::format(&text).context("standard input cannot be formatted")?;
    if check {
        return if formatted == text { Ok(0) } else { bail!("standard input is not in canonical form") };
    }
    print(&formatted)?;
    Ok(0)
}

/// `cxform.yaml` and every manifest. What they say does not matter here.
fn of_project(global: &Global) -> anyhow::Result<BTreeSet<PathBuf>> {
    let project = project::open(global, true)?;
    let names = project.files().iter().map(|(_, name)| name.to_owned());
    let mut files: BTreeSet<PathBuf> = names
        .filter(|name| name != PROJECT_FILE)
        .map(|name| project.root.join(name))
        .filter(|file| file.is_file())
        .collect();
    files.extend(Some(project.root.join(PROJECT_FILE)).filter(|file| file.is_file()));
    Ok(files.into_iter().map(|file| file.strip_prefix(".").map(Path::to_owned).unwrap_or(file)).collect())
}

/// The files that are named, and those below the folders that are.
fn below(paths: &[PathBuf]) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut left: Vec<PathBuf> = paths.to_vec();
    while let Some(path) = left.pop() {
        let fails = || format!("cannot read `{}`", path.display());
        if !std::fs::metadata(&path).with_context(fails)?.is_dir() {
            files.insert(path);
            continue;
        }
        for entry in std::fs::read_dir(&path).with_context(fails)? {
            let entry = entry.with_context(fails)?;
            let (path, kind) = (entry.path(), entry.file_type().with_context(fails)?);
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
            // A link leads to a folder that may be above this one.
            if !hidden && (kind.is_dir() || (yaml && path.is_file())) {
                left.push(path);
            }
        }
    }
    Ok(files)
}

/// A file's text, and its canonical form.
fn formatted(file: &Path) -> anyhow::Result<(String, String)> {
    let size = std::fs::metadata(file).context("cannot be read")?.len();
    if size > LIMIT {
        bail!("it has {size} bytes, which is no manifest");
    }
    let text = std::fs::read_to_string(file).context("cannot be read")?;
    let after = cxform_author::format(&text)?;
    Ok((text, after))
}
