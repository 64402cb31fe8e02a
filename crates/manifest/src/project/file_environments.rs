//! Reading `spec.environments` of `cxform.yaml`.

use std::collections::BTreeMap;

use cxform_model::{Address, Fingerprint, Kind, Rate, RateLimits, RemoteId};

use super::environment::{Auth, Emulator, Environment, Remote, Tenant, TokenStyle};
use super::file::{FileReader, NAME_CHARACTERS, is_path_name};
use super::resolve::{base_url, url_path};
use super::template::Template;
use crate::catalogue::{PROJECT, SECRET, VARIABLE, WRONG_TYPE};
use crate::read::Keys;
use crate::variables::{is_name, is_template};
use crate::yaml::{Content, Entry, Node};
use crate::{Diagnostic, suggest};

impl FileReader<'_, '_> {
    pub(super) fn environments(&mut self, node: &Node) {
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
        const KEYS: &[&str] = &[
            "emulator",
            "baseUrl",
            "campaignsPath",
            "auth",
            "variables",
            "overlays",
            "rateLimits",
            "protected",
            "fingerprint",
        ];
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
                "fingerprint" => environment.fingerprint = self.fingerprint(value),
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
                items.iter().filter(|item| !self.variable(item, name)).count() == 0
            }
            Content::Sequence(_) | Content::Mapping(_) => {
                let message = format!("variable {name} must be a scalar or a list of scalars");
                self.problem(&WRONG_TYPE, node.place, message, None);
                false
            }
        }
    }

    /// Objects with the ids that the tenant gave them.
    fn fingerprint(&mut self, node: &Node) -> Fingerprint {
        const HINT: &str = "write `{ outcome/SI: \"ID\" }`: `cxform plan` tells what to pin";
        let mut fingerprint = Fingerprint::default();
        let entries = self.reader.entries(node, "`fingerprint`").unwrap_or(&[]);
        for Entry { key, key_place, value } in entries {
            let address = key.parse::<Address>().ok().filter(|address| address.kind() != Kind::Assignment);
            let Some(address) = address else {
                let message = format!("{} is no object that a tenant gives an id", suggest::shown(key));
                self.problem(&PROJECT, *key_place, message, Some(HINT));
                continue;
            };
            if let Some(id) = self.reader.name(value, &format!("the id of `{address}`")) {
                fingerprint.0.insert(address, RemoteId(id.to_owned()));
            }
        }
        if entries.is_empty() && node.entries().is_some() {
            self.problem(&PROJECT, node.place, "`fingerprint` pins nothing".to_owned(), Some(HINT));
        }
        fingerprint
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
}
