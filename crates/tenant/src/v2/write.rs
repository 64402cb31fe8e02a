//! Writes as requests: resolved ids and fields in, method, path, headers and body out.

use cxform_model::{CampaignStatus, Endpoint, Fields, Kind, RemoteId, Version};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::decode::{is_empty, parent_name};
use super::page::name;
use super::paths::Paths;
use crate::TenantError;
use crate::request::Request;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const IF_MATCH: &str = "if-match";

/// What an assignment is made of.
pub(crate) struct NewAssignment<'a> {
    pub(crate) campaign: &'a RemoteId,
    pub(crate) outcome: &'a RemoteId,
    pub(crate) sequence: u64,
    pub(crate) default: bool,
}

pub(crate) struct Writes<'a>(pub(crate) &'a Paths);

impl Writes<'_> {
    pub(crate) fn create(
        &self,
        kind: Kind,
        parent: Option<&RemoteId>,
        fields: &Fields<Value>,
        key: &str,
    ) -> Result<Request, TenantError> {
        let endpoint = match kind {
            Kind::Outcome => Endpoint::CreateOutcome,
            Kind::CallCode => Endpoint::CreateCallCode,
            Kind::Campaign => Endpoint::CreateCampaign,
            Kind::Webhook => Endpoint::CreateWebhook,
            Kind::Assignment => return Err(TenantError::NoObject),
        };
        // A field that is created empty is left out: absent and null are the same, and absent is what the seeds send.
        let given: Fields<Value> = fields.iter().filter(|(_, value)| !value.is_null()).map(owned).collect();
        let mut body = nested(&given);
        if let Some((name, parent)) = parent_name(kind).zip(parent) {
            body.insert(name.to_owned(), json!(parent.0));
        }
        Ok(Request::write(endpoint, Method::POST, self.0.collection(kind)?, Some(&Value::Object(body)))
            .header(IDEMPOTENCY_KEY, key))
    }

    /// The whole outcome as it was read, with the changes: a `PUT` may replace (contract 2).
    pub(crate) fn put_outcome(
        &self,
        id: &RemoteId,
        mut whole: Map<String, Value>,
        fields: &Fields<Value>,
        parent: Option<Option<&RemoteId>>,
    ) -> Result<Request, TenantError> {
        let url = self.0.object(Kind::Outcome, id)?;
        for (field, value) in fields.iter() {
            set(&mut whole, field.path(), value.clone()).map_err(|reason| TenantError::Shape {
                call: Request::get(Endpoint::ReadOutcome, url.clone()).call(),
                reason,
            })?;
        }
        set_parent(&mut whole, Kind::Outcome, parent);
        Ok(Request::write(Endpoint::UpdateOutcome, Method::PUT, url, Some(&Value::Object(whole))))
    }

    pub(crate) fn patch_desktop(&self, id: &RemoteId, fields: &Fields<Value>) -> Result<Request, TenantError> {
        let url = self.0.desktop_settings(id)?;
        Ok(Request::write(Endpoint::UpdateDesktop, Method::PATCH, url, Some(&Value::Object(nested(fields)))))
    }

    pub(crate) fn patch_call_code(
        &self,
        id: &RemoteId,
        fields: &Fields<Value>,
        parent: Option<Option<&RemoteId>>,
    ) -> Result<Request, TenantError> {
        let url = self.0.object(Kind::CallCode, id)?;
        let mut body = nested(fields);
        set_parent(&mut body, Kind::CallCode, parent);
        Ok(Request::write(Endpoint::UpdateCallCode, Method::PATCH, url, Some(&Value::Object(body))))
    }

    pub(crate) fn patch_webhook(&self, id: &RemoteId, fields: &Fields<Value>) -> Result<Request, TenantError> {
        let url = self.0.object(Kind::Webhook, id)?;
        Ok(Request::write(Endpoint::UpdateWebhook, Method::PATCH, url, Some(&Value::Object(nested(fields)))))
    }

    pub(crate) fn patch_campaign(
        &self,
        id: &RemoteId,
        version: Version,
        fields: &Fields<Value>,
    ) -> Result<Request, TenantError> {
        self.versioned(id, version, nested(fields))
    }

    pub(crate) fn transition(
        &self,
        id: &RemoteId,
        version: Version,
        to: CampaignStatus,
    ) -> Result<Request, TenantError> {
        self.versioned(id, version, Map::from_iter([("status".to_owned(), json!(to.word()))]))
    }

    fn versioned(&self, id: &RemoteId, version: Version, body: Map<String, Value>) -> Result<Request, TenantError> {
        let url = self.0.object(Kind::Campaign, id)?;
        Ok(Request::write(Endpoint::UpdateCampaign, Method::PATCH, url, Some(&Value::Object(body)))
            .header(IF_MATCH, format!("version={version}")))
    }

    pub(crate) fn assign(&self, new: &NewAssignment<'_>, key: &str) -> Result<Request, TenantError> {
        let NewAssignment { campaign, outcome, sequence, default } = new;
        let body = json!({ "outcomeId": outcome.0, "sequence": sequence, "defaultSelection": default });
        let url = self.0.assignments(campaign)?;
        Ok(Request::write(Endpoint::Assign, Method::POST, url, Some(&body)).header(IDEMPOTENCY_KEY, key))
    }

    pub(crate) fn reassign(
        &self,
        campaign: &RemoteId,
        outcome: &RemoteId,
        sequence: Option<u64>,
        default: Option<bool>,
    ) -> Result<Request, TenantError> {
        let mut body = Map::new();
        body.extend(sequence.map(|sequence| ("sequence".to_owned(), json!(sequence))));
        body.extend(default.map(|default| ("defaultSelection".to_owned(), json!(default))));
        let url = self.0.assignment(campaign, outcome)?;
        Ok(Request::write(Endpoint::Reassign, Method::PATCH, url, Some(&Value::Object(body))))
    }

    pub(crate) fn unassign(&self, campaign: &RemoteId, outcome: &RemoteId) -> Result<Request, TenantError> {
        Ok(Request::write(Endpoint::Unassign, Method::DELETE, self.0.assignment(campaign, outcome)?, None))
    }
}

