//! Reading `spec.rules` of `cxform.yaml`: the lowered rules.

use cxform_rules::Rule;
use jiff::civil::Date;

use super::file::FileReader;
use super::waiver::Waiver;
use crate::catalogue::WAIVER;
use crate::read::Keys;
use crate::yaml::Node;
use crate::{Place, suggest};

impl FileReader<'_, '_> {
    pub(super) fn waivers(&mut self, node: &Node) {
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
}
