//! Reading `spec.store`, `spec.audit`, `spec.notifications` and `spec.serve` of `cxform.yaml`.

use super::file::FileReader;
use super::recording::{NOTIFICATION_EVENTS, Notification, StoreFault, check_store, webhook_url};
use super::serving::Serving;
use super::template::Template;
use crate::catalogue::{PROJECT, SECRET};
use crate::read::Keys;
use crate::suggest;
use crate::yaml::{Content, Entry, Node};

/// Headers that are ours, or the transport's.
const OUR_HEADERS: [&str; 7] =
    ["content-type", "content-length", "host", "connection", "transfer-encoding", "user-agent", "x-webhook-signature"];

impl FileReader<'_, '_> {
    pub(super) fn store(&mut self, node: &Node) {
        let Some(template) = self.template(node, "`store`") else { return };
        match check_store(&template.shape()) {
            Ok(()) => self.file.recording.store = Some(template),
            Err(StoreFault::Unusable) => {
                let message = "`store` is neither `sqlite:PATH` nor `postgres://...`".to_owned();
                self.problem(&PROJECT, node.place, message, None);
            }
            Err(StoreFault::Password) => {
                self.file.secrets.push(node.place);
                let hint = "write `postgres://USER:${env.NAME}@HOST/DATABASE`, or `\"${env.NAME}\"` for all of it";
                self.problem(&SECRET, node.place, "`store` holds a password".to_owned(), Some(hint));
            }
        }
    }

    pub(super) fn audit(&mut self, node: &Node) {
        for Entry { value, .. } in self.reader.mapping(node, &Keys::new("`audit`", &["filterRules"])).unwrap_or(&[]) {
            let word = self.reader.word(value, "`filterRules`", &["plain", "hash-only"]);
            self.file.recording.hashes_filter_rules = word == Some("hash-only");
        }
    }

    pub(super) fn notifications(&mut self, node: &Node) {
        for item in self.reader.list(node, "`notifications`").unwrap_or(&[]) {
            if let Some(notification) = self.notification(item) {
                self.file.recording.notifications.push(notification);
            }
        }
    }

    fn notification(&mut self, node: &Node) -> Option<Notification> {
        const WHAT: &str = "a notification";
        let entries = self.reader.mapping(node, &Keys::new(WHAT, &["url", "secret", "token", "events"]))?;
        let (mut url, mut secret, mut token) = (None, None, None);
        let mut events = NOTIFICATION_EVENTS.to_vec();
        for Entry { key, value, .. } in entries {
            match &**key {
                "url" => {
                    let checked = self.checked(value, "`url`", webhook_url);
                    url = checked.zip(value.text().map(ToOwned::to_owned));
                }
                "secret" => secret = self.referred(value, "`secret`"),
                "token" => token = self.token(value),
                "events" => {
                    let list = self.reader.list(value, "`events`").unwrap_or(&[]);
                    let words = list.iter().map(|item| self.reader.word(item, "an event", NOTIFICATION_EVENTS));
                    events = words.collect::<Vec<_>>().into_iter().flatten().collect();
                }
                _ => {}
            }
        }
        for key in ["url", "secret"] {
            self.reader.required(entries, key, WHAT, node.place)?;
        }
        let (url, written) = url?;
        Some(Notification { written, url, secret: secret?, token, events })
    }

    pub(super) fn serve(&mut self, node: &Node) {
        const WHAT: &str = "`serve`";
        let Some(entries) = self.reader.mapping(node, &Keys::new(WHAT, &["listen", "secret", "token"])) else { return };
        let mut serve = Serving { listen: Serving::LISTEN, secrets: Vec::new(), token: None };
        for Entry { key, value, .. } in entries {
            match &**key {
                "listen" => {
                    let Some(text) = self.reader.text(value, "`listen`") else { continue };
                    match text.parse() {
                        Ok(address) => serve.listen = address,
                        Err(_) => {
                            let message = format!("{} is no address to listen on", suggest::shown(text));
                            self.problem(
                                &PROJECT,
                                value.place,
                                message,
                                Some("write an IP address and a port, such as `127.0.0.1:8787`"),
                            );
                        }
                    }
                }
                "secret" => match &value.content {
                    Content::Sequence(items) => {
                        serve.secrets = items.iter().filter_map(|item| self.referred(item, "`secret`")).collect();
                    }
                    _ => serve.secrets.extend(self.referred(value, "`secret`")),
                },
                "token" => serve.token = self.token(value),
                _ => {}
            }
        }
        if !entries.iter().any(|entry| matches!(&*entry.key, "secret" | "token")) {
            let message = format!("{WHAT} has neither a `secret` nor a `token`, so anybody could tell anything");
            self.problem(&PROJECT, node.place, message, Some("write `secret: \"${env.NAME}\"`"));
        }
        self.file.recording.serve = Some(serve);
    }

    fn token(&mut self, node: &Node) -> Option<(String, Template)> {
        let entries = self.reader.mapping(node, &Keys::new("`token`", &["header", "value"]))?;
        let header = self.reader.required(entries, "header", "`token`", node.place)?;
        let value = self.reader.required(entries, "value", "`token`", node.place)?;
        let value = self.referred(value, "`value`");
        let name = self.reader.name(header, "`header`")?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !is_name || OUR_HEADERS.contains(&&*name.to_ascii_lowercase()) {
            let message = format!("{} cannot be the header of a token", suggest::shown(name));
            self.problem(&PROJECT, header.place, message, Some("name one such as `X-CXone-Sync-Token`"));
            return None;
        }
        Some((name.to_owned(), value?))
    }

    /// A secret: references alone, never a literal text.
    fn referred(&mut self, node: &Node, what: &str) -> Option<Template> {
        let template = self.template(node, what).filter(Template::is_pure);
        if template.is_none() && node.text().is_some() {
            self.file.secrets.push(node.place);
            let hint = "write `\"${env.NAME}\"`, and change the secret if it was ever committed";
            self.problem(&SECRET, node.place, format!("{what} holds a secret"), Some(hint));
        }
        template
    }
}