fn owned((field, value): (cxform_model::Field, &Value)) -> (cxform_model::Field, Value) {
    (field, value.clone())
}

/// Fields by path as the nested object of a merge patch; null stays and clears.
fn nested(fields: &Fields<Value>) -> Map<String, Value> {
    let mut body = Map::new();
    for (field, value) in fields.iter() {
        // Paths of one table never run through a field, so in an object of their own they cannot clash.
        let _ = set(&mut body, field.path(), value.clone());
    }
    body
}

fn set(members: &mut Map<String, Value>, path: &str, value: Value) -> Result<(), String> {
    let Some((first, rest)) = path.split_once('.') else {
        members.insert(path.to_owned(), value);
        return Ok(());
    };
    let inner = members.entry(first).or_insert(Value::Null);
    if is_empty(inner) {
        *inner = Value::Object(Map::new());
    }
    match inner {
        Value::Object(inner) => set(inner, rest, value),
        other => Err(format!("`{first}` is {}, not an object", name(other))),
    }
}

fn set_parent(members: &mut Map<String, Value>, kind: Kind, parent: Option<Option<&RemoteId>>) {
    if let Some((name, parent)) = parent_name(kind).zip(parent) {
        members.insert(name.to_owned(), parent.map_or(Value::Null, |parent| json!(parent.0)));
    }
}

#[cfg(test)]
mod tests {
    use cxform_model::Field;

    use super::*;
    use crate::Config;

    fn paths() -> Paths {
        let config = Config::new("https://x.example", crate::testing::auth());
        Paths::new(config.base_url.parse().unwrap(), &config)
    }

    fn fields(kind: Kind, values: &[(&str, Value)]) -> Fields<Value> {
        values.iter().map(|(path, value)| (Field::find(kind, path).unwrap(), value.clone())).collect()
    }

    fn body(request: &Request) -> Value {
        serde_json::from_str(&request.body.as_ref().unwrap().text).unwrap()
    }

