//! A project with its files read and parsed, ready to be loaded for any of its environments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cxform_model::{FileId, Files, Guard};

use super::PROJECT_FILE;
use super::discover::{self, Fault};
use super::environment::Environment;
use super::file::{self, ProjectFile, is_path_name, names_secret};
use super::parsing::{self, Clean, parse_clean};
use super::recording::Recording;
use super::waiver::Waivers;
use crate::catalogue::{ENCODING, LIMIT, PATH, PROJECT, SYNTAX};
use crate::diagnostic::{Diagnostics, Sink};
use crate::limits::{self, Budget};
use crate::read::Reader;
use crate::sources::Sources;
use crate::yaml::{self, Document, Node};
use crate::{Diagnostic, Place, suggest};

/// A project: what `cxform.yaml` says, and every file below the folders that it names.
#[derive(Debug)]
pub struct Project {
    /// The name.
    pub name: String,
    /// The folder; empty for a project that lives in memory.
    pub root: PathBuf,
    /// When a plan is refused for its size.
    pub guard: Guard,
    /// The lowered rules.
    pub waivers: Waivers,
    /// What is kept of runs, and who is told.
    pub recording: Recording,
    default_environment: Option<String>,
    environments: BTreeMap<String, Environment>,
    pub(crate) sources: Arc<Sources>,
    /// The tree of `cxform.yaml`.
    pub(crate) file: Option<Node>,
    pub(crate) base: Vec<Unit>,
    /// The documents of each overlay folder.
    pub(crate) overlays: BTreeMap<String, Vec<Unit>>,
    /// Problems of `cxform.yaml` and of files as such, whatever the environment.
    pub(crate) problems: Sink,
    /// Whether every file was read to its end.
    pub(crate) complete: bool,
    pub(crate) nodes: usize,
    pub(crate) files: usize,
    /// How much each load may copy beyond what files write out.
    pub(crate) copies: Budget,
}

/// One document as it is written.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) root: Node,
    /// Whether variables have to be put in.
    pub(crate) template: bool,
}

/// There is no such environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownEnvironment {
    /// The name is not one of the project's.
    #[error("there is no environment `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// What to do.
        hint: Option<String>,
    },
    /// None was named, and the project has several.
    #[error("the project has several environments and no default")]
    NoDefault {
        /// What to do.
        hint: String,
    },
}

impl Project {
    /// Opens the project in a folder. It is `None` only where `cxform.yaml` cannot be read as a document at all;
    /// every other problem is told again by each load, together with those of the manifests.
    #[must_use]
    pub fn open(root: &Path) -> (Option<Self>, Diagnostics) {
        match discover::read(&root.join(PROJECT_FILE), &mut limits::PROJECT_BYTES.clone()) {
            Ok(bytes) => Self::build(root, Some(&bytes), |folders| {
                discover::discover(root, folders).into_iter().map(|found| (found.name, found.content)).collect()
            }),
            Err(fault) => {
                let mut opening = Opening::default();
                let id = opening.sources.add(PROJECT_FILE, None);
                opening.fault(id, PROJECT_FILE, &fault);
                opening.give_up()
            }
        }
    }

    /// Whether a folder has a `cxform.yaml`.
    #[must_use]
    pub fn is_project(root: &Path) -> bool {
        root.join(PROJECT_FILE).is_file()
    }

    /// A folder of manifests without a `cxform.yaml`: one environment, which `CXONE_*` fill in.
    #[must_use]
    pub fn bare(root: &Path) -> (Option<Self>, Diagnostics) {
        Self::build(root, None, |folders| {
            discover::discover(root, folders).into_iter().map(|found| (found.name, found.content)).collect()
        })
    }

