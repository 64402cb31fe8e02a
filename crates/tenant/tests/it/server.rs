//! A server that answers by script and remembers what it was asked. It knows HTTP and nothing of the tenant.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cxform_tenant::{Auth, Config, Connection, RetryPolicy, TokenStyle};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub const SECRET: &str = "canary-secret-quokka";
pub const TOKEN_PATH: &str = "/api/v2/oauth/token";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Seen {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A parameter of the query, as it was written.
    pub fn query(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub fn page(&self) -> u64 {
        self.query("page").and_then(|page| page.parse().ok()).unwrap_or(1)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub fn bearer(&self) -> &str {
        self.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
    }
}

/// What the server does with a request.
pub enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// These bytes, and then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, then nothing more, with the connection left open.
    Hang(Vec<u8>),
}

impl Reply {
    pub fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.into() }
    }

    pub fn json(status: u16, body: Value) -> Self {
        Self::text(status, body.to_string()).with("content-type", "application/json")
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    pub fn token(number: usize) -> Self {
        let token = format!("canary-token-{number}-wombat");
        Self::json(200, json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 }))
    }

    /// Accepted the connection and the request, then hung up.
    pub fn cut() -> Self {
        Self::Raw(Vec::new())
    }
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

pub struct Server {
    pub base_url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers everything by script, which is told the request and how many came before it.
    pub async fn raw(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, log): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&seen));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { base_url, seen, task }
    }

    /// Grants tokens, and answers everything else by script.
    pub async fn start(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let asked = Mutex::new((0, 0));
        Self::raw(move |seen, _| {
            let (ref mut tokens, ref mut others) = *asked.lock().unwrap();
            if seen.path() == TOKEN_PATH {
                *tokens += 1;
                return Reply::token(*tokens);
            }
            *others += 1;
            script(seen, *others - 1)
        })
        .await
    }

    /// What arrived, token requests apart.
    pub fn seen(&self) -> Vec<Seen> {
        self.all().into_iter().filter(|seen| seen.path() != TOKEN_PATH).collect()
    }

    pub fn tokens(&self) -> usize {
        self.all().iter().filter(|seen| seen.path() == TOKEN_PATH).count()
    }

    pub fn all(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn config(&self) -> Config {
        config(&self.base_url)
    }

    pub fn connect(&self) -> Connection {
        Connection::new(self.config()).unwrap()
    }
}

pub fn config(base_url: &str) -> Config {
    let auth = Auth {
        token_path: TOKEN_PATH.into(),
        style: TokenStyle::Form,
        client_id: "me".into(),
        client_secret: SECRET.into(),
        scopes: Vec::new(),
    };
    let mut config = Config::new(base_url, auth);
    config.page_size = 2;
    config.retry = RetryPolicy {
        tries: 4,
        budget: Duration::from_secs(10),
        first: Duration::from_millis(5),
        longest: Duration::from_millis(20),
    };
    config.timeouts.total = Duration::from_secs(5);
    config
}

/// An address where nobody listens.
pub async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, log: Arc<Mutex<Vec<Seen>>>) -> Option<()> {
    loop {
        let seen = receive(&mut stream).await?;
        let before = {
            let mut log = log.lock().unwrap();
            log.push(seen.clone());
            log.len() - 1
        };
        match script(&seen, before) {
            Reply::Answer { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).await.ok()?;
            }
            Reply::Raw(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                stream.shutdown().await.ok()?;
                return None;
            }
            Reply::Hang(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                tokio::time::sleep(Duration::from_secs(30)).await;
                return None;
            }
        }
    }
}

async fn receive(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut start = lines.next()?.split(' ');
    let (method, target) = (start.next()?.to_owned(), start.next()?.to_owned());
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(Some(0), |length| length.parse().ok())?;
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&bytes[end..end + length]).into_owned();
    Some(Seen { method, target, headers, body })
}
