//! Starting and stopping: in its own process or inside another, always the same server.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    auth::Auth,
    clock,
    error::EmulatorError,
    faults::{Faults, Script},
    hash,
    http::{self, App, locked},
    limits::Limiter,
    options::Options,
    requests::Requests,
    scopes,
    tenant::Tenant,
    wire::{Cut, CuttableListener},
};

/// How long requests in flight may take when the emulator stops.
const GRACE: Duration = Duration::from_secs(2);

/// The stand-in tenant.
#[derive(Debug)]
pub struct Emulator;

/// A running emulator; dropping it stops it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    client_id: String,
    client_secret: String,
    app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Reads seed and state, listens, and serves on the present tokio runtime.
    ///
    /// # Errors
    /// When a document is malformed, the state file is in use, or the address cannot be listened on.
    pub async fn start(options: Options) -> Result<Running, EmulatorError> {
        let owned = scopes::owned(options.scopes.as_deref())?;
        let tenant = Tenant::open(&options)?;
        let failed = |source| EmulatorError::Listen { address: options.listen.to_string(), source };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let salt = hash::mix(u64::from_ne_bytes(clock::millis().to_ne_bytes()) ^ u64::from(std::process::id()));
        let app = Arc::new(App {
            origin: format!("http://{address}"),
            put: options.put,
            quirks: options.quirks,
            latency: options.latency,
            tenant: Mutex::new(tenant),
            auth: Mutex::new(Auth::new(&options.client_id, &options.client_secret, owned, options.token_ttl, salt)),
            limiter: Mutex::new(Limiter::new(options.rate_limit)),
            faults: Mutex::new(Faults::new(options.faults)),
            requests: Mutex::new(Requests::default()),
            answered: AtomicU64::new(0),
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let service = http::router(Arc::clone(&app)).into_make_service_with_connect_info::<Cut>();
        let server = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(async {
            // A dropped sender means the same as a message.
            stopped.await.ok();
        });
        let serving = tokio::spawn(async {
            if let Err(error) = server.await {
                tracing::warn!(%error, "the emulator stopped");
            }
        });
        Ok(Running {
            address,
            client_id: options.client_id,
            client_secret: options.client_secret,
            app,
            stop: Some(stop),
            serving: Some(serving),
        })
    }
}

impl Running {
    /// The base URL, for example `http://127.0.0.1:41234`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The client that gets tokens.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The secret of that client.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The requests so far, as `GET /_emulator/requests` lists them.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        self.app.listed_requests()
    }

    /// The present state, as `GET /_emulator/state` shows it.
    #[must_use]
    pub fn state(&self) -> Value {
        self.app.state()
    }

    /// Puts another fault script in place.
    pub fn set_faults(&self, script: Script) {
        self.app.set_faults(script);
    }

    /// Lets requests in flight finish for a moment, saves the state and lets its files go.
    pub async fn shutdown(mut self) {
        self.stop.take();
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(GRACE, &mut serving).await.is_err()
        {
            serving.abort();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take();
        locked(&self.app.tenant).close();
    }
}
