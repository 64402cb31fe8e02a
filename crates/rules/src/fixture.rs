//! Inventories for tests, from compact JSON: `{"campaign/q3": {"dialerSettings.callRate": 0.6}}`.
//!
//! Paths may be dotted or nested. What no table knows fails the test, so that a slip never passes as silence.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{
    Address, CampaignStatus, Desired, DesiredField, DesiredObject, Desktop, DesktopEntry, Envelope, Field, Fields,
    FileId, Kind, ObservedObject, RemoteId, Setting, Source, Sourced,
};
use serde_json::{Map, Value, json};

use crate::{Context, Finding, Launch, Rule, Standing, check, clash};

/// A project, and the tenant behind it as far as a test says.
pub(crate) struct Project {
    pub desired: Desired,
    observed: BTreeMap<Address, ObservedObject>,
    foreign: Option<BTreeSet<Address>>,
    all_desktops: bool,
    launches: BTreeMap<Address, Launch>,
    /// Today is 2026-11-30, a Monday.
    pub context: Context,
    lines: u32,
}

/// Objects by address; `parent` is the code of the outcome above.
pub(crate) fn project(objects: Value) -> Project {
    let mut project = Project {
        desired: Desired::default(),
        observed: BTreeMap::new(),
        foreign: None,
        all_desktops: false,
        launches: BTreeMap::new(),
        context: Context { as_of: jiff::civil::date(2026, 11, 30) },
        lines: 0,
    };
    for (address, mut spec) in members(objects) {
        let address: Address = address.parse().unwrap();
        let source = project.line();
        let parent = spec.as_object_mut().unwrap().remove("parent");
        let parent = parent.map(|code| Sourced::new(Address::outcome(code.as_str().unwrap()), project.line()));
        let fields = flat(address.kind(), &spec)
            .into_iter()
            .map(|(field, value)| (field, DesiredField { setting: setting(&value), source: project.line() }))
            .collect();
        let object = DesiredObject {
            previous: Vec::new(),
            parent,
            fields,
            declared: true,
            protected: false,
            pause: None,
            ignored: BTreeSet::new(),
            source,
        };
        project.desired.objects.insert(address, object);
    }
    project
}

/// A campaign's filter rules, each `[field, operator, value]`.
pub(crate) fn filters(rules: &Value) -> Value {
    let rule = |rule: &Value| json!({ "field": rule[0], "operator": rule[1], "value": rule[2] });
    json!({ "contactSelection.filterRules": rules.as_array().unwrap().iter().map(rule).collect::<Vec<_>>() })
}

/// Where joining these entries on the campaign `q3` breaks `rule`.
pub(crate) fn clashes(rule: &Rule, entries: &[Value]) -> Vec<String> {
    let project = entries.iter().fold(project(json!({})), |project, entry| project.entry(entry));
    let clashes = Desktop::join(&project.desired.desktops).err().unwrap_or_default();
    let findings = clashes.iter().map(|one| clash(&Address::campaign("q3"), one));
    findings.filter(|finding| finding.rule == rule).map(|finding| place(&finding)).collect()
}

impl Project {
    /// What the tenant holds of a managed object.
    pub(crate) fn observed(mut self, address: &str, spec: &Value) -> Self {
        let address: Address = address.parse().unwrap();
        let object = ObservedObject {
            kind: address.kind(),
            id: RemoteId(format!("id of {address}")),
            key: address.key().to_owned(),
            parent: None,
            version: None,
            fields: flat(address.kind(), spec).into_iter().collect::<Fields<Value>>(),
        };
        self.observed.insert(address, object);
        self
    }

    /// What lives on the tenant unmanaged.
    pub(crate) fn foreign(mut self, addresses: &[&str]) -> Self {
        self.foreign = Some(addresses.iter().map(|address| address.parse().unwrap()).collect());
        self
    }

