//! A tenant that is kept in a file, so that it can restart where it listens, and a project on it.

use std::net::SocketAddr;
use std::path::PathBuf;

use cxform_emulator::Options;
use cxform_model::{Desired, Observed};
use serde_json::{Value, json};

use crate::laws::{scene, untouched};
use crate::project::{Invocation, Project, options};
use crate::tenant::Tenant;
use crate::tune;

/// Campaigns that dial, each tuned when its figures change.
const DIALERS: usize = 24;

/// Between these two the policy lets `tune` turn a call rate.
const LEAST: f64 = 0.2;
const MOST: f64 = 0.8;

const MANIFEST: &str = r#"
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec:
  outcomes:
    - code: SI
      name: "{name}"
      children: [{ code: SI-DEMO, name: Demo }, { code: SI-CALL, name: Call back }]
  assignments: [{ campaigns: [q4], outcomes: [SI-DEMO, SI-CALL], default: SI-DEMO }]
---
apiVersion: cxform/v1
kind: CallCodeSet
metadata: { name: q4 }
spec:
  category: Q4
  codes: [{ code: SALE, name: Sale completed, type: SUCCESS }, { code: DNC, name: Do not call, type: FAILURE }]
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q4 }
spec:
  type: preview
  dialerSettings: { callRate: 0.5, wrapUpTime: 30 }
  complianceSettings: { timeZone: America/New_York, doNotCallListCheck: true, doNotCallCompliance: true }
"#;

pub struct Scene {
    /// None only while it restarts.
    tenant: Option<Tenant>,
    listen: SocketAddr,
    project: Project,
    /// What somebody did by hand since the tenant started, as its log has it.
    by_hand: Vec<Value>,
    /// The next campaign whose figures change.
    next: usize,
    name: String,
}

impl Scene {
    pub fn new() -> Self {
        let project = Project::new("");
        let dialer = |at: usize| {
            json!({ "id": format!("d-{at}"), "name": dialer(at), "type": "predictive", "status": "active", "version": 3,
                    "startDateTime": "2026-01-01T00:00:00Z", "targetListId": "list", "vendor": { "kept": at },
                    "dialerSettings": { "callRate": 0.5, "concurrency": 90 } })
        };
        // The first look turns a knob at once: what a first write takes is no growth.
        let answer = |at| if at == 0 { 0.7 } else { 0.45 };
        let stats: serde_json::Map<_, _> =
            (0..DIALERS).map(|at| (format!("d-{at}"), tune::lately(answer(at), 0.005))).collect();
        let seed = json!({
            "campaigns": (0..DIALERS).map(dialer).chain([json!({ "id": "c-foreign", "name": "foreign", "type": "preview",
                "status": "draft", "version": 1, "targetListId": "list", "vendor": "kept" })]).collect::<Vec<_>>(),
            "outcomes": [{ "id": "o-foreign", "code": "FOREIGN", "name": "As it was", "status": "ACTIVE", "vendor": "kept" }],
            "stats": stats,
        });
        let tenant = Tenant::start(Options { state: Some(state(&project)), ..options(seed) });
        let listen = tenant.url().trim_start_matches("http://").parse().unwrap();
        let mut scene =
            Self { tenant: Some(tenant), listen, project, by_hand: Vec::new(), next: 1, name: String::new() };
        scene.rename("Sales interest");
        scene.cxform("apply --auto-approve").run().exits(0);
        scene
    }

    pub fn cxform(&self, arguments: &str) -> Invocation {
        self.project.on(self.tenant(), arguments)
    }

    pub fn project(&self) -> &Project {
        &self.project
    }

    pub fn tenant(&self) -> &Tenant {
        self.tenant.as_ref().unwrap()
    }

    /// Where `tune` talks to.
    pub fn talk(&self) -> PathBuf {
        self.project.path().join("tune.log")
    }

    pub fn last_talk(&self) -> String {
        let text = std::fs::read_to_string(self.talk()).unwrap_or_default();
        let mut lines: Vec<&str> = text.lines().rev().take(20).collect();
        lines.reverse();
        lines.join("\n")
    }

