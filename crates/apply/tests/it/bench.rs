//! A stand-in tenant with a connection to it, and short ways to write steps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cxform_apply::{Event, Exchange, Intent, Journal, Options, Recording, Report, StepReport, Stop, Unrecorded, run};
use cxform_emulator::{Emulator, FaultScript, Quirks, RateLimits, Running, Seed};
use cxform_model::{
    Address, Document, Field, Fields, Kind, ObservedObject, Precondition, Rate, RemoteId, Target, Version, Write,
};
use cxform_plan::{Action, Estimate, Place, Plan, Step};
use cxform_tenant::{Auth, Config, Connection, RetryPolicy, TokenStyle};
use serde_json::{Value, json};

pub(crate) struct Bench {
    pub(crate) emulator: Running,
    pub(crate) connection: Connection,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    pub(crate) patience: RetryPolicy,
}

pub(crate) const PATIENCE: RetryPolicy = RetryPolicy {
    tries: 4,
    budget: Duration::from_secs(5),
    first: Duration::from_millis(5),
    longest: Duration::from_millis(20),
};

/// Two outcomes on the desktop of an active campaign, and a call code.
pub(crate) fn seed() -> Value {
    json!({
        "outcomes": [
            { "id": "out_1", "code": "OLD", "name": "Old", "status": "ACTIVE", "vendorTag": { "keep": [1, 2] },
              "validationRules": { "retentionPeriodDays": 365, "vendorRule": "keep" }, "uiConfig": { "group": "G" } },
            { "id": "out_2", "code": "KEEP", "name": "Keep", "status": "ACTIVE" },
        ],
        "callcodes": [
            { "id": "cc_1", "code": "SALE", "name": "Sale", "type": "SUCCESS", "category": "Q3", "isActive": true },
        ],
        "campaigns": [
            { "id": "camp_1", "name": "q3", "type": "predictive", "status": "active", "version": 3,
              "dialerSettings": { "callRate": 0.5, "agentCapacity": 100 } },
        ],
        "assignments": [
            { "campaignId": "camp_1", "outcomeId": "out_1", "sequence": 1, "defaultSelection": true },
            { "campaignId": "camp_1", "outcomeId": "out_2", "sequence": 2, "defaultSelection": false },
        ],
    })
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(&[], cxform_emulator::Options::default()).await
    }

    pub(crate) async fn with(quirks: &[&str], options: cxform_emulator::Options) -> Self {
        let options = cxform_emulator::Options {
            seed: Seed::Document(seed()),
            rate_limit: RateLimits::OFF,
            quirks: Quirks::parse(quirks.iter().copied()).unwrap(),
            ..options
        };
        let emulator = Emulator::start(options).await.unwrap();
        let connection = connect(&emulator.url(), emulator.client_secret());
        Self { emulator, connection, events: Arc::default(), patience: PATIENCE }
    }

    pub(crate) fn faults(&self, rules: Value) {
        self.emulator.set_faults(FaultScript::parse(&json!({ "rules": rules })).unwrap());
    }

    pub(crate) async fn apply(&self, steps: Vec<Step>) -> Report {
        self.apply_with(steps, Arc::new(Unrecorded), 12, &Stop::new()).await
    }

    /// Applies as these options say.
    pub(crate) async fn run(&self, plan: &Plan, options: Options, stop: &Stop) -> Report {
        let options = Options { patience: self.patience, ..options };
        let events = Arc::clone(&self.events);
        let tell = move |event| events.lock().unwrap().push(event);
        run(Arc::new(plan.clone()), &self.connection, options, tell, stop).await.unwrap()
    }

    pub(crate) async fn apply_with(
        &self,
        steps: Vec<Step>,
        journal: Arc<dyn Journal>,
        parallelism: usize,
        stop: &Stop,
    ) -> Report {
        self.run(&plan(steps), Options { parallelism, ..Options::new(journal) }, stop).await
    }

    pub(crate) async fn one(&self, kind: Kind, id: &str) -> ObservedObject {
        self.connection.reader().one(kind, &RemoteId(id.into())).await.unwrap().unwrap()
    }

    /// The stored row of a table with this value.
    pub(crate) fn row(&self, table: &str, name: &str, value: &str) -> Value {
        let rows = self.rows(table, name, value);
        assert_eq!(rows.len(), 1, "{table} with {name} {value}: {rows:?}");
        rows.into_iter().next().unwrap()
    }

    pub(crate) fn rows(&self, table: &str, name: &str, value: &str) -> Vec<Value> {
        let state = self.emulator.state();
        let rows = state[table].as_array().unwrap().iter();
        rows.filter(|row| row[name] == value).cloned().collect()
    }

    /// Method, path and the whole entry of each write so far, tokens left out.
    pub(crate) fn writes(&self) -> Vec<(String, String, Value)> {
        let requests = self.emulator.requests().into_iter();
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        requests
            .map(|entry| (text(&entry, "method"), text(&entry, "path"), entry))
            .filter(|(method, path, _)| method != "GET" && !path.contains("oauth"))
            .collect()
    }
}