    /// A project that lives in memory: the text of its `cxform.yaml`, if it has one, and its other files by name.
    #[must_use]
    pub fn in_memory<'f>(
        project: Option<&[u8]>,
        files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) -> (Option<Self>, Diagnostics) {
        let mut files: Vec<_> = files.into_iter().map(|(name, bytes)| (name.to_owned(), Ok(bytes.to_vec()))).collect();
        files.sort_by(|(left, _), (right, _)| left.cmp(right));
        Self::build(Path::new(""), project, |_| files)
    }

    fn build(
        root: &Path,
        project: Option<&[u8]>,
        discover: impl FnOnce(&[String]) -> Vec<(String, Result<Vec<u8>, Fault>)>,
    ) -> (Option<Self>, Diagnostics) {
        let mut opening = Opening::default();
        let mut tree = None;
        let file = match project {
            Some(bytes) => {
                let Some((root, file)) = opening.project(bytes) else { return opening.give_up() };
                tree = Some(root);
                file
            }
            None => ProjectFile { manifests: vec![(".".to_owned(), Place::top(FileId(0)))], ..ProjectFile::default() },
        };
        let mut folders: Vec<_> = file.manifests.iter().map(|(folder, place)| (folder.clone(), *place)).collect();
        folders.extend(file.overlays.iter().map(|(folder, place)| (folder.clone(), *place)));
        let names: Vec<_> = folders.iter().map(|(folder, _)| folder.clone()).collect();
        let mut base = Vec::new();
        let mut overlays: BTreeMap<String, Vec<Unit>> =
            file.overlays.keys().map(|folder| (folder.clone(), Vec::new())).collect();
        let mut texts = Vec::new();
        let mut owners = Vec::new();
        for (name, content) in discover(&names) {
            // The fault of a folder is told where the folder is named.
            let named = folders.iter().find(|(folder, _)| *folder == name).map(|(_, place)| *place);
            if let (Err(Fault::Path(fault)), Some(place), Some(_)) = (&content, named, project) {
                let problem = Diagnostic::new(&PATH, Some(place), format!("`{name}` {fault}"));
                opening.sink.push(problem.help("create the folder, or name another one"));
                opening.complete = false;
                continue;
            }
            if name == PROJECT_FILE {
                continue;
            }
            let owner = names.iter().filter(|folder| contains(folder, &name)).max_by_key(|folder| depth(folder));
            let Some(owner) = owner else { continue };
            if let Some(text) = opening.file(&name, content) {
                texts.push(text);
                owners.push(owner);
            }
        }
        for (((id, text), clean), owner) in texts.iter().zip(parse_clean(&texts)).zip(owners) {
            let documents = opening.documents(*id, text, clean);
            match overlays.get_mut(owner) {
                Some(overlay) => overlay.extend(documents),
                None => base.extend(documents),
            }
        }
        let fallback = root.file_name().and_then(|name| name.to_str()).filter(|name| is_path_name(name));
        let mut environments = file.environments;
        if environments.is_empty() {
            let unnamed = Environment::unnamed();
            environments.insert(unnamed.name.clone(), unnamed);
        }
        let sources = Arc::new(opening.sources);
        let project = Self {
            name: file.name.unwrap_or_else(|| fallback.unwrap_or("manifests").to_owned()),
            root: root.to_owned(),
            guard: file.guard,
            waivers: file.waivers,
            recording: file.recording,
            default_environment: file.default_environment,
            environments,
            sources: sources.clone(),
            file: tree,
            base,
            overlays,
            problems: opening.sink.clone(),
            complete: opening.complete,
            nodes: opening.budget.used(),
            files: opening.files,
            copies: Budget::new(limits::COPIES),
        };
        (Some(project), Diagnostics::new(sources, opening.sink))
    }

    /// The environments, by name. There is always one.
    pub fn environments(&self) -> impl Iterator<Item = &Environment> {
        self.environments.values()
    }

    /// The environment of this name; without one the default, or the only one.
    ///
    /// # Errors
    /// There is no such environment, or none was named and there is no default.
    pub fn environment(&self, name: Option<&str>) -> Result<&Environment, UnknownEnvironment> {
        let names = || self.environments.keys().map(String::as_str);
        let only = || (self.environments.len() == 1).then(|| self.environments.keys().next()).flatten();
        let Some(wanted) = name.or(self.default_environment.as_deref()).or_else(|| only().map(String::as_str)) else {
            return Err(UnknownEnvironment::NoDefault { hint: format!("name one of {}", suggest::listed(names())) });
        };
        self.environments.get(wanted).ok_or_else(|| UnknownEnvironment::Unknown {
            name: wanted.to_owned(),
            hint: suggest::hint(wanted, names().collect::<Vec<_>>(), "environments"),
        })
    }

    /// `sha256:...` over `cxform.yaml`, every manifest and every overlay, by name: what tells whether a saved plan still
    /// speaks of these files.
    #[must_use]
    pub fn content_hash(&self) -> String {
        self.sources.content_hash()
    }

    /// The text of a file, without a byte order mark; `None` where it could not be read.
    #[must_use]
    pub fn text(&self, file: FileId) -> Option<&str> {
        self.sources.text(file).map(|text| &**text)
    }

    /// The same project with other texts for some of its files, and with files that are new. Nothing is written.
    #[must_use]
    pub fn revised(&self, texts: &BTreeMap<String, String>) -> (Option<Self>, Diagnostics) {
        let mut files: BTreeMap<&str, &str> =
            self.files().iter().filter_map(|(id, name)| Some((name, self.text(id)?))).collect();
        files.extend(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let project = files.remove(PROJECT_FILE).filter(|_| self.file.is_some());
        let files = files.into_iter().map(|(name, text)| (name.to_owned(), Ok(text.as_bytes().to_vec()))).collect();
        Self::build(&self.root, project.map(str::as_bytes), |_| files)
    }

    /// The names of the project's files, which every place refers to.
    #[must_use]
    pub fn files(&self) -> &Files {
        self.sources.files()
    }
}

