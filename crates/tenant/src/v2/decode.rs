//! Bodies -> the model's words. Unknown members are ignored; a needed one that is missing is an error with id and path.

use cxform_model::{CampaignGroup, Field, Fields, Kind, ObservedAssignment, ObservedObject, RemoteId, Version};
use serde_json::{Map, Value};

use super::page::name;
use crate::HistoryRecord;

/// Why a body is no object of ours: which object, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) String);

impl Malformed {
    pub(super) fn at(subject: &str, path: &str, problem: &str) -> Self {
        Self(format!("{subject}: `{path}` {problem}"))
    }
}

/// The identity of a kind, as its field table calls it.
const fn key_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Campaign | Kind::Webhook => "name",
        Kind::Outcome | Kind::CallCode | Kind::Assignment => "code",
    }
}

/// The member that names the object above, for the kinds that have one.
pub(super) const fn parent_name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Outcome => Some("parentOutcomeId"),
        Kind::CallCode => Some("parentCallCodeId"),
        Kind::Campaign | Kind::Assignment | Kind::Webhook => None,
    }
}

/// An outcome, call code, campaign or webhook subscription. `header` is the version of an `etag`, for bodies without one.
pub(crate) fn object(kind: Kind, body: &Value, header: Option<Version>) -> Result<ObservedObject, Malformed> {
    let body = members(kind.word(), body)?;
    let id = id(kind.word(), body, "id")?;
    let subject = format!("{kind} {}", id.0);
    let key = match body.get(key_name(kind)) {
        Some(Value::String(key)) if !key.trim().is_empty() => key.clone(),
        other => return Err(Malformed::at(&subject, key_name(kind), &wanted("text", other))),
    };
    let parent = match parent_name(kind).map(|name| (name, given(body, name))) {
        None | Some((_, None)) => None,
        Some((name, Some(_))) => Some(self::id(&subject, body, name)?),
    };
    let version = match kind {
        Kind::Campaign => match body_version(body).or(header) {
            None => return Err(Malformed::at(&subject, VERSION, &wanted("a whole number", body.get(VERSION)))),
            version => version,
        },
        _ => None,
    };
    let mut fields = Fields::new();
    for field in Field::all(kind) {
        if let Some(value) = at_path(body, field.path())
            .map_err(|(path, value)| Malformed::at(&subject, path, &format!("is {}, not an object", name(value))))?
        {
            fields.insert(field, value.clone());
        }
    }
    fields.shrink();
    Ok(ObservedObject { kind, id, key, parent, version, fields })
}

/// The id in the answer to a create, which need not hold anything else \[001\].
pub(crate) fn created_id(body: &Value) -> Option<RemoteId> {
    as_id(body.get("id")?)
}

const VERSION: &str = "version";

/// The version in an answer, from the body or else the `etag`.
pub(crate) fn version(body: Option<&Value>, header: Option<Version>) -> Option<Version> {
    body.and_then(Value::as_object).and_then(body_version).or(header)
}

pub(super) fn body_version(body: &Map<String, Value>) -> Option<Version> {
    body.get(VERSION)?.as_u64().map(Version)
}

/// An outcome on a desktop.
pub(crate) fn assignment(body: &Value) -> Result<ObservedAssignment, Malformed> {
    let body = members("assignment", body)?;
    let outcome = id("assignment", body, "outcomeId")?;
    let subject = format!("assignment of outcome {}", outcome.0);
    let sequence = match given(body, "sequence") {
        None => None,
        Some(value) => {
            let sequence = value.as_u64();
            Some(sequence.ok_or_else(|| Malformed::at(&subject, "sequence", &wanted("a whole number", Some(value))))?)
        }
    };
    let default = match given(body, "defaultSelection") {
        None => false,
        Some(Value::Bool(default)) => *default,
        other => return Err(Malformed::at(&subject, "defaultSelection", &wanted("a boolean", other))),
    };
    Ok(ObservedAssignment { outcome, sequence, default })
}

