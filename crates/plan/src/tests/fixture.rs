//! Inventories from compact JSON. Keys that are no words of the fixture are paths of fields.

use std::collections::BTreeMap;

use cxform_model::{
    Address, Authority, AuthorityScope, CampaignGroup, Desired, DesiredField, DesiredObject, DesktopEntry, Envelope,
    Field, Fields, FileId, Guard, Kind, Observed, ObservedAssignment, ObservedObject, RemoteId, Setting, Source,
    Sourced, Version,
};
use cxform_rules::{Context, Rule};
use serde_json::{Map, Value};

use crate::{Options, Plan, Problem, Refusal, Waiver, Warning};

/// The planner is tried here, not the rules: small inventories break many, so all of them only warn, and change as a
/// whole.
pub(crate) fn options() -> Options {
    let mut options = Options::new("acme", "test", "https://tenant.example", Context::default());
    options.guard = Guard { max_changed_percent: 100.0, max_retired_percent: 100.0, ..Guard::default() };
    let waiver = |rule: &&Rule| Waiver { rule: rule.id.to_owned(), addresses: "*".parse().unwrap() };
    options.waivers = cxform_rules::catalogue().iter().map(waiver).collect();
    options
}

/// The planner's own warnings.
pub(crate) fn warnings(plan: &Plan) -> Vec<&Warning> {
    plan.warnings.iter().filter(|warning| warning.rule.is_none()).collect()
}

#[track_caller]
pub(crate) fn planned(desired: &Value, observed: &Value) -> Plan {
    planned_with(desired, observed, &options())
}

#[track_caller]
pub(crate) fn planned_with(desired: &Value, observed: &Value, options: &Options) -> Plan {
    let plan = crate::plan(&self::desired(desired), &self::observed(observed), options);
    plan.unwrap_or_else(|refusal| panic!("{refusal}"))
}

#[track_caller]
pub(crate) fn refused(desired: &Value, observed: &Value) -> Vec<Problem> {
    refused_with(desired, observed, &options())
}

#[track_caller]
pub(crate) fn refused_with(desired: &Value, observed: &Value, options: &Options) -> Vec<Problem> {
    match crate::plan(&self::desired(desired), &self::observed(observed), options) {
        Ok(plan) => panic!("planned {:?}", ids(&plan)),
        Err(Refusal { problems }) => problems,
    }
}

pub(crate) fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

/// `address action` of every change.
pub(crate) fn told(plan: &Plan) -> Vec<String> {
    plan.changes.iter().map(|change| format!("{} {}", change.address, change.action.word())).collect()
}

pub(crate) fn needs<'p>(plan: &'p Plan, id: &str) -> Vec<&'p str> {
    let step = plan.steps.iter().find(|step| step.id == id).unwrap_or_else(|| panic!("no step {id}: {:?}", ids(plan)));
    step.needs.iter().map(String::as_str).collect()
}

/// Places count up through the document, so that every one is another.
struct Places(u32);

impl Places {
    fn next(&mut self) -> Source {
        self.0 += 1;
        Source { file: FileId(0), line: self.0, column: 1 }
    }
}

pub(crate) fn desired(json: &Value) -> Desired {
    let mut desired = Desired::default();
    desired.files.add("all.yaml");
    let mut places = Places(0);
    for one in list(json, "outcomes") {
        let address = Address::outcome(text(one, "code"));
        let mut object = object(Kind::Outcome, one, &mut places);
        if let Some(parent) = one.get("parent") {
            object.parent = Some(Sourced::new(Address::outcome(parent.as_str().unwrap()), places.next()));
        }
        desired.objects.insert(address, object);
    }
    for one in list(json, "callCodes") {
        let address = Address::call_code(text(one, "path").split('/'));
        desired.objects.insert(address, object(Kind::CallCode, one, &mut places));
    }
    for one in list(json, "campaigns") {
        desired.objects.insert(Address::campaign(text(one, "name")), object(Kind::Campaign, one, &mut places));
    }
    for one in list(json, "webhooks") {
        desired.objects.insert(Address::webhook(text(one, "name")), object(Kind::Webhook, one, &mut places));
    }
    for one in list(json, "authorities") {
        let scope = match one.get("category") {
            Some(category) => AuthorityScope::Category(category.as_str().unwrap().to_owned()),
            None => AuthorityScope::Subtree(texts(one, "subtree").into_iter().map(Address::outcome).collect()),
        };
        desired.authorities.push(Authority { scope, owner: "owner".to_owned(), source: places.next() });
    }
    for one in list(json, "desktops") {
        let outcomes = |places: &mut Places, name| {
            texts(one, name).into_iter().map(|code| Sourced::new(Address::outcome(code), places.next())).collect()
        };
        let campaigns = texts(one, "campaigns");
        desired.desktops.push(DesktopEntry {
            campaigns: campaigns.into_iter().map(|name| Sourced::new(Address::campaign(name), places.next())).collect(),
            groups: texts(one, "groups").into_iter().map(|group| Sourced::new(group, places.next())).collect(),
            outcomes: outcomes(&mut places, "outcomes"),
            default: one.get("default").map(|code| Sourced::new(code.as_str().map(Address::outcome), places.next())),
            exclusive: one.get("exclusive").is_some(),
            unassigned: outcomes(&mut places, "unassigned"),
            source: places.next(),
        });
    }
    desired
}

