//! Finding the files of a project.
//!
//! A file belongs to the innermost folder that the project names, so an overlay folder inside the manifests
//! is no part of the base, and no file is read twice.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cxform_model::is_unprintable;

use crate::limits;

/// A file, or why it cannot be read.
pub(super) struct Found {
    /// The path relative to the project, with `/` between its parts.
    pub(super) name: String,
    pub(super) content: Result<Vec<u8>, Fault>,
}

/// Why a path cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// What is wrong with the path, as a predicate.
    Path(String),
    /// A limit is passed.
    Limit(String),
}

/// Walks below the folders and reads every manifest, in the order of names.
pub(super) fn discover(root: &Path, folders: &[String]) -> Vec<Found> {
    let canonical = match fs::canonicalize(root) {
        Ok(canonical) => canonical,
        Err(error) => return vec![fault(".", Fault::Path(format!("cannot be opened: {}", cause(&error))))],
    };
    let mut walk = Walk { canonical, paths: BTreeMap::new(), visited: HashMap::new(), faults: Vec::new(), full: false };
    for folder in folders {
        walk.named(root, folder);
    }
    let mut left = limits::PROJECT_BYTES;
    let mut found = walk.faults;
    for (name, path) in walk.paths {
        let content = read(&path, &mut left);
        found.push(Found { name, content });
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    found
}

fn fault(name: &str, fault: Fault) -> Found {
    Found { name: name.to_owned(), content: Err(fault) }
}

/// The words of an error of the operating system.
fn cause(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

struct Walk {
    /// The project's folder with all links followed: nothing outside of it is read.
    canonical: PathBuf,
    paths: BTreeMap<String, PathBuf>,
    /// Folders and linked files by where they really are, with the name that they were found under.
    visited: HashMap<PathBuf, String>,
    faults: Vec<Found>,
    full: bool,
}

impl Walk {
    /// A folder that the project names.
    fn named(&mut self, root: &Path, folder: &str) {
        let path = root.join(folder);
        match fs::canonicalize(&path) {
            Err(error) => self.fault(folder, format!("cannot be opened: {}", cause(&error))),
            Ok(real) if !real.starts_with(&self.canonical) => {
                self.fault(folder, "leads out of the project through a symbolic link".to_owned());
            }
            Ok(real) if !real.is_dir() => self.fault(folder, "is no folder".to_owned()),
            Ok(real) => {
                let name = if folder == "." { "" } else { folder };
                match self.visited.get(&real) {
                    None => self.folder(&path, real, name),
                    Some(first) if first == name => {} // inside a folder that was walked already
                    Some(first) => self.fault(folder, format!("is the same folder as `{first}`")),
                }
            }
        }
    }

    /// Walks without recursion: a tree may be deeper than a stack.
    fn folder(&mut self, path: &Path, real: PathBuf, name: &str) {
        self.visited.insert(real, name.to_owned());
        let mut waiting = vec![(path.to_owned(), name.to_owned())];
        while let Some((path, name)) = waiting.pop() {
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) => {
                    self.fault(&name, format!("cannot be opened: {}", cause(&error)));
                    continue;
                }
            };
            // Sorted, so that of two links to one folder always the same is told.
            let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
            entries.sort_by_key(fs::DirEntry::file_name);
            let mut below = Vec::new();
            for entry in entries {
                self.entry(&entry.path(), &name, &mut below);
            }
            waiting.extend(below.into_iter().rev());
        }
    }

    fn entry(&mut self, path: &Path, parent: &str, below: &mut Vec<(PathBuf, String)>) {
        let Some(file_name) = path.file_name() else { return };
        let readable = file_name.to_string_lossy();
        if readable.starts_with('.') {
            return;
        }
        let name = if parent.is_empty() { readable.to_string() } else { format!("{parent}/{readable}") };
        let link = path.is_symlink();
        let Ok(real) = fs::canonicalize(path) else {
            if is_manifest(path) {
                self.fault(&name, "is a symbolic link that leads nowhere".to_owned());
            }
            return;
        };
        let is_folder = real.is_dir();
        if !is_folder && !is_manifest(path) {
            return;
        }
        if file_name.to_str().is_none() || readable.chars().any(is_unprintable) {
            self.fault(&name, "has a name that is no printable UTF-8".to_owned());
            return;
        }
        if !real.starts_with(&self.canonical) {
            self.fault(&name, "leads out of the project through a symbolic link".to_owned());
            return;
        }
        if is_folder {
            match self.visited.get(&real) {
                Some(_) if !link => {} // a named folder inside this one, walked already
                Some(first) => {
                    let first = if first.is_empty() { "." } else { first }.to_owned();
                    self.fault(&name, format!("is a symbolic link that leads back to `{first}`"));
                }
                None => {
                    self.visited.insert(real, name.clone());
                    below.push((path.to_owned(), name));
                }
            }
            return;
        }
        if !real.is_file() {
            self.fault(&name, "is no ordinary file".to_owned());
            return;
        }
        if let Some(first) = self.visited.insert(real, name.clone())
            && first != name
        {
            self.fault(&name, format!("is the same file as `{first}`"));
            return;
        }
        if self.paths.len() >= limits::FILES {
            if !self.full {
                self.full = true;
                self.faults.push(fault(&name, Fault::Limit(format!("is one of more than {} files", limits::FILES))));
            }
            return;
        }
        self.paths.insert(name, path.to_owned());
    }

    fn fault(&mut self, name: &str, words: String) {
        if self.faults.len() < limits::PROBLEMS {
            self.faults.push(fault(name, Fault::Path(words)));
        }
    }
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Reads a file whose size is within the limits. The size is looked at before, and again while reading.
pub(super) fn read(path: &Path, left: &mut u64) -> Result<Vec<u8>, Fault> {
    let broken = |error: std::io::Error| Fault::Path(format!("cannot be read: {}", cause(&error)));
    let metadata = fs::metadata(path).map_err(broken)?;
    if !metadata.is_file() {
        return Err(Fault::Path("is no ordinary file".to_owned()));
    }
    let too_large = || Fault::Limit(format!("is larger than {} MiB", limits::FILE_BYTES >> 20));
    if metadata.len() > limits::FILE_BYTES {
        return Err(too_large());
    }
    let full =
        || Fault::Limit(format!("does not fit: the project holds more than {} MiB", limits::PROJECT_BYTES >> 20));
    if metadata.len() > *left {
        return Err(full());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    let file = fs::File::open(path).map_err(broken)?;
    file.take(limits::FILE_BYTES + 1).read_to_end(&mut bytes).map_err(broken)?;
    let size = bytes.len() as u64;
    if size > limits::FILE_BYTES {
        return Err(too_large());
    }
    *left = left.checked_sub(size).ok_or_else(full)?;
    Ok(bytes)
}
