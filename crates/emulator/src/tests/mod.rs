//! The emulator over real sockets, seen through a client that knows nothing but HTTP/1.1.

mod access;
mod faults;
mod listings;
mod scenarios;
mod state;
mod writes;

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{Emulator, FaultScript, Options, Quirks, RateLimits, Running, Seed};

/// What came back.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Everything that the server sends until it closes; a cut connection gives what came before the cut.
async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count) = stream.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        received.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(received).unwrap()
}

/// One request on a connection of its own; `None` if the connection was cut before a whole answer came.
async fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Reply> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let received = raw(address, &request).await;
    let (head, text) = received.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let reply = Reply { status, head: head.to_owned(), text: text.to_owned() };
    let whole = reply.header("content-length").is_none_or(|length| length == text.len().to_string());
    whole.then_some(reply)
}

/// A running emulator and a token for it.
struct Site {
    running: Running,
    token: String,
}

impl Site {
    async fn start(options: Options) -> Self {
        let running = Emulator::start(options).await.unwrap();
        let token = token(&running, "").await.unwrap();
        Self { running, token }
    }

    async fn seeded(seed: Value) -> Self {
        Self::start(Options { seed: Seed::Document(seed), ..quiet() }).await
    }

    async fn with_quirk(quirk: &str, seed: Value) -> Self {
        let quirks = Quirks::parse([quirk]).unwrap();
        Self::start(Options { seed: Seed::Document(seed), quirks, ..quiet() }).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<Reply> {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        all.extend_from_slice(headers);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(self.running.address(), method, path, &all, &body).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], &Value::Null).await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask("POST", path, &[], &body).await.unwrap()
    }

    async fn patch(&self, path: &str, body: Value) -> Reply {
        self.ask("PATCH", path, &[], &body).await.unwrap()
    }

    fn script(&self, rules: Value) {
        self.running.set_faults(FaultScript::parse(&json!({ "rules": rules })).unwrap());
    }
}

/// Options without limits, so that a test meets only what it asks for.
fn quiet() -> Options {
    Options { rate_limit: RateLimits::OFF, ..Options::default() }
}

async fn token(running: &Running, scope: &str) -> Option<String> {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={scope}",
        running.client_id(),
        running.client_secret()
    );
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = send(running.address(), "POST", "/api/v2/oauth/token", &headers, &form).await?;
    reply.json()["access_token"].as_str().map(str::to_owned)
}

/// Two outcomes, one of them on a running campaign.
fn small() -> Value {
    json!({
        "outcomes": [
            { "id": "o1", "name": "Sales", "code": "SI" },
            { "id": "o2", "name": "Demo", "code": "SI-DEMO", "parentOutcomeId": "o1" },
        ],
        "campaigns": [
            { "id": "c1", "name": "q3", "type": "predictive", "status": "active", "version": 7,
              "dialerSettings": { "callRate": 0.5, "concurrency": 50 } },
        ],
        "campaignGroups": [{ "id": "g1", "name": "East", "campaignIds": ["c1"] }],
        "assignments": [{ "campaignId": "c1", "outcomeId": "o2", "sequence": 1, "defaultSelection": true }],
    })
}
