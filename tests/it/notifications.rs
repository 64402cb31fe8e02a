//! Signed webhooks: at least once, in the envelopes of the seeds, never in the way of an apply.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cxform_record::verifies;
use serde_json::Value;

use crate::project::{PROJECT, Project, tenant};
use crate::recorded::{Desk, MANIFEST};
use crate::tune;

/// What arrived: headers in lower case, and the body.
type Letters = Arc<Mutex<Vec<(Vec<(String, String)>, Vec<u8>)>>>;

pub struct Mailbox {
    pub address: String,
    letters: Letters,
    answer: Arc<AtomicU16>,
}

impl Mailbox {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let (letters, answer): (Letters, _) = (Letters::default(), Arc::new(AtomicU16::new(200)));
        let (kept, given) = (Arc::clone(&letters), Arc::clone(&answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut line, mut headers) = (String::new(), Vec::new());
                let _ = reader.read_line(&mut line);
                loop {
                    line.clear();
                    if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                        break;
                    }
                    let (name, value) = line.trim().split_once(": ").unwrap();
                    headers.push((name.to_ascii_lowercase(), value.to_owned()));
                }
                let length = headers.iter().find(|(name, _)| name == "content-length");
                let length = length.map_or(0, |(_, value)| value.parse().unwrap());
                let mut body = vec![0; length];
                let _ = reader.read_exact(&mut body);
                kept.lock().unwrap().push((headers, body));
                let status = given.load(Ordering::Relaxed);
                let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        Self { address, letters, answer }
    }

    /// The events so far, with their ids and bodies.
    pub fn events(&self) -> Vec<(String, String, Value)> {
        let header = |headers: &[(String, String)], wanted: &str| {
            headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let letters = self.letters.lock().unwrap();
        letters
            .iter()
            .map(|(headers, body)| {
                let signature = header(headers, "x-webhook-signature");
                assert!(verifies(b"shared-secret", &signature, body), "{signature}");
                assert_eq!(header(headers, "x-cxone-sync-token"), "sync-token");
                (
                    header(headers, "x-webhook-event"),
                    header(headers, "x-webhook-id"),
                    serde_json::from_slice(body).unwrap(),
                )
            })
            .collect()
    }
}

fn desk(mailbox: &Mailbox, rest: &str) -> Desk {
    Desk::new(&notifications(mailbox, rest))
}

fn notifications(mailbox: &Mailbox, rest: &str) -> String {
    format!(
        "  notifications:\n    - {{ url: \"{}\", secret: \"${{env.HOOK_SECRET}}\", \
         token: {{ header: X-CXone-Sync-Token, value: \"${{env.HOOK_TOKEN}}\" }}{rest} }}\n",
        mailbox.address
    )
}

fn apply(desk: &Desk) -> Value {
    let command = desk.cxform("apply --auto-approve --format json");
    let command = command.env("HOOK_SECRET", "shared-secret").env("HOOK_TOKEN", "sync-token");
    let finished = command.run();
    let stored = std::fs::read(desk.project.path().join(".cxform/store.db")).unwrap();
    let stored = String::from_utf8_lossy(&stored);
    assert!(!stored.contains("shared-secret") && !stored.contains("sync-token"), "a secret is stored");
    assert!(!finished.stderr.contains("shared-secret") && !finished.stderr.contains("sync-token"), "{finished}");
    finished.exits(0).json()
}

