//! `cxform.yaml` of an export.

use jiff::ToSpan as _;

use super::Writer;
use crate::express::text;
use crate::yaml::{self, Document, Node, Stream, Trivia, scalar_of};

/// How long a rule stays lowered that the tenant breaks.
const GRACE: i64 = 90;

/// The tenant as `cxform.yaml` names it. Nothing in here is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its address.
    pub base_url: String,
    /// The path of campaigns, where it is not the usual one.
    pub campaigns_path: Option<String>,
    /// The path of the token endpoint and what it is sent, where these are not the usual ones.
    pub token: Option<(String, &'static str)>,
    /// The scopes that are asked for.
    pub scopes: Vec<String>,
}

impl Writer<'_> {
    pub(super) fn project(&self) -> String {
        let mut environment = Vec::new();
        if let Some(Remote { base_url, campaigns_path, token, scopes }) = &self.settings.remote {
            environment.push(("baseUrl".to_owned(), text(base_url)));
            environment.extend(campaigns_path.as_deref().map(|path| ("campaignsPath".to_owned(), text(path))));
            let mut auth = Vec::new();
            if let Some((path, style)) = token {
                auth.push(("tokenPath".to_owned(), text(path)));
                auth.push(("style".to_owned(), text(style)));
            }
            if !scopes.is_empty() {
                auth.push(("scopes".to_owned(), Node::sequence(true, scopes.iter().map(|scope| text(scope)))));
            }
            if !auth.is_empty() {
                environment.push(("auth".to_owned(), Node::mapping(true, auth)));
            }
            environment.push(("protected".to_owned(), scalar_of(&true.into())));
        }
        let variables: Vec<_> = self.variables.iter().map(|(name, id)| (name.to_owned(), text(id))).collect();
        if !variables.is_empty() {
            environment.push(("variables".to_owned(), Node::mapping(false, variables)));
        }
        let environment = Node::mapping(environment.is_empty(), environment);
        let name = self.settings.environment;
        let mut spec = vec![
            ("defaultEnvironment".to_owned(), text(name)),
            ("environments".to_owned(), Node::mapping(false, [(name.to_owned(), environment)])),
        ];
        if !self.verdicts.waived.is_empty() {
            spec.push(("rules".to_owned(), Node::sequence(false, self.waivers())));
        }
        let root = super::document("Project", text(self.settings.project), spec);
        let before = [
            "# yaml-language-server: $schema=schemas/cxform.schema.json".to_owned(),
            format!(
                "# Written by `cxform export` on {}. What is not in the manifests is not managed.",
                self.settings.today
            ),
        ];
        let before = before.into_iter().map(Trivia::Comment).collect();
        yaml::print(&Stream { documents: vec![Document { before, root }], tail: Vec::new() })
    }

    fn waivers(&self) -> Vec<Node> {
        let today = self.settings.today;
        let expires = today.checked_add(GRACE.days()).unwrap_or(today);
        let reason = format!("the tenant was so when it was exported on {today}");
        let waiver = |(rule, address): &(String, cxform_model::Address)| {
            Node::mapping(
                true,
                [
                    ("rule".to_owned(), text(rule)),
                    ("address".to_owned(), text(&address.to_string().replace('*', "%2A"))),
                    ("reason".to_owned(), text(&reason)),
                    ("expires".to_owned(), text(&expires.to_string())),
                ],
            )
        };
        self.verdicts.waived.iter().map(waiver).collect()
    }
}
