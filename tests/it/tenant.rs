//! An emulator for one test, and the hand of a person on it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use cxform_emulator::{Emulator, FaultScript, Options, Running};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A tenant that lives as long as the test.
pub struct Tenant {
    running: Option<Running>,
    runtime: Runtime,
}

impl Tenant {
    pub fn start(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let running = runtime.block_on(Emulator::start(options)).unwrap();
        Self { running: Some(running), runtime }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub fn url(&self) -> String {
        self.running().url().to_owned()
    }

    /// Lets a task of the test's own share the tenant's runtime.
    pub fn block_on<T>(&self, task: impl Future<Output = T>) -> T {
        self.runtime.block_on(task)
    }

    /// What was asked of the tenant so far, in order of arrival.
    pub fn requests(&self) -> Vec<Value> {
        self.running().requests()
    }

    /// The requests that would have changed something.
    pub fn writes(&self) -> Vec<Value> {
        let writes = |entry: &Value| entry["method"] != "GET" && !entry["path"].as_str().unwrap().contains("oauth");
        self.requests().into_iter().filter(writes).collect()
    }

    /// Puts these rules of a fault script in place.
    pub fn faults(&self, rules: &Value) {
        self.running().set_faults(FaultScript::parse(&json!({ "rules": rules })).unwrap());
    }

    /// What a person does in the vendor's own screens: a call of the API with a token of their own.
    pub fn by_hand(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let credentials = "grant_type=client_credentials&client_id=emulator-client&client_secret=emulator-secret";
        let (_, answer) =
            self.request("POST", "/api/v2/oauth/token", "application/x-www-form-urlencoded", None, credentials);
        let token = answer["access_token"].as_str().unwrap().to_owned();
        let body = body.map_or_else(String::new, Value::to_string);
        self.request(method, path, "application/json", Some(&token), &body)
    }

    /// The whole state.
    pub fn state(&self) -> Value {
        self.running().state()
    }

    /// A text with `{NAME}` replaced by the id of the campaign or outcome of that name or code.
    pub fn named(&self, text: &str) -> String {
        let Some((head, rest)) = text.split_once('{') else { return text.to_owned() };
        let (name, tail) = rest.split_once('}').unwrap();
        let state = self.state();
        let all = ["campaigns", "outcomes"].into_iter().flat_map(|kind| state[kind].as_array().unwrap());
        let found = all.into_iter().find(|object| object["code"] == name || object["name"] == name);
        format!("{head}{}{tail}", found.unwrap_or_else(|| panic!("no `{name}` on the tenant"))["id"].as_str().unwrap())
    }

    fn request(&self, method: &str, path: &str, content: &str, token: Option<&str>, body: &str) -> (u16, Value) {
        let url = self.url();
        let host = url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let authorization = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{authorization}Content-Type: {content}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { unchunk(body) } else { body.to_owned() };
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }
}

fn unchunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        whole.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

impl Drop for Tenant {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}