    #[test]
    fn a_create_sends_what_is_given_below_its_parent_with_its_key() {
        let fields = fields(Kind::CallCode, &[("code", json!("AB")), ("name", json!("n")), ("isActive", Value::Null)]);
        let request = Writes(&paths()).create(Kind::CallCode, Some(&RemoteId("p".into())), &fields, "key-1").unwrap();
        assert_eq!(format!("{request:?}"), "Some(CreateCallCode) POST /api/v2/callcodes");
        assert_eq!(body(&request), json!({ "code": "AB", "name": "n", "parentCallCodeId": "p" }));
        assert_eq!(request.headers, [("idempotency-key", "key-1".to_owned())]);
    }

    #[test]
    fn a_put_keeps_what_it_does_not_know() {
        let whole =
            json!({ "id": "1", "code": "A", "vendor": {"x": [1]}, "validationRules": {"y": 2}, "updatedAt": "t" });
        let changes = fields(
            Kind::Outcome,
            &[
                ("name", json!("new")),
                ("validationRules.retentionPeriodDays", json!(30)),
                ("uiConfig.icon", json!("i")),
            ],
        );
        let Value::Object(whole) = whole else { unreachable!() };
        let id = RemoteId("1".into());
        let request = Writes(&paths()).put_outcome(&id, whole, &changes, Some(None)).unwrap();
        assert_eq!(
            body(&request),
            json!({
                "id": "1", "code": "A", "name": "new", "vendor": {"x": [1]}, "updatedAt": "t", "parentOutcomeId": null,
                "validationRules": {"y": 2, "retentionPeriodDays": 30}, "uiConfig": {"icon": "i"},
            })
        );
    }

    #[test]
    fn a_put_fills_what_was_read_as_empty() {
        for empty in [json!(null), json!(""), json!([]), json!({})] {
            let Value::Object(whole) = json!({ "id": "1", "uiConfig": empty }) else { unreachable!() };
            let changes = fields(Kind::Outcome, &[("uiConfig.icon", json!("i"))]);
            let request = Writes(&paths()).put_outcome(&RemoteId("1".into()), whole, &changes, None).unwrap();
            assert_eq!(body(&request), json!({ "id": "1", "uiConfig": {"icon": "i"} }));
        }
    }

    #[test]
    fn a_campaign_patch_nests_the_changed_fields_and_names_its_version() {
        let changes = fields(
            Kind::Campaign,
            &[("dialerSettings.callRate", json!(0.6)), ("dialerSettings.predictiveSettings.maxWaitTime", Value::Null)],
        );
        let request = Writes(&paths()).patch_campaign(&RemoteId("7".into()), Version(4), &changes).unwrap();
        let expected = json!({ "dialerSettings": {"callRate": 0.6, "predictiveSettings": {"maxWaitTime": null}} });
        assert_eq!(body(&request), expected);
        assert_eq!(request.headers, [("if-match", "version=4".to_owned())]);
    }

    #[test]
    fn assignments_live_below_the_literal_path_of_campaigns() {
        let mut config = Config::new("https://x.example", crate::testing::auth());
        config.campaigns_path = "/api/v2/outbound/campaigns".into();
        let paths = Paths::new(config.base_url.parse().unwrap(), &config);
        let (campaign, outcome) = (RemoteId("7".into()), RemoteId("o".into()));
        let writes = Writes(&paths);
        let patch = writes.transition(&campaign, Version(1), CampaignStatus::Paused).unwrap();
        assert_eq!(patch.url.path(), "/api/v2/outbound/campaigns/7");
        assert_eq!(body(&patch), json!({ "status": "paused" }));
        let off = writes.unassign(&campaign, &outcome).unwrap();
        assert_eq!(format!("{off:?}"), "Some(Unassign) DELETE /api/v2/campaigns/7/outcomes/o");
        let on = writes.reassign(&campaign, &outcome, None, Some(true)).unwrap();
        assert_eq!(body(&on), json!({ "defaultSelection": true }));
    }
}