    /// One entry under `assignments`.
    pub(crate) fn entry(mut self, entry: &Value) -> Self {
        for key in entry.as_object().unwrap().keys() {
            let known = ["campaigns", "groups", "outcomes", "unassigned", "default", "exclusive"];
            assert!(known.contains(&key.as_str()), "{key}");
        }
        let source = self.line();
        let mut texts = |key| -> Vec<Sourced<String>> {
            let items = entry.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
            items.iter().map(|item| Sourced::new(item.as_str().unwrap().to_owned(), self.line())).collect()
        };
        let outcomes = |texts: Vec<Sourced<String>>| {
            texts.into_iter().map(|text| Sourced::new(Address::outcome(text.value), text.source)).collect()
        };
        let campaigns = texts("campaigns");
        let entry = DesktopEntry {
            campaigns: campaigns
                .into_iter()
                .map(|name| Sourced::new(Address::campaign(name.value), name.source))
                .collect(),
            groups: texts("groups"),
            outcomes: outcomes(texts("outcomes")),
            unassigned: outcomes(texts("unassigned")),
            default: entry.get("default").map(|code| Sourced::new(code.as_str().map(Address::outcome), self.line())),
            exclusive: entry.get("exclusive") == Some(&json!(true)),
            source,
        };
        self.desired.desktops.push(entry);
        self
    }

    /// Says that the desktops of named campaigns are all there are.
    pub(crate) fn all_desktops(mut self) -> Self {
        self.all_desktops = true;
        self
    }

    /// A campaign that is to start.
    pub(crate) fn launch(mut self, address: &str, launch: Launch) -> Self {
        self.launches.insert(address.parse().unwrap(), launch);
        self
    }

    /// A draft with a complete desktop that is to start.
    pub(crate) fn starts(self, address: &str) -> Self {
        self.launch(address, Launch { from: CampaignStatus::Draft, shown: 1, selected: true })
    }

    /// Everything that is wrong.
    pub(crate) fn judge(&self) -> Vec<Finding> {
        let mut standing = Standing::offline(&self.desired);
        for (address, object) in &mut standing.objects {
            object.observed = self.observed.get(*address);
        }
        standing.foreign.clone_from(&self.foreign);
        standing.launches.clone_from(&self.launches);
        standing.desktops_complete = self.all_desktops;
        if self.all_desktops {
            for campaign in self.desired.desktops.iter().flat_map(|entry| &entry.campaigns) {
                let reaches = |entry: &&DesktopEntry| entry.campaigns.iter().any(|name| name.value == campaign.value);
                let desktop = Desktop::join(self.desired.desktops.iter().filter(reaches)).unwrap();
                standing.desktops.insert(campaign.value.clone(), desktop);
            }
        }
        check(&standing, &self.context)
    }

    /// What breaks `rule`.
    pub(crate) fn findings(&self, rule: &Rule) -> Vec<Finding> {
        self.judge().into_iter().filter(|finding| finding.rule == rule).collect()
    }

    /// Where `rule` is broken: `campaign/q3 dialerSettings.callRate`, with the pointer appended.
    pub(crate) fn found(&self, rule: &Rule) -> Vec<String> {
        self.findings(rule).iter().map(place).collect()
    }

    /// Every part has a line of its own.
    fn line(&mut self) -> Source {
        self.lines += 1;
        Source { file: FileId(0), line: self.lines, column: 1 }
    }
}

/// `campaign/q3 dialerSettings.callRate/between/0`.
pub(crate) fn place(finding: &Finding) -> String {
    let spot = &finding.at;
    let field = spot.field.map(|field| format!(" {field}")).unwrap_or_default();
    format!("{}{field}{}", spot.address, spot.inside)
}

fn members(object: Value) -> Map<String, Value> {
    let Value::Object(members) = object else { panic!("{object} is no object") };
    members
}

fn flat(kind: Kind, spec: &Value) -> Vec<(Field, Value)> {
    fn collect(kind: Kind, prefix: &str, spec: &Value, fields: &mut Vec<(Field, Value)>) {
        for (name, value) in members(spec.clone()) {
            let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            match Field::find(kind, &path) {
                Some(field) => fields.push((field, value)),
                None if value.is_object() => collect(kind, &path, &value, fields),
                None => panic!("no field `{path}`"),
            }
        }
    }
    let mut fields = Vec::new();
    collect(kind, "", spec, &mut fields);
    fields
}

fn setting(value: &Value) -> Setting {
    let Some(bounds) = value.get("between") else { return Setting::Value(value.clone()) };
    let number = |value: &Value| value.as_number().unwrap().clone();
    Setting::Between(Envelope {
        low: number(&bounds[0]),
        high: number(&bounds[1]),
        initial: number(value.get("initial").unwrap_or(&bounds[0])),
    })
}
