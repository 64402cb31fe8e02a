//! Writing the files of a project: all of them or none, nothing that is there overwritten, nothing outside of the folder.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// Refuses where one of these stands in the folder already.
pub fn free<'n>(folder: &Path, names: impl IntoIterator<Item = &'n str>) -> anyhow::Result<()> {
    let taken: Vec<_> = names.into_iter().filter(|name| folder.join(name).symlink_metadata().is_ok()).collect();
    match taken.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            bail!(
                "`{}`{more} is there already, and nothing is overwritten\nhint: name an empty folder",
                folder.join(first).display()
            )
        }
    }
}

/// Writes files below a folder; those `beside` them only where there are none yet.
pub fn place(folder: &Path, files: &BTreeMap<String, String>, beside: &BTreeMap<String, String>) -> anyhow::Result<()> {
    free(folder, files.keys().map(String::as_str))?;
    let fails = || format!("cannot write below `{}`", folder.display());
    std::fs::create_dir_all(folder).with_context(fails)?;
    let folder = folder.canonicalize().with_context(fails)?;
    let beside = beside.iter().filter(|(name, _)| folder.join(name).symlink_metadata().is_err());
    let files: Vec<(PathBuf, &String)> =
        files.iter().chain(beside).map(|(name, text)| (folder.join(name), text)).collect();
    for (file, _) in &files {
        if let Some(link) = file.ancestors().take_while(|above| **above != *folder).find(|above| above.is_symlink()) {
            bail!("`{}` is a link, and nothing is written outside of the folder", link.display());
        }
    }
    // Everything is on disk before the first file gets its name.
    let staging = tempfile::Builder::new().prefix(".cxform-").tempdir_in(&folder).with_context(fails)?;
    let mut staged = Vec::new();
    for (_, text) in &files {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(staging.path()).with_context(fails)?;
        file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).with_context(fails)?;
        staged.push(file.into_temp_path());
    }
    let mut placed: Vec<&Path> = Vec::new();
    for ((file, _), staged) in files.iter().zip(staged) {
        let parent = file.parent().unwrap_or(&folder);
        let put =
            std::fs::create_dir_all(parent).and_then(|()| staged.persist_noclobber(file).map_err(|error| error.error));
        if let Err(error) = put {
            for file in placed {
                // Whatever cannot be taken back is told by the error that led here.
                let _ = std::fs::remove_file(file);
            }
            return Err(error).with_context(|| format!("cannot write `{}`", file.display()));
        }
        placed.push(file);
    }
    Ok(())
}
