//! Over real sockets and a real store: who is let in, what is answered, and what is on record then.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that panics has failed")]

use std::time::Duration;

use cxform_operate::receive::{Door, DoorOptions, Keys};
use cxform_record::{EventFilter, Location, Mode, Options, Store, signature_header};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SECRET: &str = "a-secret-of-the-senders";
const PATIENCE: Duration = Duration::from_secs(60);

struct Place {
    folder: TempDir,
    door: Door,
}

async fn store(folder: &TempDir, mode: Mode) -> Store {
    let mut options = Options::new(Location::File(folder.path().join("store.db")), folder.path().join("locks"));
    options.mode = mode;
    Store::open(options).await.unwrap()
}

async fn place(mode: Mode, connections: usize) -> Place {
    let folder = tempfile::tempdir().unwrap();
    drop(store(&folder, Mode::ReadWrite).await);
    let keys = Keys::new(vec![SECRET.into()], None).unwrap();
    let options = DoorOptions { listen: ([127, 0, 0, 1], 0).into(), keys, connections };
    let door = Door::open(options, store(&folder, mode).await).await.unwrap();
    Place { folder, door }
}

impl Place {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.door.address()).await.unwrap()
    }

    /// Sends bytes on a connection of their own; answers with the status and the body.
    async fn send(&self, request: &[u8]) -> (u16, String) {
        let mut stream = self.connect().await;
        // It may hang up before it has read everything.
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "it answers");
        let answer = String::from_utf8(answer).unwrap();
        let status = answer.split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
        (status, answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut request =
            format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        let (status, answer) = self.send(format!("{request}\r\n{body}").as_bytes()).await;
        (status, serde_json::from_str(&answer).unwrap_or_default())
    }

    /// Signed as it should be.
    async fn tell(&self, path: &str, id: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        let signature = signature(0, &body);
        let headers = [("content-type", "application/json"), ("x-webhook-signature", &signature), ("x-webhook-id", id)];
        self.post(path, &headers, &body).await
    }

    async fn get(&self, path: &str) -> (u16, String) {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await
    }

    async fn stored(&self) -> Vec<(String, String)> {
        let events = store(&self.folder, Mode::ReadOnly).await.events(EventFilter::default()).await.unwrap();
        events.into_iter().map(|event| (event.id, event.event)).collect()
    }
}

fn signature(age: i64, body: &str) -> String {
    signature_header(SECRET.as_bytes(), &(Timestamp::now().as_second() - age).to_string(), body.as_bytes())
}

fn mapping(id: &str) -> Value {
    json!({
        "event": "MAPPING_COMPLETED", "mappingId": id, "timestamp": "2026-11-21T09:00:00Z",
        "metrics": { "totalAttempts": 2, "successfulAssignments": 1, "averageLatencyMs": 5, "assignmentRate": 0.5 },
    })
}

#[tokio::test]
async fn an_event_is_answered_with_the_time_at_which_it_was_stored() {
    let place = place(Mode::ReadWrite, 10).await;
    let (status, first) = place.tell("/webhooks/mapping-sync", "1", &mapping("M1")).await;
    assert_eq!((status, &first["received"], &first["duplicate"]), (200, &json!(true), &Value::Null));
    for id in ["1", "2"] {
        let (status, again) = place.tell("/webhooks/mapping-sync", id, &mapping("M1")).await;
        assert_eq!((status, &again["processedAt"], &again["duplicate"]), (200, &first["processedAt"], &json!(true)));
    }
    let (status, other) = place.tell("/webhooks/mapping-sync", "1", &mapping("M2")).await;
    assert_eq!((status, other["code"].as_str()), (409, Some("id_taken")));
    let run = json!({ "source": "cxform", "event": "run_started", "data": { "run": "r1" } });
    assert_eq!(place.tell("/webhooks", "3", &run).await.0, 200);
    assert_eq!(place.tell("/webhooks/campaign", "4", &json!({ "event": "x", "campaignId": "c" })).await.0, 200);
    assert_eq!(place.stored().await.len(), 3);
    let (_, metrics) = place.get("/metrics").await;
    assert!(metrics.contains("cxform_receive_events_total{channel=\"mapping\",result=\"known\"} 2"), "{metrics}");
    assert_eq!(place.get("/healthz").await, (200, "ok\n".into()));
    assert_eq!(place.get("/readyz").await, (200, "ready\n".into()));
}

