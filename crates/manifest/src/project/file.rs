//! Reading `cxform.yaml`.

use std::collections::{BTreeMap, HashSet};

use cxform_model::Guard;
use cxform_rules::Rule;

use super::environment::Environment;
use super::recording::Recording;
use super::template::{NoTemplate, Template};
use super::waiver::Waivers;
use crate::catalogue::{DOCUMENT, ENV_VARIABLE, PATH, PROJECT, VARIABLE};
use crate::read::{Keys, Reader};
use crate::variables::{is_template, report};
use crate::yaml::{Content, Entry, Node, Plain, plain};
use crate::{Diagnostic, Place, suggest};

/// What `cxform.yaml` says.
#[derive(Debug, Default)]
pub(super) struct ProjectFile {
    pub(super) name: Option<String>,
    /// Folders of manifests, with the place that names them.
    pub(super) manifests: Vec<(String, Place)>,
    pub(super) default_environment: Option<String>,
    pub(super) guard: Guard,
    pub(super) environments: BTreeMap<String, Environment>,
    /// Folders of overlays, with the place that names them first.
    pub(super) overlays: BTreeMap<String, Place>,
    pub(super) waivers: Waivers,
    pub(super) recording: Recording,
    /// Values that must not be shown.
    pub(super) secrets: Vec<Place>,
}

/// What names of projects and environments are made of.
pub(super) const NAME_CHARACTERS: &str = "letters, digits, `-`, `_` and `.`";

pub(super) fn is_path_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '_' | '.'))
}

/// Reads the one document of `cxform.yaml`.
pub(super) fn read(root: &Node, reader: &mut Reader<'_>) -> ProjectFile {
    let mut file = FileReader { reader, file: ProjectFile::default(), templates: HashSet::new() };
    file.document(root);
    file.stray_templates(root);
    file.file
}

/// A `cxform.yaml` while it is read.
pub(super) struct FileReader<'r, 's> {
    pub(super) reader: &'r mut Reader<'s>,
    pub(super) file: ProjectFile,
    /// Scalars in which references are replaced.
    templates: HashSet<Place>,
}

impl FileReader<'_, '_> {
    fn document(&mut self, root: &Node) {
        self.find_secrets(root, false);
        let keys = Keys::new("the project", &["apiVersion", "kind", "metadata", "spec"]);
        let Some(entries) = self.reader.mapping(root, &keys) else { return };
        self.reader.api_version(entries, root.place);
        if let Some(node) = self.reader.required(entries, "kind", "the project", root.place)
            && let Some(kind) = self.reader.text(node, "`kind`")
            && kind != "Project"
        {
            let message = format!("`cxform.yaml` is of kind `Project`, not {}", suggest::shown(kind));
            self.problem(&DOCUMENT, node.place, message, Some("move other kinds into the folder of manifests"));
        }
        if let Some(node) = self.reader.required(entries, "metadata", "the project", root.place)
            && let Some(about) = self.reader.mapping(node, &Keys::new("`metadata`", &["name"]))
            && let Some(name) = self.reader.required(about, "name", "`metadata`", node.place)
        {
            self.file.name = self.path_name(name, "the name of a project");
        }
        if let Some(node) = self.reader.required(entries, "spec", "the project", root.place) {
            self.spec(node);
        }
    }

    fn spec(&mut self, node: &Node) {
        const KEYS: &[&str] = &[
            "manifests",
            "defaultEnvironment",
            "guard",
            "environments",
            "rules",
            "store",
            "audit",
            "notifications",
            "serve",
        ];
        let keys = Keys::new("`spec` of the project", KEYS);
        let Some(spec) = self.reader.mapping(node, &keys) else { return };
        for Entry { key, value, .. } in spec {
            match &**key {
                "manifests" => {
                    for item in self.reader.list(value, "`manifests`").unwrap_or(&[]) {
                        if let Some(folder) = self.folder(item, "a folder of manifests") {
                            self.file.manifests.push((folder, item.place));
                        }
                    }
                }
                "guard" => self.guard(value),
                "environments" => self.environments(value),
                "rules" => self.waivers(value),
                "store" => self.store(value),
                "audit" => self.audit(value),
                "notifications" => self.notifications(value),
                "serve" => self.serve(value),
                _ => {}
            }
        }
        if !spec.iter().any(|entry| &*entry.key == "manifests") {
            self.file.manifests.push(("manifests".to_owned(), node.place));
        }
        if let Some(node) = spec.iter().find(|entry| &*entry.key == "defaultEnvironment").map(|entry| &entry.value)
            && let Some(name) = self.reader.name(node, "`defaultEnvironment`")
        {
            if self.file.environments.contains_key(name) {
                self.file.default_environment = Some(name.to_owned());
            } else {
                let hint = suggest::hint(name, self.file.environments.keys().map(String::as_str), "environments");
                let message = format!("there is no environment {}", suggest::shown(name));
                self.problem(&PROJECT, node.place, message, hint.as_deref());
            }
        }
    }

