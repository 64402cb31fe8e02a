//! Connections: how many, how long, and how they end. Knows nothing of what is asked on them.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::Router;
use cxform_record::Store;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::clerk::Desk;
use super::keys::Keys;
use super::meter::Meter;
use super::routes::{App, router};

/// How long a connection may be silent, and how long the headers of a request may take.
const HEADERS: Duration = Duration::from_secs(10);
/// The largest headers of a request.
const HEADER_BYTES: usize = 16 * 1024;
/// How long a connection lives at most: so long may a client hold one that reads no answer.
const LIFE: Duration = Duration::from_secs(300);
/// How long requests under way may take once the door closes.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait where the system has no connections left.
const BREATH: Duration = Duration::from_millis(100);

/// How to open the door.
#[derive(Debug)]
pub struct DoorOptions {
    /// Where.
    pub listen: SocketAddr,
    /// Who may tell.
    pub keys: Keys,
    /// Connections at a time; more of them wait.
    pub connections: usize,
}

/// The address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct OpenError {
    address: SocketAddr,
    source: std::io::Error,
}

/// An open door.
#[derive(Debug)]
pub struct Door {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Door {
    /// Listens, and serves on the present runtime.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn open(options: DoorOptions, store: Store) -> Result<Self, OpenError> {
        let DoorOptions { listen, keys, connections } = options;
        let failed = |source| OpenError { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let meter = Arc::new(Meter::default());
        let (desk, clerk) = Desk::open(store.clone(), Arc::clone(&meter));
        let app = App { keys, desk, store, meter: Arc::clone(&meter), looked: Mutex::new(None) };
        let (stop, stopped) = watch::channel(false);
        let service = router(Arc::new(app));
        let task = tokio::spawn(async move {
            accept(listener, service, stopped, connections, meter).await;
            // Every handle of the desk is gone by now.
            if clerk.await.is_err() {
                tracing::error!("storing events ended in a panic");
            }
        });
        Ok(Self { address, stop, task })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes nobody new, answers what is under way, and waits until everything answered is stored.
    pub async fn close(self) {
        let _ = self.stop.send(true);
        if self.task.await.is_err() {
            tracing::error!("the receiver ended in a panic");
        }
    }
}

async fn accept(
    listener: TcpListener,
    service: Router,
    mut stopped: watch::Receiver<bool>,
    connections: usize,
    meter: Arc<Meter>,
) {
    let places = Arc::new(Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS)));
    let mut open = JoinSet::new();
    loop {
        let next = async {
            // Who finds no place waits where the system lets clients wait.
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((place, listener.accept().await))
        };
        let arrived = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => None,
            arrived = next => arrived,
        };
        match arrived {
            None => break,
            Some((place, Ok((stream, _)))) => {
                while open.try_join_next().is_some() {}
                meter.accepted.fetch_add(1, Relaxed);
                open.spawn(serve(stream, service.clone(), stopped.clone(), place, Arc::clone(&meter)));
            }
            Some((_, Err(error))) => {
                tracing::debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    drop(service);
    let all = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE * 2, all).await.is_err() {
        open.shutdown().await;
    }
}

async fn serve(
    stream: TcpStream,
    service: Router,
    mut stopped: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
    meter: Arc<Meter>,
) {
    meter.connections.fetch_add(1, Relaxed);
    // Answers are small and are awaited.
    let _ = stream.set_nodelay(true);
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(HEADER_BYTES);
    let connection = protocol.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = pin!(connection);
    let asked_to_end = async {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(LIFE) => {}
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = asked_to_end => None,
    };
    if ended.is_none() {
        connection.as_mut().graceful_shutdown();
        // What is not done by then is cut off, and was never answered.
        let _ = tokio::time::timeout(GRACE, connection).await;
    }
    meter.connections.fetch_sub(1, Relaxed);
}
