//! `cxform schema`: the JSON Schemas of manifests for editors, and of everything that cxform writes for programs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::args::Global;
use crate::terminal::{print, say};

/// `cxform schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which schema: `cxform` (any document, for editors), a kind such as `campaign`, or an output such as `plan`.
    #[arg(value_name = "NAME", default_value = "cxform", conflicts_with = "out")]
    pub name: String,
    /// Write all of them below this folder instead.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What programs get from cxform. Their schemas are written by hand and held to the outputs by tests.
const OUTPUTS: &[(&str, &str)] = &[
    ("apply.schema.json", include_str!("../../../../schemas/apply.schema.json")),
    ("audit.schema.json", include_str!("../../../../schemas/audit.schema.json")),
    ("diff.schema.json", include_str!("../../../../schemas/diff.schema.json")),
    ("drift.schema.json", include_str!("../../../../schemas/drift.schema.json")),
    ("events.schema.json", include_str!("../../../../schemas/events.schema.json")),
    ("export.schema.json", include_str!("../../../../schemas/export.schema.json")),
    ("graph.schema.json", include_str!("../../../../schemas/graph.schema.json")),
    ("history.schema.json", include_str!("../../../../schemas/history.schema.json")),
    ("intervals.schema.json", include_str!("../../../../schemas/intervals.schema.json")),
    ("plan.schema.json", include_str!("../../../../schemas/plan.schema.json")),
    ("policy.schema.json", include_str!("../../../../schemas/policy.schema.json")),
    ("runs.schema.json", include_str!("../../../../schemas/runs.schema.json")),
    ("stats.schema.json", include_str!("../../../../schemas/stats.schema.json")),
    ("tune.schema.json", include_str!("../../../../schemas/tune.schema.json")),
    ("validate.schema.json", include_str!("../../../../schemas/validate.schema.json")),
];

/// Every schema by its path below `schemas/`.
pub fn all() -> anyhow::Result<BTreeMap<String, String>> {
    let mut files: BTreeMap<String, String> =
        OUTPUTS.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    for (path, schema) in cxform_manifest::schema::generate() {
        files.insert(path, serde_json::to_string_pretty(&schema)? + "\n");
    }
    Ok(files)
}

/// Prints one, or writes them all.
pub fn run(global: &Global, args: &SchemaArgs) -> anyhow::Result<u8> {
    let files = all()?;
    if let Some(folder) = &args.out {
        for (path, text) in &files {
            let file = folder.join(path);
            let written =
                file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&file, text));
            written.with_context(|| format!("cannot write `{}`", file.display()))?;
        }
        if !global.quiet {
            say(&format!("{} schemas are in `{}`.", files.len(), folder.display()));
        }
        return Ok(0);
    }
    let name = |path: &str| path.trim_start_matches("manifest/").trim_end_matches(".schema.json").to_owned();
    let plain = |word: &str| word.replace('-', "").to_lowercase();
    let Some(text) = files.iter().find(|(path, _)| plain(&name(path)) == plain(&args.name)).map(|(_, text)| text)
    else {
        let names: Vec<_> = files.keys().map(|path| format!("`{}`", name(path))).collect();
        bail!("there is no schema `{}`\nhint: there are {}", args.name, names.join(", "));
    };
    print(text)?;
    Ok(0)
}
