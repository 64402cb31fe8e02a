//! Reading `cxform.yaml`.

use std::collections::{BTreeMap, HashSet};

use cxform_model::{Rate, RateLimits};
use cxform_rules::Rule;
use jiff::civil::Date;

use super::environment::{Auth, Emulator, Environment, Remote, Tenant, TokenStyle};
use super::resolve::{base_url, url_path};
use super::template::{NoTemplate, Template};
use super::waiver::{Waiver, Waivers};
use crate::catalogue::{DOCUMENT, ENV_VARIABLE, PATH, PROJECT, SECRET, VARIABLE, WAIVER, WRONG_TYPE};
use crate::read::{Keys, Reader};
use crate::variables::{is_name, is_template, report};
use crate::yaml::{Content, Entry, Node, Plain, plain};
use crate::{Diagnostic, Place, suggest};

/// When a plan is refused for its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// The most updates, in per cent of the population.
    pub max_changed_percent: f64,
    /// The most retirements, in per cent of the population.
    pub max_retired_percent: f64,
    /// The population below which nothing is counted.
    pub minimum_population: u64,
}

impl Default for Guard {
    fn default() -> Self {
        Self { max_changed_percent: 30.0, max_retired_percent: 10.0, minimum_population: 10 }
    }
}

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
    /// Values that must not be shown.
    pub(super) secrets: Vec<Place>,
}

/// What names of projects and environments are made of.
const NAME_CHARACTERS: &str = "letters, digits, `-`, `_` and `.`";

