//! The apply that everything is measured by: a project and a tenant between which steps of every kind lie.

use std::sync::atomic::{AtomicUsize, Ordering};

use cxform_emulator::Options;
use cxform_model::Desired;
use cxform_plan::Plan;
use serde_json::{Value, json};

use super::sabotage::saboteur;
use crate::laws::scene;
use crate::laws::world::World;
use crate::project::{PROJECT, Project, options};
use crate::server;
use crate::tenant::Tenant;

const MANIFEST: &str = r#"
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec:
  outcomes:
    - code: ROOT
      name: Sales
      children:
        - { code: NEW, name: New, validationRules: { retentionPeriodDays: 730 }, uiConfig: { shortcutKey: "7" } }
        - { code: NEXT, name: Next }
        - { code: MOVED, name: Moved }
    - { code: KEPT, name: Another name }
    - { code: NAMED, name: Named, previousCode: FORMER }
    - { code: GONE, name: Gone, status: INACTIVE }
  assignments:
    - { campaigns: [live], outcomes: [KEPT, NEW, MOVED], default: NEW, exclusive: true }
    - { campaigns: [fresh], outcomes: [NEXT, KEPT], default: NEXT }
---
apiVersion: cxform/v1
kind: CallCodeSet
metadata: { name: q3 }
spec:
  category: Q3
  authority: category
  codes:
    - { code: SALE, name: Sale completed, type: SUCCESS, children: [ { code: UPSELL, name: Upsell, type: SUCCESS } ] }
    - { code: DNC, name: Do not call, type: FAILURE, children: [ { code: STATE, name: State list, type: FAILURE, previousCode: LIST } ] }
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: live }
spec:
  dialerSettings: { callRate: 0.7, wrapUpTime: 45 }
  status: paused
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: ready, previousNames: [was ready] }
spec: { dialerSettings: { agentCapacity: 90 }, status: active }
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: fresh }
spec:
  type: predictive
  startDateTime: 2096-12-01T09:00:00-05:00
  targetListId: list_main
  dialerSettings: { strategy: predictive, agentCapacity: 120, callRate: 0.6, answerRate: 0.4, wrapUpTime: 30, skillGroupId: skill_sales }
  complianceSettings:
    timeZone: America/New_York
    doNotCallListCheck: true
    regulatoryCompliance: TCPA
    allowedCallTimes: [{ days: [mon, tue, wed, thu, fri], start: "09:00", end: "20:00" }]
  status: active
---
apiVersion: cxform/v1
kind: SelectionRules
metadata: { name: rules }
spec:
  campaigns: [fresh, ready]
  targetListIds: [list_1]
  filterRules: [ { field: status, operator: eq, value: active } ]
  priorityOrder: [high_value]
"#;

fn seed() -> Value {
    let outcome = |id: &str, code: &str| json!({ "id": id, "code": code, "name": "As it was", "status": "ACTIVE", "vendor": { "kept": id } });
    let code = |id: &str, code: &str, category: &str| json!({ "id": id, "code": code, "name": "As it was", "type": "FAILURE", "category": category, "isActive": true, "vendor": id });
    let campaign = |id: &str, name: &str, status: &str| {
        json!({ "id": id, "name": name, "type": "predictive", "status": status, "version": 3,
            "startDateTime": "2096-12-01T14:00:00Z", "targetListId": "list_0", "vendor": { "kept": id },
            "dialerSettings": { "callRate": 0.5, "agentCapacity": 100, "wrapUpTime": 20 },
            "complianceSettings": {
                "timeZone": "America/New_York", "doNotCallListCheck": true, "regulatoryCompliance": "TCPA",
                "allowedCallTimes": [{ "days": ["mon", "tue"], "start": "10:00", "end": "17:00" }] } })
    };
    let seat = |campaign: &str, outcome: &str, sequence: u32| json!({ "campaignId": campaign, "outcomeId": outcome, "sequence": sequence, "defaultSelection": sequence == 1 });
    json!({
        "outcomes": [outcome("o-kept", "KEPT"), outcome("o-gone", "GONE"), outcome("o-moved", "MOVED"),
                     outcome("o-former", "FORMER"), outcome("o-foreign", "FOREIGN")],
        "callcodes": [code("p-sale", "SALE", "Q3"), code("p-list", "LIST", "Q3"), code("p-old", "OLD", "Q3"),
                      code("p-foreign", "FOREIGN", "OTHER")],
        "campaigns": [campaign("c-live", "live", "active"), campaign("c-ready", "was ready", "draft"),
                      campaign("c-foreign", "foreign", "active")],
        "assignments": [seat("c-live", "o-gone", 1), seat("c-live", "o-moved", 2), seat("c-live", "o-kept", 3), seat("c-ready", "o-kept", 1),
                        seat("c-foreign", "o-foreign", 1), seat("c-foreign", "o-kept", 2)],
    })
}

