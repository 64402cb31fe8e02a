//! The emulator without rate limits, and a bare client that downloads its pages one after the other.

use std::time::{Duration, Instant};

use cxform_emulator::{Emulator, Options, RateLimits, Running, Seed};
use cxform_tenant::{Auth, Config, Connection, TokenStyle};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::generated::Generated;

pub struct Tenant {
    /// The product's own client; making it also sets up TLS for the bare one.
    pub connection: Connection,
    running: Running,
    runtime: Runtime,
}

pub struct Download {
    pub seconds: f64,
    pub requests: usize,
}

pub fn start(generated: &Generated, latency: Duration) -> Tenant {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let options = Options {
        seed: Seed::Document(generated.seed.clone()),
        rate_limit: RateLimits::OFF,
        latency,
        ..Options::default()
    };
    let running = runtime.block_on(Emulator::start(options)).unwrap();
    let auth = Auth {
        token_path: "/api/v2/oauth/token".to_owned(),
        style: TokenStyle::Form,
        client_id: running.client_id().to_owned(),
        client_secret: running.client_secret().into(),
        scopes: Vec::new(),
    };
    let connection = Connection::new(Config::new(running.url(), auth)).unwrap();
    Tenant { connection, running, runtime }
}

impl Tenant {
    pub fn url(&self) -> String {
        self.running.url()
    }

    pub fn id(&self) -> &str {
        self.running.client_id()
    }

    pub fn secret(&self) -> &str {
        self.running.client_secret()
    }

    pub fn requests(&self) -> usize {
        self.running.requests().len()
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The same pages, by a client that does nothing else.
    pub fn download(&self) -> Download {
        let started = Instant::now();
        let requests = self.block_on(async {
            let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
            let form =
                [("grant_type", "client_credentials"), ("client_id", self.id()), ("client_secret", self.secret())];
            let answer = client.post(format!("{}/api/v2/oauth/token", self.url())).form(&form).send().await.unwrap();
            let token = answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
            let mut requests = 1;
            for listing in ["outcomes", "callcodes", "campaigns"] {
                for page in 1.. {
                    let url = format!("{}/api/v2/{listing}?page={page}&pageSize=250", self.url());
                    let body: Value = client.get(url).bearer_auth(&token).send().await.unwrap().json().await.unwrap();
                    requests += 1;
                    if matches!(body["nextPage"], Value::Null | Value::Bool(false)) {
                        break;
                    }
                }
            }
            requests
        });
        Download { seconds: started.elapsed().as_secs_f64(), requests }
    }
}