pub(crate) fn connect(url: &str, secret: &str) -> Connection {
    let fast = Rate { requests: 100_000, seconds: 1 };
    connect_at(url, secret, cxform_model::RateLimits { outcomes: fast, default: fast })
}

pub(crate) fn connect_at(url: &str, secret: &str, rates: cxform_model::RateLimits) -> Connection {
    let auth = Auth {
        token_path: "/api/v2/oauth/token".into(),
        style: TokenStyle::Form,
        client_id: "emulator-client".into(),
        client_secret: secret.to_owned().into(),
        scopes: Vec::new(),
    };
    let mut config = Config::new(url, auth);
    config.retry = PATIENCE;
    config.rate_limits = rates;
    Connection::new(config).unwrap()
}

pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        id: None,
        project: "acme".into(),
        environment: "test".into(),
        tenant: "emulator".into(),
        changes: Vec::new(),
        steps,
        live: Vec::new(),
        allowances: Vec::new(),
        unchanged: 0,
        warnings: Vec::new(),
        estimate: Estimate { requests: 0, by_endpoint: BTreeMap::new(), seconds: 0.0 },
        digest: "sha256:test".into(),
        provenance: cxform_plan::Provenance::default(),
    }
}

pub(crate) fn fields(kind: Kind, values: &Value) -> Fields<Value> {
    let values = values.as_object().unwrap().iter();
    values.map(|(path, value)| (Field::find(kind, path).unwrap(), value.clone())).collect()
}

pub(crate) fn existing(id: &str) -> Target {
    Target::Existing(RemoteId(id.into()))
}

pub(crate) fn created(address: &str) -> Target {
    Target::Created(address.parse().unwrap())
}

/// A step named as planners name them, that needs nothing and follows something.
pub(crate) fn step(address: &str, name: &str, action: Action, write: Write) -> Step {
    let address: Address = address.parse().unwrap();
    let place = |line| Place { file: "m.yaml".into(), line, column: 3 };
    let paths = match &write {
        Write::Create { fields, .. } | Write::Update { fields, .. } => fields.to_paths(),
        _ => BTreeMap::new(),
    };
    let places = paths.into_keys().zip(2..).map(|(path, line)| (path, place(line)));
    Step {
        id: format!("{address}:{name}"),
        places: places.chain([(String::new(), place(1))]).collect(),
        address,
        action,
        needs: Vec::new(),
        precondition: Precondition::Follows,
        write,
        base: BTreeMap::new(),
        base_version: None,
        bare: false,
    }
}

pub(crate) trait StepExt {
    fn needs(self, steps: &[&str]) -> Self;
    fn absent(self) -> Self;
    fn content(self, observed: &ObservedObject) -> Self;
    fn version(self, observed: &ObservedObject) -> Self;
    /// With a base that tells of the written fields alone.
    fn narrow(self) -> Self;
}

