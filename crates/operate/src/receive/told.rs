//! What may be told, and every fault of what is not: mappings \[001\], campaigns \[002\]\[004\], and the runs of cxform.

use cxform_record::{Channel, MappingMetrics, NewEvent, payload_sha256};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The longest id, name or word, in bytes: an index of the database holds it.
const LONGEST: usize = 200;
/// The largest count: what every reader of JSON holds exactly.
const LARGEST: u64 = 1 << 53;

/// Which events an address takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Mappings,
    Campaigns,
    Any,
}

/// A fault of a payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    /// The field, such as `metrics.totalAttempts`; empty for the whole.
    pub(super) field: String,
    /// What is wrong.
    pub(super) message: String,
}

fn fault(field: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { field: field.into(), message: message.into() }
}

/// The event of a body, or everything that is wrong with it. Without an id of the sender's the content is the id.
pub(super) fn event(takes: Takes, body: &[u8], id: Option<&[u8]>) -> Result<NewEvent, Vec<Fault>> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        // Where, and what of JSON is missing there, but nothing of the text.
        vec![fault("", format!("the body is not JSON: {error}"))]
    })?;
    let Value::Object(members) = &value else { return Err(vec![fault("", "the body is not an object")]) };
    let mut form = Form { members, faults: Vec::new() };
    let channel = match takes {
        Takes::Mappings => Channel::Mapping,
        Takes::Campaigns => Channel::Campaign,
        Takes::Any if members.contains_key("mappingId") => Channel::Mapping,
        Takes::Any if members.contains_key("campaignId") => Channel::Campaign,
        Takes::Any if members.get("data").is_some_and(|data| data.get("run").is_some()) => Channel::Run,
        Takes::Any => {
            return Err(vec![fault("", "neither `mappingId` nor `campaignId` nor `data.run` says what it speaks of")]);
        }
    };
    let mut metrics = None;
    let (name, subject) = match channel {
        Channel::Mapping => {
            metrics = form.metrics();
            (form.required("event"), form.required("mappingId"))
        }
        Channel::Campaign => {
            // 004 tells of contact selection without a word for it.
            let selection = !members.contains_key("event") && members.contains_key("selectionUpdatedAt");
            let name = if selection { Some("selection_changed".to_owned()) } else { form.required("event") };
            (name, form.required("campaignId"))
        }
        Channel::Run => (form.required("event"), form.run()),
    };
    let source = form.text("source");
    let (timestamp, selected) = (form.time("timestamp"), form.time("selectionUpdatedAt"));
    let sha256 = payload_sha256(body);
    let id = match id {
        None => Some(sha256.clone()),
        Some(id) => form.id(id),
    };
    match (form.faults.is_empty(), name, subject, id) {
        (true, Some(event), Some(subject), Some(id)) => Ok(NewEvent {
            channel,
            id,
            event,
            subject: Some(subject),
            source,
            occurred: timestamp.or(selected),
            sha256,
            body: value,
            metrics,
        }),
        _ => Err(form.faults),
    }
}

/// An object while it is read.
struct Form<'b> {
    members: &'b Map<String, Value>,
    faults: Vec<Fault>,
}