/// A campaign group.
pub(crate) fn group(body: &Value) -> Result<CampaignGroup, Malformed> {
    let body = members("campaign group", body)?;
    let id = id("campaign group", body, "id")?;
    let subject = format!("campaign group {}", id.0);
    let name = match body.get("name") {
        Some(Value::String(name)) => name.clone(),
        other => return Err(Malformed::at(&subject, "name", &wanted("text", other))),
    };
    // A group whose members are not told is not an empty group.
    let Some(Value::Array(ids)) = body.get("campaignIds") else {
        return Err(Malformed::at(&subject, "campaignIds", &wanted("a list", body.get("campaignIds"))));
    };
    let campaigns = ids.iter().map(as_id).collect::<Option<Vec<_>>>();
    let campaigns = campaigns.ok_or_else(|| Malformed::at(&subject, "campaignIds", "holds something that is no id"))?;
    Ok(CampaignGroup { id, name, campaigns })
}

/// A record of a campaign's history \[002\]. Who and when are worth nothing without the version.
pub(crate) fn history_record(body: &Value) -> Result<HistoryRecord, Malformed> {
    let body = members("history record", body)?;
    let version = body_version(body)
        .ok_or_else(|| Malformed::at("history record", VERSION, &wanted("a whole number", body.get(VERSION))))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let change = |change: &Value| {
        let side = |name: &str| change.get(name).cloned().unwrap_or_default();
        Some((change.get("field")?.as_str()?.to_owned(), side("before"), side("after")))
    };
    let changes = body.get("changes").and_then(Value::as_array).into_iter().flatten().filter_map(change).collect();
    Ok(HistoryRecord { time: text("timestamp"), actor: text("actor"), action: text("action"), version, changes })
}

/// An outcome with everything that the tenant told, known or not.
pub(crate) fn representation(body: Value) -> Result<(ObservedObject, Map<String, Value>), Malformed> {
    let outcome = object(Kind::Outcome, &body, None)?;
    match body {
        Value::Object(members) => Ok((outcome, members)),
        other => Err(Malformed(format!("outcome: is {}, not an object", name(&other)))),
    }
}

pub(super) fn members<'a>(subject: &str, body: &'a Value) -> Result<&'a Map<String, Value>, Malformed> {
    body.as_object().ok_or_else(|| Malformed(format!("{subject}: is {}, not an object", name(body))))
}

fn id(subject: &str, body: &Map<String, Value>, path: &str) -> Result<RemoteId, Malformed> {
    let value = body.get(path);
    value.and_then(as_id).ok_or_else(|| Malformed::at(subject, path, &wanted("an id", value)))
}

/// Ids are text in every seed; a tenant that numbers its objects is understood as well.
fn as_id(value: &Value) -> Option<RemoteId> {
    match value {
        Value::String(id) if !id.is_empty() => Some(RemoteId(id.clone())),
        Value::Number(id) if id.is_u64() => Some(RemoteId(id.to_string())),
        _ => None,
    }
}

pub(super) fn wanted(expected: &str, found: Option<&Value>) -> String {
    match found {
        None => "is missing".to_owned(),
        Some(Value::String(text)) if text.trim().is_empty() => "is empty".to_owned(),
        Some(value) => format!("is {}, not {expected}", name(value)),
    }
}

/// Null, `""`, `[]` and `{}` are the same as absent in a response (contract 1).
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A member that says something.
pub(super) fn given<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !is_empty(value))
}

