//! A project whose runs are recorded, and what the tests of records ask of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::project::{Finished, Invocation, PROJECT, Project, tenant};
use crate::tenant::Tenant;

/// Three outcomes below each other, and a campaign with its contact selection.
pub const MANIFEST: &str = r#"
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: tree }
spec:
  outcomes:
    - code: A
      name: Alpha
      children:
        - { code: A-1, name: One }
        - { code: A-2, name: Two }
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q4 }
spec:
  type: predictive
  startDateTime: 2026-12-01T09:00:00-05:00
  targetListId: list_main
  dialerSettings: { strategy: predictive, agentCapacity: 120, callRate: 0.6, answerRate: 0.4, wrapUpTime: 30, skillGroupId: skill_sales }
  complianceSettings:
    timeZone: America/New_York
    doNotCallListCheck: true
    regulatoryCompliance: TCPA
    allowedCallTimes: [{ days: [mon, tue, wed, thu, fri], start: "09:00", end: "20:00" }]
---
apiVersion: cxform/v1
kind: SelectionRules
metadata: { name: q4 }
spec:
  campaigns: [q4]
  targetListIds: [list_123abc]
  exclusionListIds: [list_789ghi]
  filterRules: [ { field: status, operator: eq, value: a-very-private-value } ]
  priorityOrder: [high_value]
"#;

/// A project, its tenant, and nothing on it.
pub struct Desk {
    pub project: Project,
    pub tenant: Tenant,
}

impl Desk {
    /// The project of [`MANIFEST`]; `settings` are further lines of the project's `spec`.
    pub fn new(settings: &str) -> Self {
        let project = Project::new(MANIFEST);
        project.write("cxform.yaml", format!("{PROJECT}{settings}"));
        Self { project, tenant: tenant(json!({})) }
    }

    pub fn cxform(&self, arguments: &str) -> Invocation {
        // Steps one by one, so that the nth request is always the same.
        let steady = if arguments.starts_with("apply") || arguments.starts_with("undo") {
            format!("{arguments} --parallelism 1")
        } else {
            arguments.to_owned()
        };
        self.project.on(&self.tenant, &steady)
    }

    pub fn run(&self, arguments: &str) -> Finished {
        self.cxform(arguments).run()
    }

    #[track_caller]
    pub fn json(&self, arguments: &str) -> Value {
        self.run(&format!("{arguments} --format json")).json()
    }

    /// The next create of an outcome at `nth` takes longer than any test waits for it.
    pub fn slow(&self, nth: u32) {
        let rule =
            json!({ "method": "POST", "path": "/api/v2/outcomes", "nth": nth, "effect": "delay", "delayMs": 8_000 });
        self.tenant.faults(&json!([rule]));
    }

    pub fn quick(&self) {
        self.tenant.faults(&json!([]));
    }

    /// The codes of the outcomes on the tenant, in order.
    pub fn codes(&self) -> Vec<String> {
        let state = self.tenant.state();
        let outcomes = state["outcomes"].as_array().unwrap();
        let mut codes: Vec<_> = outcomes.iter().map(|outcome| outcome["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes
    }

    /// Waits until the tenant has seen so many creates of outcomes.
    pub fn until_creates(&self, count: usize) {
        let creates = |write: &&Value| write["method"] == "POST" && write["path"] == "/api/v2/outcomes";
        let began = Instant::now();
        while self.tenant.writes().iter().filter(creates).count() < count {
            assert!(began.elapsed() < Duration::from_secs(20), "the creates did not come");
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Waits until the tenant has seen so many writes.
    pub fn until_writes(&self, count: usize) {
        let began = Instant::now();
        while self.tenant.writes().len() < count {
            assert!(began.elapsed() < Duration::from_secs(20), "only {} writes came", self.tenant.writes().len());
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}