#[tokio::test]
async fn whoever_is_not_let_in_leaves_nothing_behind() {
    let place = place(Mode::ReadWrite, 10).await;
    let body = mapping("M1").to_string();
    let json = ("content-type", "application/json");
    let (good, old, ahead) = (signature(0, &body), signature(400, &body), signature(-400, &body));
    let forged = good.replace("v1=", "v1=00");
    let signed = ("x-webhook-signature", good.as_str());
    let path = "/webhooks/mapping-sync";
    for (headers, status, says) in [
        (&[json][..], 401, "missing"),
        (&[json, signed, signed], 401, "twice"),
        (&[json, ("x-webhook-signature", &old)], 401, "seconds old"),
        (&[json, ("x-webhook-signature", &ahead)], 401, "seconds ahead"),
        (&[json, ("x-webhook-signature", &forged)], 401, "none of the secrets"),
        (&[json, ("x-webhook-signature", "secret")], 401, "of the form"),
        (&[signed], 415, "Content-Type"),
        (&[("content-type", "text/plain"), signed], 415, "Content-Type"),
        (&[json, signed, ("content-encoding", "gzip")], 415, "Content-Encoding"),
        (&[json, signed, ("x-webhook-id", "a b")], 400, "payload"),
        (&[json, signed, ("x-webhook-id", "a"), ("x-webhook-id", "b")], 400, "payload"),
    ] {
        let (found, answer) = place.post(path, headers, &body).await;
        assert_eq!(found, status, "{headers:?} {answer}");
        assert!(answer["message"].as_str().unwrap().contains(says), "{answer}");
    }
    let (status, answer) = place.tell(path, "1", &json!({ "event": 7 })).await;
    assert_eq!(status, 400);
    assert_eq!(
        answer["errors"],
        json!([{ "field": "event", "message": "is no text" }, { "field": "mappingId", "message": "is missing" }])
    );
    assert_eq!(place.get(path).await.0, 405);
    assert_eq!(place.get("/").await.0, 404);
    assert!(place.stored().await.is_empty());
}

#[tokio::test]
async fn bodies_without_end_are_cut_off() {
    let place = place(Mode::ReadWrite, 10).await;
    let signature = signature(0, "");
    let head = format!(
        "POST /webhooks HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-webhook-signature: {signature}\r\n"
    );
    let (status, _) = place.send(format!("{head}content-length: 1000000000000\r\n\r\n").as_bytes()).await;
    assert_eq!(status, 413);
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let (status, _) =
        place.send(format!("{head}transfer-encoding: chunked\r\n\r\n{}", chunk.repeat(8)).as_bytes()).await;
    assert!(status == 413 || status == 0, "{status}");
    let (status, _) = place.send(format!("{head}x: {}\r\n\r\n", "y".repeat(100_000)).as_bytes()).await;
    assert!(status == 431 || status == 0, "{status}");
    assert_eq!(place.tell("/webhooks", "1", &mapping("M1")).await.0, 200, "it goes on");
}

#[tokio::test]
async fn what_cannot_be_stored_is_never_told_to_be() {
    let place = place(Mode::ReadOnly, 10).await;
    let (status, answer) = place.tell("/webhooks", "1", &mapping("M1")).await;
    assert_eq!((status, answer["code"].as_str()), (503, Some("unavailable")));
    assert_eq!(place.get("/readyz").await.0, 503);
    assert_eq!(place.get("/healthz").await.0, 200);
    assert!(place.stored().await.is_empty());
}

#[tokio::test]
async fn more_connections_than_places_wait_for_one() {
    let place = place(Mode::ReadWrite, 2).await;
    let (first, _second) = (place.connect().await, place.connect().await);
    let told = async { place.tell("/webhooks", "1", &mapping("M1")).await.0 };
    let leaves = async {
        tokio::task::yield_now().await;
        drop(first);
    };
    assert_eq!(tokio::join!(told, leaves).0, 200);
}

#[tokio::test]
async fn closing_answers_what_has_begun_and_takes_nobody_new() {
    let Place { folder, door } = place(Mode::ReadWrite, 10).await;
    let address = door.address();
    let body = mapping("M1").to_string();
    let head = format!(
        "POST /webhooks HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-webhook-signature: {}\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\n\r\n",
        signature(0, &body),
        body.len()
    );
    let mut begun = TcpStream::connect(address).await.unwrap();
    begun.write_all(head.as_bytes()).await.unwrap();
    let mut said = [0; 25];
    begun.read_exact(&mut said).await.unwrap();
    assert!(said.starts_with(b"HTTP/1.1 100"), "the request is under way");
    let closing = tokio::spawn(door.close());
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    begun.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    begun.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    tokio::time::timeout(PATIENCE, closing).await.unwrap().unwrap();
    assert_eq!(store(&folder, Mode::ReadOnly).await.events(EventFilter::default()).await.unwrap().len(), 1);
}