/// Whether a file lies below a folder.
fn contains(folder: &str, file: &str) -> bool {
    folder == "." || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn depth(folder: &str) -> usize {
    if folder == "." { 0 } else { 1 + folder.matches('/').count() }
}

/// A project while its files are read.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) sources: Sources,
    pub(super) sink: Sink,
    budget: Budget,
    complete: bool,
    files: usize,
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            sources: Sources::default(),
            sink: Sink::default(),
            budget: Budget::new(limits::NODES),
            complete: true,
            files: 0,
        }
    }
}

impl Opening {
    fn give_up(self) -> (Option<Project>, Diagnostics) {
        (None, Diagnostics::new(Arc::new(self.sources), self.sink))
    }

    fn project(&mut self, bytes: &[u8]) -> Option<(Node, ProjectFile)> {
        let id = self.sources.add(PROJECT_FILE, None);
        let text = self.text(id, bytes)?;
        let parsed = yaml::parse(id, &text, &mut self.budget, &mut self.sink);
        if !parsed.complete {
            self.mask_lines(id, &text);
            return None;
        }
        let mut documents = parsed.documents.into_iter().filter(|document| !document.root.is_null());
        let Some(Document { root }) = documents.next() else {
            let problem = Diagnostic::new(&PROJECT, Some(Place::top(id)), "`cxform.yaml` is empty");
            self.sink.push(problem.help("write `apiVersion: cxform/v1`, `kind: Project`, `metadata` and `spec`"));
            return None;
        };
        if let Some(second) = documents.next() {
            self.mask_lines(id, &text);
            self.sink.push(Diagnostic::new(
                &PROJECT,
                Some(second.root.place),
                "`cxform.yaml` holds more than one document",
            ));
        }
        let file = file::read(&root, &mut Reader::new(&mut self.sink, Budget::new(limits::COPIES)));
        for secret in &file.secrets {
            self.sources.mask(*secret);
        }
        Some((root, file))
    }

    /// Hides what looks like a secret in a file that has no tree.
    fn mask_lines(&mut self, file: FileId, text: &str) {
        let mut start = 0;
        let mut hiding = false;
        for line in text.split_inclusive('\n') {
            // From the first such word on everything is hidden: without a tree nobody knows where a value ends.
            hiding |= names_secret(line);
            if hiding {
                let bytes = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                let place = Place { start: bytes(start), end: bytes(start + line.len()), ..Place::top(file) };
                self.sources.mask(place);
            }
            start += line.len();
        }
    }

    /// The text of a file, once it is known to be one.
    pub(super) fn file(&mut self, name: &str, content: Result<Vec<u8>, Fault>) -> Option<(FileId, Arc<str>)> {
        let id = self.sources.add(name, None);
        let bytes = match content {
            Ok(bytes) => bytes,
            Err(fault) => {
                self.fault(id, name, &fault);
                return None;
            }
        };
        self.files += 1;
        let text = self.text(id, &bytes);
        self.complete &= text.is_some();
        Some((id, text?))
    }

    /// The documents of a file: those that were found in it already, as far as they still fit.
    pub(super) fn documents(&mut self, id: FileId, text: &str, clean: Option<Clean>) -> Vec<Unit> {
        if let Some(Clean { units, nodes }) = clean
            && self.budget.holds(nodes)
            && self.budget.take(nodes)
        {
            return units;
        }
        let parsed = yaml::parse(id, text, &mut self.budget, &mut self.sink);
        self.complete &= parsed.complete;
        parsing::units(parsed)
    }

    /// The text of a file, without a byte order mark.
    fn text(&mut self, id: FileId, bytes: &[u8]) -> Option<Arc<str>> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                self.not_utf8(id, bytes, error.valid_up_to());
                return None;
            }
        };
        let text: Arc<str> = text.into();
        self.sources.set_text(id, text.clone());
        if let Some(at) = text.find('\0') {
            let place = self.sources.place_at(id, at);
            self.sink.push(Diagnostic::new(&SYNTAX, Some(place), "a zero byte").help("this is no text file"));
            return None;
        }
        Some(text)
    }

    fn not_utf8(&mut self, id: FileId, bytes: &[u8], valid: usize) {
        let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let before = bytes.get(..valid).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("");
        // The readable beginning is kept, so that the place can be shown.
        self.sources.set_text(id, before.into());
        let place = self.sources.place_at(id, valid);
        let byte = bytes.get(valid).copied().unwrap_or_default();
        let hint = if utf16 { "this looks like UTF-16: save it as UTF-8" } else { "save the file as UTF-8" };
        self.sink.push(Diagnostic::new(&ENCODING, Some(place), format!("byte `0x{byte:02X}` is no UTF-8")).help(hint));
    }

    fn fault(&mut self, id: FileId, name: &str, fault: &Fault) {
        self.complete = false;
        let (rule, words) = match fault {
            Fault::Path(words) => (&PATH, words),
            Fault::Limit(words) => (&LIMIT, words),
        };
        self.sink.push(Diagnostic::new(rule, Some(Place::top(id)), format!("`{name}` {words}")));
    }
}
