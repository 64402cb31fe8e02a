//! From an endpoint to the rule of the store that answers it, and back to a status.

use serde_json::Value;

use super::{App, answer::Answer, asked::Asked, dress, locked};
use crate::{
    clock, hash,
    routes::Endpoint,
    store::{
        Change, Decision, Kind, Occasion, Refusal, Remembered, Ruling, Store, assignments, callcodes, campaigns,
        outcomes, webhooks,
    },
};

impl App {
    pub(super) fn endpoint(&self, endpoint: Endpoint, parameters: &[String], asked: &Asked) -> Result<Answer, Refusal> {
        let id = parameters.first().map_or("", String::as_str);
        let below = parameters.get(1).map_or("", String::as_str);
        match endpoint {
            // Answered before a token is looked at.
            Endpoint::Token(style) => Ok(self.token(style, asked)),

            Endpoint::ListOutcomes => self.list(Kind::Outcomes, asked),
            Endpoint::ListCallcodes => self.list_callcodes(asked),
            Endpoint::ListCampaigns => self.list(Kind::Campaigns, asked),
            Endpoint::ListGroups => self.list(Kind::Groups, asked),
            Endpoint::ListWebhooks => self.list(Kind::Webhooks, asked),
            Endpoint::ListAssignments => self.list_assignments(id, asked),
            Endpoint::Analytics => self.analytics(id, asked),
            Endpoint::History => self.history(id, asked),

            Endpoint::GetOutcome => self.get(Kind::Outcomes, id),
            Endpoint::GetCallcode => self.get(Kind::Callcodes, id),
            Endpoint::GetGroup => self.get(Kind::Groups, id),
            Endpoint::GetCampaign => self.get(Kind::Campaigns, id),
            Endpoint::Stats => self.stats(id),

            Endpoint::CreateOutcome => self.create(asked, |store, body, _| outcomes::create(store, body)),
            Endpoint::CreateCallcode => self.create(asked, |store, body, _| callcodes::create(store, body)),
            Endpoint::CreateWebhook => self.create(asked, |store, body, _| webhooks::create(store, body)),
            Endpoint::CreateCampaign => self.create(asked, campaigns::create).map(|answer| self.with_version(answer)),
            Endpoint::CreateAssignment => {
                self.create(asked, |store, body, occasion| assignments::create(store, id, body, occasion))
            }

            Endpoint::PutOutcome => {
                self.change(asked, |store, body, occasion| outcomes::put(store, id, body, occasion))
            }
            Endpoint::PatchDesktop => self.change(asked, |store, body, _| outcomes::patch_desktop(store, id, body)),
            Endpoint::PatchCallcode => self.change(asked, |store, body, _| callcodes::patch(store, id, body)),
            Endpoint::PatchWebhook => self.change(asked, |store, body, _| webhooks::patch(store, id, body)),
            Endpoint::PatchAssignment => {
                self.change(asked, |store, body, occasion| assignments::patch(store, id, below, body, occasion))
            }
            Endpoint::PatchCampaign => {
                let if_match = asked.if_match()?;
                let changed =
                    self.change(asked, |store, body, occasion| campaigns::patch(store, id, if_match, body, occasion));
                let answer = changed?;
                Ok(if self.quirks.no_content { Answer::empty(204) } else { self.with_version(answer) })
            }

            Endpoint::DeleteAssignment => {
                self.remove(|store, occasion| assignments::remove(store, id, below, occasion))
            }
            Endpoint::DeleteWebhook => self.remove(|store, _| webhooks::remove(store, id)),
        }
    }

    fn get(&self, kind: Kind, id: &str) -> Result<Answer, Refusal> {
        let object = locked(&self.tenant).store.object(kind, id)?;
        let answer = self.shown(200, &object);
        Ok(if kind == Kind::Campaigns { self.with_version(answer) } else { answer })
    }

    pub(super) fn shown(&self, status: u16, object: &Value) -> Answer {
        Answer::json(status, dress::shown(&object.to_string(), &self.quirks))
    }

    /// The answer with the etag of the campaign in it.
    fn with_version(&self, answer: Answer) -> Answer {
        if self.quirks.no_etag {
            return answer;
        }
        let version = serde_json::from_str(&answer.body).map_or(0, |campaign| campaigns::version(&campaign));
        answer.with_header("etag", format!("\"version={version}\""))
    }

    fn body(&self, asked: &Asked) -> Result<Value, Refusal> {
        let body = asked.json()?;
        Ok(if self.quirks.trim_text { dress::trimmed(body) } else { body })
    }

    /// Decides and commits under one lock, so that no other write comes between.
    fn write(&self, rule: impl FnOnce(&Store, &Occasion<'_>) -> Ruling) -> Result<Value, Refusal> {
        let now = clock::now();
        let actor = locked(&self.auth).client_id().to_owned();
        let occasion = Occasion {
            now: &now,
            actor: &actor,
            put: self.put,
            count_assignments: self.quirks.versions_count_assignments,
        };
        let mut tenant = locked(&self.tenant);
        let Decision { changes, object } = rule(&tenant.store, &occasion)?;
        tenant.commit(&changes)?;
        Ok(object)
    }

    fn change(
        &self,
        asked: &Asked,
        rule: impl FnOnce(&Store, &Value, &Occasion<'_>) -> Ruling,
    ) -> Result<Answer, Refusal> {
        let body = self.body(asked)?;
        let object = self.write(|store, occasion| rule(store, &body, occasion))?;
        Ok(self.shown(200, &object))
    }

    fn remove(&self, rule: impl FnOnce(&Store, &Occasion<'_>) -> Ruling) -> Result<Answer, Refusal> {
        self.write(rule)?;
        Ok(Answer::empty(204))
    }

    /// A create under its idempotency key. Only what was created is remembered: a refused body may be mended and sent again.
    fn create(
        &self,
        asked: &Asked,
        rule: impl FnOnce(&Store, &Value, &Occasion<'_>) -> Ruling,
    ) -> Result<Answer, Refusal> {
        let body = self.body(asked)?;
        let key = asked.idempotency_key().filter(|_| !self.quirks.ignore_idempotency);
        let fingerprint = format!("{:016x}", hash::text(format!("{} {body}", asked.path).as_bytes()));
        let at = clock::millis();
        let mut replayed = false;
        let object = self.write(|store, occasion| {
            let Some(key) = key else { return rule(store, &body, occasion) };
            if let Some(first) = store.remembered(key, at) {
                if first.fingerprint != fingerprint {
                    let message = "this idempotency key was used for another request";
                    return Err(Refusal::new(422, "idempotency_key_reused", message));
                }
                replayed = true;
                return Ok(Decision { changes: Vec::new(), object: first.body.clone() });
            }
            let mut decision = rule(store, &body, occasion)?;
            decision.changes.push(Change::Remember(Remembered {
                key: key.to_owned(),
                fingerprint,
                body: decision.object.clone(),
                at,
            }));
            Ok(decision)
        })?;
        Ok(Answer { replayed, ..self.shown(201, &object) })
    }
}