impl Form<'_> {
    fn required(&mut self, field: &str) -> Option<String> {
        let text = self.text(field);
        if self.members.get(field).is_none_or(Value::is_null) {
            self.faults.push(fault(field, "is missing"));
        }
        text
    }

    fn text(&mut self, field: &str) -> Option<String> {
        let value = self.members.get(field)?;
        self.word(field, value)
    }

    fn word(&mut self, field: &str, value: &Value) -> Option<String> {
        let message = match value {
            Value::Null => return None,
            Value::String(text) if text.is_empty() => "is empty",
            Value::String(text) if text.len() > LONGEST => "is longer than 200 bytes",
            Value::String(text) if text.chars().any(char::is_control) => "holds a control character",
            Value::String(text) => return Some(text.clone()),
            _ => "is no text",
        };
        self.faults.push(fault(field, message));
        None
    }

    fn run(&mut self) -> Option<String> {
        let run = self.members.get("data").and_then(|data| data.get("run")).unwrap_or(&Value::Null);
        let word = self.word("data.run", run);
        if run.is_null() {
            self.faults.push(fault("data.run", "is missing"));
        }
        word
    }

    fn id(&mut self, id: &[u8]) -> Option<String> {
        let is_id = (1..=LONGEST).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic);
        if !is_id {
            self.faults.push(fault("X-Webhook-Id", "is not of 1 to 200 visible ASCII characters"));
        }
        is_id.then(|| String::from_utf8_lossy(id).into_owned())
    }

    fn time(&mut self, field: &str) -> Option<Timestamp> {
        let value = self.members.get(field).filter(|value| !value.is_null())?;
        let time = value.as_str().and_then(|text| text.parse().ok());
        if time.is_none() {
            self.faults.push(fault(field, "is no time of RFC 3339, such as `2026-11-21T09:00:00Z`"));
        }
        time
    }

    fn metrics(&mut self) -> Option<MappingMetrics> {
        let members = match self.members.get("metrics") {
            None | Some(Value::Null) => return None,
            Some(Value::Object(members)) => members,
            Some(_) => {
                self.faults.push(fault("metrics", "is not an object"));
                return None;
            }
        };
        let before = self.faults.len();
        let mut number = |field: &str, fits: &dyn Fn(&Value) -> bool, what: &str| {
            let value = members.get(field).filter(|value| !value.is_null());
            match value {
                None => self.faults.push(fault(format!("metrics.{field}"), "is missing")),
                Some(value) if !fits(value) => {
                    self.faults.push(fault(format!("metrics.{field}"), format!("is not {what}")))
                }
                Some(_) => {}
            }
            value.cloned().unwrap_or_default()
        };
        let count: &dyn Fn(&Value) -> bool = &|value| value.as_u64().is_some_and(|count| count <= LARGEST);
        let within =
            |most: f64| move |value: &Value| value.as_f64().is_some_and(|number| (0.0..=most).contains(&number));
        let total_attempts = number("totalAttempts", count, "a whole number from 0 on").as_u64().unwrap_or_default();
        let successful =
            number("successfulAssignments", count, "a whole number from 0 on").as_u64().unwrap_or_default();
        let latency = number("averageLatencyMs", &within(1e12), "a number from 0 on").as_f64();
        let rate = number("assignmentRate", &within(1.0), "a number from 0 to 1").as_f64();
        if self.faults.len() == before && successful > total_attempts {
            self.faults.push(fault("metrics.successfulAssignments", "is more than `totalAttempts`"));
        }
        // 001 writes 0 where nothing was tried; an average of nothing is unknown.
        let of_some = |value: Option<f64>| value.filter(|_| total_attempts > 0);
        Some(MappingMetrics {
            total_attempts,
            successful_assignments: successful,
            average_latency_ms: of_some(latency),
            assignment_rate: of_some(rate),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(takes: Takes, body: &Value) -> Result<NewEvent, Vec<(String, String)>> {
        event(takes, body.to_string().as_bytes(), None).map_err(said)
    }

    fn said(faults: Vec<Fault>) -> Vec<(String, String)> {
        faults.into_iter().map(|Fault { field, message }| (field, message)).collect()
    }

    fn fields(takes: Takes, body: &Value) -> Vec<String> {
        read(takes, body).expect_err("it is faulty").into_iter().map(|(field, _)| field).collect()
    }

    fn mapping() -> Value {
        json!({
            "event": "MAPPING_COMPLETED", "mappingId": "MAP_1700000000000", "timestamp": "2026-11-21T09:00:00.000Z",
            "metrics": { "totalAttempts": 4, "successfulAssignments": 3, "averageLatencyMs": 120.5, "assignmentRate": 0.75 },
        })
    }

    #[test]
    fn the_payloads_of_the_documents_are_read() {
        let event = read(Takes::Mappings, &mapping()).unwrap();
        assert_eq!((event.event.as_str(), event.subject.as_deref()), ("MAPPING_COMPLETED", Some("MAP_1700000000000")));
        assert_eq!(event.metrics.unwrap().average_latency_ms, Some(120.5));
        assert_eq!(event.id, event.sha256, "without an id the content is the id");
        let envelope = json!({
            "source": "cxone-orchestrator", "campaignId": "c1", "event": "campaign_created",
            "data": { "anything": [1, "x"] }, "timestamp": "2026-11-21T09:00:00.000Z",
        });
        let event = read(Takes::Campaigns, &envelope).unwrap();
        assert_eq!((event.channel, event.source.as_deref()), (Channel::Campaign, Some("cxone-orchestrator")));
        let selection = json!({
            "campaignId": "c1", "selectionUpdatedAt": "2026-11-21T09:00:00Z", "complianceVerified": true, "auditId": "7",
        });
        let event = read(Takes::Campaigns, &selection).unwrap();
        assert_eq!(event.event, "selection_changed");
        assert_eq!(event.occurred.unwrap().to_string(), "2026-11-21T09:00:00Z");
        let run = json!({ "source": "cxform", "event": "run_started", "timestamp": "2026-11-21T09:00:00Z", "data": { "run": "r1" } });
        let event = read(Takes::Any, &run).unwrap();
        assert_eq!((event.channel, event.subject.as_deref()), (Channel::Run, Some("r1")));
        assert_eq!(read(Takes::Any, &mapping()).unwrap().channel, Channel::Mapping);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faulty = json!({
            "event": "", "timestamp": "yesterday", "source": 7,
            "metrics": { "totalAttempts": -1, "successfulAssignments": 1.5, "assignmentRate": 75 },
        });
        assert_eq!(
            fields(Takes::Mappings, &faulty),
            [
                "metrics.totalAttempts",
                "metrics.successfulAssignments",
                "metrics.averageLatencyMs",
                "metrics.assignmentRate",
                "event",
                "mappingId",
                "source",
                "timestamp",
            ]
        );
        assert_eq!(fields(Takes::Campaigns, &json!({ "event": "x" })), ["campaignId"]);
        assert_eq!(fields(Takes::Campaigns, &json!({ "campaignId": "x" })), ["event"]);
        assert_eq!(fields(Takes::Any, &json!({ "event": "x", "data": {} })), [""]);
        assert_eq!(fields(Takes::Any, &json!({ "event": "x", "data": { "run": 1 } })), ["data.run"]);
        assert_eq!(fields(Takes::Mappings, &json!([])), [""]);
    }

    #[test]
    fn figures_that_contradict_each_other_are_no_figures() {
        let mut more = mapping();
        more["metrics"]["successfulAssignments"] = json!(5);
        assert_eq!(fields(Takes::Mappings, &more), ["metrics.successfulAssignments"]);
        let mut nothing = mapping();
        nothing["metrics"] =
            json!({ "totalAttempts": 0, "successfulAssignments": 0, "averageLatencyMs": 0, "assignmentRate": 0 });
        let metrics = read(Takes::Mappings, &nothing).unwrap().metrics.unwrap();
        assert_eq!((metrics.average_latency_ms, metrics.assignment_rate), (None, None));
        let mut without = mapping();
        without["metrics"] = Value::Null;
        assert_eq!(read(Takes::Mappings, &without).unwrap().metrics, None);
    }

    #[test]
    fn no_body_and_no_id_breaks_the_reader_or_is_quoted() {
        for body in [&b""[..], b"{", b"\xff\xfe", b"{\"canary-4711", "[".repeat(100_000).as_bytes(), b"1e999", b"null"]
        {
            let faults = event(Takes::Any, body, None).unwrap_err();
            assert_eq!(faults.len(), 1);
            assert!(!faults[0].message.contains("canary"), "{faults:?}");
        }
        for id in [&b""[..], b"a b", b"\xc3\xa9", &[b'x'; 201]] {
            let faults = event(Takes::Any, mapping().to_string().as_bytes(), Some(id)).unwrap_err();
            assert_eq!(faults[0].field, "X-Webhook-Id");
        }
        assert_eq!(event(Takes::Any, mapping().to_string().as_bytes(), Some(b"run:1@2")).unwrap().id, "run:1@2");
    }
}
