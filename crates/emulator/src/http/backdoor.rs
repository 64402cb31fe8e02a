//! `/_emulator/*`: for tests, never part of the API; needs no token and meets no faults.

use serde_json::{Value, json};

use super::{App, answer::Answer, asked::Asked, locked};
use crate::{
    faults::{Faults, Script},
    store::Refusal,
};

impl App {
    pub(super) fn back_door(&self, asked: &Asked) -> Answer {
        let answer = match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/_emulator/state") => Ok(Answer::json(200, self.state().to_string())),
            ("PUT", "/_emulator/state") => self.put_state(asked),
            ("GET", "/_emulator/requests") => {
                Ok(Answer::json(200, json!({ "requests": self.listed_requests() }).to_string()))
            }
            ("POST", "/_emulator/faults") => self.put_faults(asked),
            _ => Err(Refusal::new(404, "not_found", "the back door has state, requests and faults")),
        };
        answer.unwrap_or_else(|refusal| Answer::refusal(&refusal, "back-door"))
    }

    /// The state as a document.
    pub(crate) fn state(&self) -> Value {
        locked(&self.tenant).store.to_document()
    }

    /// All logged requests.
    pub(crate) fn listed_requests(&self) -> Vec<Value> {
        locked(&self.requests).listed()
    }

    /// Puts another fault script in place; its counts begin anew.
    pub(crate) fn set_faults(&self, script: Script) {
        *locked(&self.faults) = Faults::new(script);
    }

    fn put_state(&self, asked: &Asked) -> Result<Answer, Refusal> {
        locked(&self.tenant).replace(&asked.json()?)?;
        Ok(Answer::empty(204))
    }

    fn put_faults(&self, asked: &Asked) -> Result<Answer, Refusal> {
        let script =
            Script::parse(&asked.json()?).map_err(|error| Refusal::new(400, "malformed_faults", error.to_string()))?;
        self.set_faults(script);
        Ok(Answer::empty(204))
    }
}