impl StepExt for Step {
    fn needs(mut self, steps: &[&str]) -> Self {
        self.needs = steps.iter().map(|need| (*need).to_owned()).collect();
        self
    }

    fn absent(mut self) -> Self {
        self.precondition = Precondition::Absent;
        self
    }

    fn content(mut self, observed: &ObservedObject) -> Self {
        self.precondition = Precondition::Content(observed.content_hash());
        self.base = base(observed);
        self
    }

    fn version(mut self, observed: &ObservedObject) -> Self {
        self.precondition = Precondition::Version(observed.version.unwrap());
        self.base_version = observed.version;
        self.base = base(observed);
        self
    }

    fn narrow(mut self) -> Self {
        let Write::Update { fields, .. } = &self.write else { return self };
        let written = fields.to_paths();
        self.base.retain(|path, _| written.contains_key(path));
        self
    }
}

fn base(observed: &ObservedObject) -> BTreeMap<String, Value> {
    cxform_plan::base_of(observed)
}

pub(crate) fn create(kind: Kind, address: &str, parent: Option<Target>, values: &Value) -> Step {
    let fields = fields(kind, values);
    step(address, "create", Action::Create, Write::Create { kind, parent, fields }).absent()
}

pub(crate) fn create_outcome(code: &str) -> Step {
    let values = json!({ "code": code, "name": format!("Name of {code}"), "status": "ACTIVE" });
    create(Kind::Outcome, &format!("outcome/{code}"), None, &values)
}

pub(crate) fn update(document: Document, address: &str, name: &str, target: Target, values: &Value) -> Step {
    let kind = match document {
        Document::Outcome | Document::Desktop => Kind::Outcome,
        Document::CallCode => Kind::CallCode,
        Document::Campaign => Kind::Campaign,
        Document::Webhook => Kind::Webhook,
    };
    let fields = fields(kind, values);
    step(address, name, Action::Update, Write::Update { document, target, parent: None, fields })
}

pub(crate) fn results(report: &Report) -> Vec<(&str, &str)> {
    report.steps.iter().map(|step| (step.id.as_str(), step.result.word())).collect()
}

#[track_caller]
pub(crate) fn assert_all_applied(report: &Report, context: &str) {
    for step in &report.steps {
        assert_eq!(step.result.word(), "applied", "{context}: {}: {:?}", step.id, step.result);
    }
    assert_eq!(report.exit_code(), 0);
}

pub(crate) fn result<'a>(report: &'a Report, id: &str) -> &'a StepReport {
    report.steps.iter().find(|step| step.id == id).unwrap()
}

/// What a journal was told, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    Intent(Intent),
    Exchange(Exchange),
    Concluded(String),
}

/// A journal in memory, which may be told to fail.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) entries: Mutex<Vec<Entry>>,
    pub(crate) full: std::sync::atomic::AtomicBool,
}

impl Memory {
    fn add(&self, entry: Entry) -> Recording<'_> {
        Box::pin(async move {
            if self.full.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(cxform_apply::JournalError("no space left on device".into()));
            }
            self.entries.lock().unwrap().push(entry);
            Ok(())
        })
    }
}

impl Journal for Memory {
    fn intend<'a>(&'a self, intent: &'a Intent) -> Recording<'a> {
        self.add(Entry::Intent(intent.clone()))
    }

    fn record<'a>(&'a self, exchange: &'a Exchange) -> Recording<'a> {
        self.add(Entry::Exchange(exchange.clone()))
    }

    fn found_out<'a>(&'a self, exchange: &'a Exchange) -> Recording<'a> {
        self.add(Entry::Exchange(exchange.clone()))
    }

    fn conclude<'a>(&'a self, step: &'a StepReport) -> Recording<'a> {
        self.add(Entry::Concluded(step.id.clone()))
    }
}

/// The version of the seeded campaign.
pub(crate) const SEEDED: Version = Version(3);