/// A place for one trial: a tenant before the apply, and the project in a folder of its own.
pub struct Place {
    pub tenant: Tenant,
    pub project: Project,
    store: String,
}

impl Place {
    pub fn new() -> Self {
        Self::with(options(seed()))
    }

    /// With records in a PostgreSQL database, in a schema of their own.
    pub fn on_a_server(self) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let schema = format!("chaos_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let Self { tenant, project, store: _ } = self;
        project.write("cxform.yaml", format!("{PROJECT}  store: \"${{env.STORE}}\"\n"));
        let store = format!("{}?schema={schema}", server::address());
        let project = project.with("STORE", &store);
        Self { tenant, project, store }
    }

    /// The address of the records on a server.
    pub fn store(&self) -> String {
        self.store.clone()
    }

    /// Every process sees a clock that jumps forth and back by so many seconds between any two looks.
    pub fn under_a_jumping_clock(self, seconds: i64) -> Self {
        let project = self.project.with("LD_PRELOAD", saboteur()).with("CHAOS_CLOCK", &seconds.to_string());
        Self { project, ..self }
    }

    /// On a tenant with oddities; its seed is the reference's.
    pub fn with(oddities: Options) -> Self {
        let Options { seed, rate_limit, .. } = options(seed());
        let project = Project::new(MANIFEST);
        project.write("cxform.yaml", PROJECT);
        Self { tenant: Tenant::start(Options { seed, rate_limit, ..oddities }), project, store: String::new() }
    }
}

/// A request of the reference apply, told apart from its likes by its number among them.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub nth: usize,
}

impl Request {
    pub fn is_write(&self) -> bool {
        self.method != "GET" && !self.path.contains("oauth")
    }

    /// Whether this entry of a request log is one of its kind.
    pub fn is_like(&self, entry: &Value) -> bool {
        entry["method"] == self.method.as_str() && entry["path"] == self.path.as_str()
    }
}

/// What is wanted, what lies before, and how an apply without faults gets from one to the other.
pub struct Reference {
    pub desired: Desired,
    pub plan: Plan,
    pub before: Value,
    pub requests: Vec<Request>,
}

impl Reference {
    /// Applies once without faults, and counts.
    pub fn new() -> Result<Self, String> {
        let world = World { tenant: seed(), documents: Vec::new() };
        let mut scene = scene::Scene::with(&world, Options::default())?;
        scene.desired = scene::read([("manifests/all.yaml", MANIFEST)])?;
        let plan = scene.plan()?;
        let place = Place::new();
        let before = place.tenant.state();
        let finished = place.project.on(&place.tenant, super::APPLY).run();
        if finished.code != Some(0) {
            return Err(format!("the reference apply fails without any fault: {finished}"));
        }
        let mut requests: Vec<Request> = Vec::new();
        for entry in place.tenant.requests() {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let nth = 1 + requests.iter().filter(|request| request.is_like(&entry)).count();
            requests.push(Request { method: text("method"), path: text("path"), nth });
        }
        Ok(Self { desired: scene.desired, plan, before, requests })
    }
}