    /// Git moves: another name for an outcome.
    pub fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        self.project.write("manifests/all.yaml", self.manifest());
    }

    fn manifest(&self) -> String {
        let names: Vec<String> = (0..DIALERS).map(dialer).collect();
        let document = |name: &String| {
            format!(
                "---\napiVersion: cxform/v1\nkind: Campaign\nmetadata: {{ name: {name} }}\n\
                 spec:\n  dialerSettings: {{ callRate: {{ between: [0.1, 0.9] }} }}\n"
            )
        };
        let policy = format!(
            "---\napiVersion: cxform/v1\nkind: TuningPolicy\nmetadata: {{ name: calm }}\nspec:\n  campaigns: [{}]\n  \
             callRate: {{ between: [{LEAST}, {MOST}], lower: 0.3, upper: 0.6 }}\n  abandonment: {{ beyond: step-down }}\n",
            names.join(", ")
        );
        MANIFEST.replace("{name}", &self.name) + &policy + &names.iter().map(document).collect::<String>()
    }

    /// Nothing but what is named in the manifests may differ.
    pub fn untouched(&self, before: &Value) -> Result<(), String> {
        let manifest = self.manifest();
        let desired = scene::read([("manifests/all.yaml", manifest.as_str())])?;
        // Nothing here retires.
        let no_plan = scene::plan(&Desired::default(), &Observed::default())?;
        untouched::check(&desired, &no_plan, before, &self.tenant().state())
    }

    /// No dialer ever stands where its policy does not let it.
    pub fn within_the_policy(&self) -> Result<(), String> {
        let state = self.tenant().state();
        let rate = |row: &Value| row["dialerSettings"]["callRate"].as_f64();
        let outside = |row: &&Value| {
            row["id"].as_str().is_some_and(|id| id.starts_with("d-"))
                && !rate(row).is_some_and(|rate| (LEAST..=MOST).contains(&rate))
        };
        state["campaigns"].as_array().unwrap().iter().find(outside).map_or(Ok(()), |row| Err(format!("{row:#}")))
    }

    /// A person's change in the vendor's own screens.
    pub fn change(&mut self, method: &str, path: &str, body: Option<&Value>) {
        let (status, answer) = self.tenant().by_hand(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        self.by_hand.push(json!([method, path, body]));
    }

    /// The writes since the tenant started that cxform sent and got an answer to.
    pub fn writes(&self) -> Vec<Value> {
        let mut by_hand = self.by_hand.clone();
        let mut writes = crate::judge::committed(self.tenant().writes());
        writes.retain(|write| {
            let theirs = json!([write["method"], write["path"], write["body"]]);
            let known = by_hand.iter().position(|one| *one == theirs);
            !write["status"].is_null() && known.map(|at| by_hand.swap_remove(at)).is_none()
        });
        writes
    }

    /// The tenant ends and starts again, with its objects. Of the next campaigns that dial other figures are known then.
    pub fn restart(&mut self, figures: &[(f64, f64)]) -> Result<(), String> {
        let before = self.tenant().state();
        self.tenant = None;
        self.by_hand.clear();
        let file = state(&self.project);
        let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for (answer, abandon) in figures {
            kept["stats"][format!("d-{}", self.next % DIALERS)] = tune::lately(*answer, *abandon);
            self.next += 1;
        }
        std::fs::write(&file, kept.to_string()).unwrap();
        let restarted = Options { listen: self.listen, state: Some(file), ..options(json!({})) };
        self.tenant = Some(Tenant::start(restarted));
        let after = self.tenant().state();
        let objects = ["outcomes", "callcodes", "campaigns", "assignments"];
        let lost = objects
            .iter()
            .find(|table| before[**table].as_array().map(Vec::len) != after[**table].as_array().map(Vec::len));
        lost.map_or(Ok(()), |table| Err(format!("the restarted tenant has other {table}")))
    }
}

fn state(project: &Project) -> PathBuf {
    project.path().join("tenant.json")
}

fn dialer(at: usize) -> String {
    format!("dial-{at:02}")
}