#[test]
fn a_run_and_the_life_of_a_campaign_are_told_in_signed_letters() {
    let mailbox = Mailbox::open();
    let desk = desk(&mailbox, "");
    let report = apply(&desk);
    desk.project.write("manifests/all.yaml", MANIFEST.replace("callRate: 0.6", "callRate: 0.5"));
    apply(&desk);
    let events = mailbox.events();
    let one = |name: &str| {
        let found: Vec<_> = events.iter().filter(|(event, ..)| event == name).map(|(.., body)| body).collect();
        assert!(!found.is_empty(), "{name} in {events:#?}");
        found[0].clone()
    };
    let id = desk.tenant.state()["campaigns"][0]["id"].clone();
    let created = one("campaign_created");
    let mut members: Vec<_> = created.as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["campaignId", "data", "event", "source", "timestamp"], "[002]");
    assert_eq!((&created["campaignId"], &created["source"]), (&id, &"cxform".into()));
    assert_eq!(one("campaign_tuned")["data"]["changes"]["dialerSettings.callRate"]["after"], 0.5);
    let selection = one("selection_changed");
    let mut members: Vec<_> = selection.as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["auditId", "campaignId", "complianceVerified", "selectionUpdatedAt"], "[004]");
    assert_eq!(selection["complianceVerified"], true);
    let record: i64 = selection["auditId"].as_str().unwrap().parse().unwrap();
    desk.run(&format!("audit show {record}")).exits(0).says(&["campaign/q4"]);
    let mapping = one("mapping_completed");
    assert_eq!((&mapping["event"], &mapping["mappingId"]), (&"MAPPING_COMPLETED".into(), &report["runId"]), "[001]");
    let metrics = &mapping["metrics"];
    assert_eq!(
        (&metrics["totalAttempts"], &metrics["assignmentRate"]),
        (&metrics["successfulAssignments"], &1.0.into())
    );
    assert!(metrics["totalAttempts"].as_u64().unwrap() > 0 && metrics["averageLatencyMs"].is_number(), "{mapping:#}");
    let mappings = events.iter().filter(|(event, ..)| event == "mapping_completed").count();
    assert_eq!(mappings, 1, "the second run mapped nothing");
    assert_eq!(one("run_started")["data"]["run"], report["runId"]);
    assert_eq!(one("run_finished")["auditHead"], report["auditHead"]);
    let mut ids: Vec<_> = events.iter().map(|(_, id, _)| id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "each event has an id of its own");
}

#[test]
fn a_receiver_that_fails_delays_nothing_and_is_told_later_by_the_same_ids() {
    let mailbox = Mailbox::open();
    let desk = desk(&mailbox, ", events: [run_finished]");
    mailbox.answer.store(500, Ordering::Relaxed);
    let first = apply(&desk);
    let failed = mailbox.events();
    assert_eq!(failed.len(), 1, "it was tried, and wanted nothing else");
    mailbox.answer.store(200, Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(2_200));
    desk.project.write("manifests/all.yaml", MANIFEST.replace("name: One", "name: Uno"));
    let second = apply(&desk);
    let events = mailbox.events();
    let heads: Vec<_> = events.iter().map(|(_, id, body)| (id.clone(), body["auditHead"].clone())).collect();
    assert_eq!(heads[1], (failed[0].1.clone(), first["auditHead"].clone()), "the same letter under the same id");
    assert_eq!(heads[2].1, second["auditHead"]);
    assert_eq!(heads.len(), 3);
}

#[test]
fn a_dialer_that_is_turned_is_told_with_the_evidence() {
    let mailbox = Mailbox::open();
    let tenant = tenant(tune::seed("active", tune::lately(0.7, 0.005)));
    let project = Project::new(tune::POLICY).with("HOOK_SECRET", "shared-secret").with("HOOK_TOKEN", "sync-token");
    project.write("cxform.yaml", format!("{PROJECT}{}", notifications(&mailbox, ", events: [campaign_tuned]")));
    project.on(&tenant, "tune --once").run().exits(0);
    let events = mailbox.events();
    assert_eq!(events.len(), 1, "{events:#?}");
    let data = &events[0].2["data"];
    assert_eq!((&events[0].2["campaignId"], &data["version"]), (&"c1".into(), &4.into()));
    assert_eq!(data["changes"]["dialerSettings.callRate"]["after"], 0.6);
    assert_eq!((&data["evidence"]["policy"], &data["evidence"]["answerRate"]), (&"calm".into(), &0.7.into()));
    // Nothing is turned while the knob rests, and so nothing is told.
    project.on(&tenant, "tune --once").run().exits(0);
    assert_eq!(mailbox.events().len(), 1);
}