pub(crate) fn is_path_name(name: &str) -> bool {
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

struct FileReader<'r, 's> {
    reader: &'r mut Reader<'s>,
    file: ProjectFile,
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
        let keys =
            Keys::new("`spec` of the project", &["manifests", "defaultEnvironment", "guard", "environments", "rules"]);
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

    fn environments(&mut self, node: &Node) {
        for entry in self.reader.entries(node, "`environments`").unwrap_or(&[]) {
            if !is_path_name(&entry.key) {
                let message = format!("{} cannot be the name of an environment", suggest::shown(&entry.key));
                self.problem(&PROJECT, entry.key_place, message, Some(&format!("names are made of {NAME_CHARACTERS}")));
            }
            let environment = self.environment(entry);
            self.file.environments.insert(entry.key.to_string(), environment);
        }
    }

    fn environment(&mut self, entry: &Entry) -> Environment {
        const KEYS: &[&str] =
            &["emulator", "baseUrl", "campaignsPath", "auth", "variables", "overlays", "rateLimits", "protected"];
        let mut environment =
            Environment { name: entry.key.to_string(), source: Some(entry.key_place.source), ..Environment::unnamed() };
        let mut remote = Remote::default();
        let mut emulator = None;
        let mut remote_key = None;
        for Entry { key, key_place, value } in
            self.reader.mapping(&entry.value, &Keys::new("an environment", KEYS)).unwrap_or(&[])
        {
            match &**key {
                "emulator" => emulator = Some((self.emulator(value), *key_place)),
                "baseUrl" => remote.base_url = self.checked(value, "`baseUrl`", |url| base_url(url).map(drop)),
                "campaignsPath" => remote.campaigns_path = self.checked(value, "`campaignsPath`", url_path),
                "auth" => remote.auth = self.auth(value),
                "variables" => environment.variables = self.variables(value),
                "overlays" => {
                    for item in self.reader.list(value, "`overlays`").unwrap_or(&[]) {
                        if let Some(folder) = self.folder(item, "a folder of overlays") {
                            self.file.overlays.entry(folder.clone()).or_insert(item.place);
                            environment.overlays.push(folder);
                        }
                    }
                }
                "rateLimits" => environment.rate_limits = self.rate_limits(value),
                "protected" => environment.protected = self.reader.boolean(value, "`protected`").unwrap_or(false),
                _ => {}
            }
            if matches!(&**key, "baseUrl" | "campaignsPath" | "auth") {
                remote_key.get_or_insert(*key_place);
            }
        }
        environment.tenant = match emulator {
            None => Tenant::Remote(remote),
            Some((emulator, place)) => {
                if let Some(other) = remote_key {
                    let problem =
                        Diagnostic::new(&PROJECT, Some(place), "an environment is the emulator or a tenant, not both");
                    self.reader.sink.push(problem.related(other, "this belongs to a tenant"));
                }
                Tenant::Emulator(emulator)
            }
        };
        environment
    }

    fn emulator(&mut self, node: &Node) -> Emulator {
        let mut emulator = Emulator::default();
        for Entry { value, key, .. } in self.reader.mapping(node, &Keys::new("`emulator`", &["seed"])).unwrap_or(&[]) {
            if &**key == "seed" {
                emulator.seed = self.folder(value, "`seed`");
            }
        }
        emulator
    }

    fn auth(&mut self, node: &Node) -> Auth {
        let keys = Keys::new("`auth`", &["tokenPath", "style", "clientId", "clientSecret", "scopes"]);
        let mut auth = Auth::default();
        for Entry { key, value, .. } in self.reader.mapping(node, &keys).unwrap_or(&[]) {
            match &**key {
                "tokenPath" => auth.token_path = self.checked(value, "`tokenPath`", url_path),
                "style" => {
                    let style = self.reader.word(value, "`style`", TokenStyle::WORDS);
                    auth.style = style.map_or(TokenStyle::Form, TokenStyle::from_word);
                }
                "clientId" => auth.client_id = self.template(value, "`clientId`"),
                "clientSecret" => {
                    auth.client_secret = self.template(value, "`clientSecret`").filter(Template::is_pure);
                    if auth.client_secret.is_none() && value.text().is_some() {
                        let hint =
                            "write `\"${env.CXONE_CLIENT_SECRET}\"`, and change the secret if it was ever committed";
                        self.problem(&SECRET, value.place, "`clientSecret` holds a secret".to_owned(), Some(hint));
                    }
                }
                "scopes" => {
                    let scopes = self.reader.names(value, "`scopes`").unwrap_or_default();
                    auth.scopes = scopes.into_iter().map(|(scope, _)| scope.to_owned()).collect();
                }
                _ => {}
            }
        }
        auth
    }

    fn variables(&mut self, node: &Node) -> BTreeMap<String, Node> {
        let mut variables = BTreeMap::new();
        for entry in self.reader.entries(node, "`variables`").unwrap_or(&[]) {
            let name = suggest::shown(&entry.key);
            if !is_name(&entry.key) {
                let hint = "names start with a letter and go on with letters, digits, `_` and `-`";
                self.problem(
                    &VARIABLE,
                    entry.key_place,
                    format!("{name} cannot be the name of a variable"),
                    Some(hint),
                );
                continue;
            }
            let mut value = entry.value.clone();
            if !self.variable(&value, &name) {
                value.content = Content::Unknown; // known by name, so that its uses are no second problem
            }
            variables.insert(entry.key.to_string(), value);
        }
        variables
    }

    /// A scalar, or a list of scalars.
    fn variable(&mut self, node: &Node, name: &str) -> bool {
        match &node.content {
            Content::Scalar { text, .. } if is_template(text) => self.template(node, name).is_some(),
            Content::Scalar { .. } | Content::Unknown => true,
            Content::Sequence(items) if !items.iter().any(|item| matches!(item.content, Content::Sequence(_))) => {
                // Every item is looked at, so that all problems come at once.
                items.iter().map(|item| self.variable(item, name)).fold(true, |all, item| all && item)
            }
            Content::Sequence(_) | Content::Mapping(_) => {
                let message = format!("variable {name} must be a scalar or a list of scalars");
                self.problem(&WRONG_TYPE, node.place, message, None);
                false
            }
        }
    }

    fn rate_limits(&mut self, node: &Node) -> RateLimits {
        let mut limits = RateLimits::default();
        for Entry { key, value, .. } in
            self.reader.mapping(node, &Keys::new("`rateLimits`", &["outcomes", "default"])).unwrap_or(&[])
        {
            let Some(text) = self.reader.text(value, &format!("`{key}`")) else { continue };
            match (text.parse::<Rate>(), &**key) {
                (Ok(rate), "outcomes") => limits.outcomes = rate,
                (Ok(rate), "default") => limits.default = rate,
                (Ok(_), _) => {}
                (Err(error), _) => self.problem(&PROJECT, value.place, error.to_string(), None),
            }
        }
        limits
    }

    fn waivers(&mut self, node: &Node) {
        for item in self.reader.list(node, "`rules`").unwrap_or(&[]) {
            let keys = Keys::new("a lowered rule", &["rule", "address", "reason", "expires"]);
            let Some(entries) = self.reader.mapping(item, &keys) else { continue };
            let mut required = |key| self.reader.required(entries, key, "a lowered rule", item.place);
            let (rule, address, reason, expires) =
                (required("rule"), required("address"), required("reason"), required("expires"));
            let rule = rule.and_then(|node| self.waived_rule(node));
            let address = address.and_then(|node| self.pattern(node));
            let reason = reason.and_then(|node| self.reader.name(node, "`reason`"));
            let expires = expires.and_then(|node| self.date(node));
            if let (Some(rule), Some(address), Some(reason), Some((expires, place))) = (rule, address, reason, expires)
            {
                let waiver = Waiver { rule, address, reason: reason.to_owned(), expires, source: place.source };
                self.file.waivers.0.push(waiver);
            }
        }
    }

    fn waived_rule(&mut self, node: &Node) -> Option<&'static Rule> {
        let id = self.reader.text(node, "`rule`")?;
        let found = cxform_rules::catalogue().iter().find(|rule| rule.id == id).copied();
        if found.is_none() {
            let (message, hint) = if crate::catalogue().iter().any(|rule| rule.id == id) {
                (
                    format!("`{id}` cannot be lowered"),
                    Some("a file that cannot be read has no meaning that a waiver could save".to_owned()),
                )
            } else {
                let ids = cxform_rules::catalogue().iter().map(|rule| rule.id);
                (format!("there is no rule {}", suggest::shown(id)), suggest::hint(id, ids, "rules"))
            };
            self.problem(&WAIVER, node.place, message, hint.as_deref());
        }
        found
    }

    fn pattern(&mut self, node: &Node) -> Option<String> {
        let pattern = self.reader.name(node, "`address`")?;
        let kind = pattern.split(['/', '*']).next().unwrap_or(pattern);
        let known = pattern.starts_with('*') || cxform_model::Kind::from_word(kind).is_some();
        if known && (pattern.contains('*') || pattern.parse::<cxform_model::Address>().is_ok()) {
            return Some(pattern.to_owned());
        }
        let hint = "write an address such as `outcome/SI-DEMO`, or a pattern such as `campaign/q3-*`";
        self.problem(&WAIVER, node.place, format!("{} is no address", suggest::shown(pattern)), Some(hint));
        None
    }

    fn date(&mut self, node: &Node) -> Option<(Date, Place)> {
        let text = self.reader.text(node, "`expires`")?;
        let date = if text.len() == "2027-01-31".len() { text.parse().ok() } else { None };
        if date.is_none() {
            let message = format!("{} is no date", suggest::shown(text));
            self.problem(
                &WAIVER,
                node.place,
                message,
                Some("write the last day on which it holds, such as `2027-01-31`"),
            );
        }
        date.map(|date| (date, node.place))
    }

    fn path_name(&mut self, node: &Node, what: &str) -> Option<String> {
        let name = self.reader.name(node, what)?;
        if is_path_name(name) {
            return Some(name.to_owned());
        }
        let message = format!("{} cannot be {what}", suggest::shown(name));
        self.problem(&PROJECT, node.place, message, Some(&format!("names are made of {NAME_CHARACTERS}")));
        None
    }

    /// A path within the project, in its one form: `a/b`, or `.`.
    fn folder(&mut self, node: &Node, what: &str) -> Option<String> {
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
    fn checked(&mut self, node: &Node, what: &str, check: fn(&str) -> Result<(), &'static str>) -> Option<Template> {
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

    fn template(&mut self, node: &Node, what: &str) -> Option<Template> {
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
        for place in stray {
            let hint = "it is allowed in `baseUrl`, `campaignsPath`, `auth` and `variables` of an environment";
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

    fn problem(&mut self, rule: &'static Rule, place: Place, message: String, hint: Option<&str>) {
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