/// The value at a path of names, where empty and absent are the same; or the part of the path that is no object.
fn at_path<'a, 'p>(body: &'a Map<String, Value>, path: &'p str) -> Result<Option<&'a Value>, (&'p str, &'a Value)> {
    let mut members = body;
    let mut start = 0;
    while let Some(dot) = path[start..].find('.').map(|at| start + at) {
        match given(members, &path[start..dot]) {
            None => return Ok(None),
            Some(Value::Object(inner)) => members = inner,
            Some(other) => return Err((&path[..dot], other)),
        }
        start = dot + 1;
    }
    Ok(members.get(&path[start..]).filter(|value| !value.is_null()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_of_history_needs_its_version_and_nothing_else() {
        let change = json!({ "field": "dialerSettings.callRate", "before": 0.5, "after": 0.6 });
        let body = json!({ "timestamp": "2026-01-01T00:00:00Z", "actor": "ada", "action": "UPDATE", "version": 4,
                           "changes": [change, "surprise"] });
        let record = history_record(&body).unwrap();
        assert_eq!((record.actor.as_str(), record.version, record.changes.len()), ("ada", Version(4), 1));
        assert_eq!(record.changes[0], ("dialerSettings.callRate".to_owned(), json!(0.5), json!(0.6)));
        assert!(history_record(&json!({ "version": 4 })).is_ok_and(|record| record.actor.is_empty()));
        assert!(history_record(&json!({ "actor": "ada" })).is_err());
    }

    #[test]
    fn known_fields_are_read_by_path_and_unknown_ones_ignored() {
        let body = json!({
            "id": 17, "version": 3, "name": "q3", "status": "DRAFT", "surprise": {"a": 1}, "targetListId": null,
            "dialerSettings": {"callRate": 0.60, "predictiveSettings": {"maxWaitTime": 900, "x": 1}},
            "complianceSettings": null,
        });
        let campaign = object(Kind::Campaign, &body, Some(Version(9))).unwrap();
        assert_eq!((campaign.id.0.as_str(), campaign.key.as_str()), ("17", "q3"));
        assert_eq!(campaign.version, Some(Version(3)), "the body wins over the header");
        let paths: Vec<_> = campaign.fields.iter().map(|(field, _)| field.path()).collect();
        assert_eq!(
            paths,
            ["name", "status", "dialerSettings.callRate", "dialerSettings.predictiveSettings.maxWaitTime"]
        );
    }

    #[test]
    fn a_parent_is_read_and_an_empty_one_is_none() {
        for (parent, expected) in
            [(json!("p"), Some("p")), (json!(4), Some("4")), (json!(null), None), (json!(""), None)]
        {
            let body = json!({ "id": "1", "code": "A", "parentOutcomeId": parent });
            let outcome = object(Kind::Outcome, &body, None).unwrap();
            assert_eq!(outcome.parent.as_ref().map(|parent| parent.0.as_str()), expected);
        }
    }

    #[test]
    fn what_is_empty_is_absent_whatever_was_expected_there() {
        for empty in [json!(null), json!(""), json!([]), json!({})] {
            let body = json!({ "id": "1", "code": "A", "parentOutcomeId": empty, "validationRules": empty, "uiConfig": empty });
            let outcome = object(Kind::Outcome, &body, None).unwrap();
            assert_eq!(outcome.parent, None);
            assert!(outcome.fields.iter().all(|(field, _)| field.path() == "code"));
            let body = json!({ "outcomeId": "1", "sequence": empty, "defaultSelection": empty });
            let expected = ObservedAssignment { outcome: RemoteId("1".into()), sequence: None, default: false };
            assert_eq!(assignment(&body).unwrap(), expected);
        }
        assert!(assignment(&json!({ "outcomeId": "1", "sequence": "2" })).is_err());
    }

    #[test]
    fn an_error_names_the_object_and_the_path() {
        let text = |kind, body: Value| object(kind, &body, None).unwrap_err().0;
        assert_eq!(text(Kind::Outcome, json!({ "code": "A" })), "outcome: `id` is missing");
        assert_eq!(text(Kind::Outcome, json!({ "id": "1" })), "outcome 1: `code` is missing");
        assert_eq!(text(Kind::CallCode, json!({ "id": "1", "code": " " })), "callcode 1: `code` is empty");
        assert_eq!(text(Kind::Campaign, json!({ "id": "1", "name": "x" })), "campaign 1: `version` is missing");
        assert_eq!(
            text(Kind::Campaign, json!({ "id": "1", "name": "x", "version": 1, "dialerSettings": "fast" })),
            "campaign 1: `dialerSettings` is text, not an object"
        );
        assert_eq!(text(Kind::Outcome, json!([1])), "outcome: is a list, not an object");
        let group = group(&json!({ "id": "g", "name": "n" })).unwrap_err().0;
        assert_eq!(group, "campaign group g: `campaignIds` is missing");
    }

    #[test]
    fn a_version_may_come_from_the_etag() {
        let body = json!({ "id": "1", "name": "x" });
        assert_eq!(object(Kind::Campaign, &body, Some(Version(5))).unwrap().version, Some(Version(5)));
    }
}