    fn guard(&mut self, node: &Node) {
        let keys = Keys::new("`guard`", &["maxChangedPercent", "maxRetiredPercent", "minimumPopulation"]);
        for Entry { key, value, .. } in self.reader.mapping(node, &keys).unwrap_or(&[]) {
            let what = format!("`{key}`");
            let Some(number) = self.reader.number(value, &what) else { continue };
            if &**key == "minimumPopulation" {
                match number.as_u64() {
                    Some(number) => self.file.guard.minimum_population = number,
                    None => self.problem(&PROJECT, value.place, format!("{what} is no whole number from 0 on"), None),
                }
                continue;
            }
            match number.as_f64().filter(|percent| (0.0..=100.0).contains(percent)) {
                Some(percent) if &**key == "maxChangedPercent" => self.file.guard.max_changed_percent = percent,
                Some(percent) if &**key == "maxRetiredPercent" => self.file.guard.max_retired_percent = percent,
                Some(_) => {}
                None => self.problem(&PROJECT, value.place, format!("{what} is not between 0 and 100"), None),
            }
        }
    }

    pub(super) fn path_name(&mut self, node: &Node, what: &str) -> Option<String> {
        let name = self.reader.name(node, what)?;
        if is_path_name(name) {
            return Some(name.to_owned());
        }
        let message = format!("{} cannot be {what}", suggest::shown(name));
        self.problem(&PROJECT, node.place, message, Some(&format!("names are made of {NAME_CHARACTERS}")));
        None
    }

    /// A path within the project, in its one form: `a/b`, or `.`.
    pub(super) fn folder(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.reader.name(node, what)?;
        let parts: Vec<_> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let windows = text.contains('\\') || text.as_bytes().get(1) == Some(&b':');
        if text.starts_with('/') || windows || parts.contains(&"..") || text.contains('\0') {
            let message = format!("{what} is {}, which leaves the project", suggest::shown(text));
            self.problem(
                &PATH,
                node.place,
                message,
                Some("name a path below the folder of `cxform.yaml`, with `/` between its parts"),
            );
            return None;
        }
        Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
    }

    /// A template whose literal form is checked at once.
    pub(super) fn checked(
        &mut self,
        node: &Node,
        what: &str,
        check: fn(&str) -> Result<(), &'static str>,
    ) -> Option<Template> {
        let template = self.template(node, what)?;
        if let Some(literal) = template.literal()
            && let Err(fault) = check(&literal)
        {
            self.problem(&PROJECT, node.place, format!("{what} {fault}"), None);
            if literal.contains('@') {
                self.file.secrets.push(node.place);
            }
        }
        Some(template)
    }

    pub(super) fn template(&mut self, node: &Node, what: &str) -> Option<Template> {
        self.templates.insert(node.place);
        let text = match &node.content {
            Content::Scalar { text, plain: true } if plain(text) == Plain::Null => {
                return self.reader.wrong_type(node, what, "text", None);
            }
            Content::Scalar { text, .. } => text,
            _ => return self.reader.wrong_type(node, what, "text", None),
        };
        match Template::parse(text, node.place.source) {
            Ok(template) => Some(template),
            Err(NoTemplate::Broken(broken)) => {
                report(broken, node.place, self.reader.sink);
                None
            }
            Err(NoTemplate::Var(name)) => {
                let message = format!("`${{var.{name}}}` is for manifests: `cxform.yaml` has only `${{env.NAME}}`");
                self.problem(&VARIABLE, node.place, message, None);
                None
            }
        }
    }

    /// References where nothing replaces them would silently stay what they are.
    fn stray_templates(&mut self, root: &Node) {
        let mut stray = Vec::new();
        root.visit(&mut |node| {
            if node.text().is_some_and(is_template) && !self.templates.contains(&node.place) {
                stray.push(node.place);
            }
        });
        // A value that is a problem already is not told twice.
        stray.retain(|place| !self.reader.sink.problems_mut().iter().any(|problem| problem.at == Some(*place)));
        for place in stray {
            let hint = "it is allowed in `baseUrl`, `campaignsPath`, `auth` and `variables` of an environment, in `store` and in \
                        `notifications`";
            self.problem(&ENV_VARIABLE, place, "`${...}` is not replaced here".to_owned(), Some(hint));
        }
    }

    /// Whatever stands where a secret may stand is never shown, however it is spelt or misplaced.
    fn find_secrets(&mut self, node: &Node, secret: bool) {
        match &node.content {
            Content::Scalar { text, .. } => {
                let harmless = Template::parse(text, node.place.source).is_ok_and(|template| template.is_pure());
                if secret && !harmless {
                    self.file.secrets.push(node.place);
                }
            }
            Content::Sequence(items) => items.iter().for_each(|item| self.find_secrets(item, secret)),
            Content::Mapping(entries) => {
                for entry in entries {
                    self.find_secrets(&entry.value, secret || names_secret(&entry.key));
                }
            }
            Content::Unknown => {}
        }
    }

    pub(super) fn problem(&mut self, rule: &'static Rule, place: Place, message: String, hint: Option<&str>) {
        self.reader.sink.push(Diagnostic::new(rule, Some(place), message).hint(hint.map(str::to_owned)));
    }
}

/// Whether a key sounds like a secret.
pub(super) fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["secret", "password", "passwd", "apikey", "api_key", "accesstoken", "access_token"]
        .iter()
        .any(|word| key.contains(word))
}