fn object(kind: Kind, json: &Value, places: &mut Places) -> DesiredObject {
    let source = places.next();
    let previous = texts(json, "previous");
    let previous = previous
        .into_iter()
        .map(|key| {
            let address = match kind {
                Kind::CallCode => Address::call_code(key.split('/')),
                Kind::Campaign => Address::campaign(key),
                Kind::Webhook => Address::webhook(key),
                _ => Address::outcome(key),
            };
            Sourced::new(address, places.next())
        })
        .collect();
    let mut fields = json.as_object().unwrap().clone();
    if json.get("bare").is_none() {
        complete(kind, &mut fields);
    }
    DesiredObject {
        previous,
        parent: None,
        fields: Field::all(kind)
            .filter(|field| !is_key(kind, field.path()))
            .filter_map(|field| {
                let setting = setting(fields.get(field.path())?);
                Some((field, DesiredField { setting, source: places.next() }))
            })
            .collect(),
        declared: json.get("declared") != Some(&Value::Bool(false)),
        protected: json.get("protected").is_some(),
        pause: json.get("pause").map(|_| places.next()),
        ignored: texts(json, "ignored").iter().map(|path| Field::find(kind, path).unwrap()).collect(),
        source,
    }
}

fn setting(json: &Value) -> Setting {
    let Some([low, high]) = json.get("between").and_then(Value::as_array).map(Vec::as_slice) else {
        return Setting::Value(json.clone());
    };
    let number = |value: &Value| match value {
        Value::Number(number) => number.clone(),
        other => panic!("{other}"),
    };
    Setting::Between(Envelope {
        low: number(low),
        high: number(high),
        initial: number(json.get("initial").unwrap_or(low)),
    })
}

/// What the reader adds: a listed code is active; and what a fixture need not repeat.
fn complete(kind: Kind, fields: &mut Map<String, Value>) {
    let mut add = |path: &str, value: Value| {
        fields.entry(path).or_insert(value);
    };
    match kind {
        Kind::Outcome => {
            add("name", "Name".into());
            add("status", "ACTIVE".into());
        }
        Kind::CallCode => {
            add("name", "Name".into());
            add("type", "SUCCESS".into());
            add("category", "C".into());
            add("isActive", true.into());
        }
        Kind::Webhook => {
            add("url", "https://crm.example/events".into());
            add("events", serde_json::json!(["CALL_ENDED"]));
            add("isActive", true.into());
        }
        _ => {}
    }
}

pub(crate) fn observed(json: &Value) -> Observed {
    let mut observed = Observed::default();
    let listings = [
        (Kind::Outcome, "outcomes"),
        (Kind::CallCode, "callCodes"),
        (Kind::Campaign, "campaigns"),
        (Kind::Webhook, "webhooks"),
    ];
    for (kind, name) in listings {
        observed.listings.insert(kind, list(json, name).iter().map(|one| standing(kind, one)).collect());
    }
    for one in list(json, "groups") {
        observed.groups.push(CampaignGroup {
            id: RemoteId(text(one, "id")),
            name: text(one, "name"),
            campaigns: texts(one, "campaigns").into_iter().map(RemoteId).collect(),
        });
    }
    for campaign in observed.of(Kind::Campaign).to_vec() {
        observed.desktops.insert(campaign.id, Vec::new());
    }
    let desktops: BTreeMap<String, Vec<(String, Option<u64>, bool)>> =
        json.get("desktops").map(|json| serde_json::from_value(json.clone()).unwrap()).unwrap_or_default();
    for (campaign, assignments) in desktops {
        let assignments = assignments
            .into_iter()
            .map(|(outcome, sequence, default)| ObservedAssignment { outcome: RemoteId(outcome), sequence, default })
            .collect();
        observed.desktops.insert(RemoteId(campaign), assignments);
    }
    observed
}

fn standing(kind: Kind, json: &Value) -> ObservedObject {
    let mut fields = json.as_object().unwrap().clone();
    complete(kind, &mut fields);
    if kind == Kind::Campaign {
        fields.entry("status").or_insert("draft".into());
    }
    let fields: Fields<Value> = Field::all(kind)
        .filter(|field| !is_key(kind, field.path()))
        .filter_map(|field| Some((field, fields.get(field.path())?.clone())))
        .collect();
    let key = Field::identity(kind).unwrap().path();
    ObservedObject {
        kind,
        id: RemoteId(text(json, "id")),
        key: text(json, key),
        parent: json.get("parent").map(|id| RemoteId(id.as_str().unwrap().to_owned())),
        version: (kind == Kind::Campaign).then(|| Version(json.get("version").and_then(Value::as_u64).unwrap_or(1))),
        fields,
    }
}

fn is_key(kind: Kind, path: &str) -> bool {
    Field::identity(kind).is_some_and(|identity| identity.path() == path)
}

fn list<'v>(json: &'v Value, name: &str) -> &'v [Value] {
    json.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(json: &Value, name: &str) -> String {
    json.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no {name} in {json}")).to_owned()
}

fn texts(json: &Value, name: &str) -> Vec<String> {
    list(json, name).iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
