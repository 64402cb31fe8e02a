//! Puts events on record, many in one commit: what comes in while one batch is synced to disk goes together into the next.

use std::sync::Arc;
use std::time::Instant;

use cxform_record::{NewEvent, Reception, Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::meter::Meter;

/// Events of one commit.
const BATCH: usize = 500;

type Item = (NewEvent, oneshot::Sender<Result<Reception, StoreError>>);

/// Where events are handed in.
#[derive(Debug, Clone)]
pub(super) struct Desk(mpsc::Sender<Item>);

impl Desk {
    /// Opens the desk. The clerk goes home when every handle is gone and everything handed in is answered.
    pub(super) fn open(store: Store, meter: Arc<Meter>) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(BATCH);
        (Self(sender), tokio::spawn(work(store, receiver, meter)))
    }

    /// Hands an event in. What is answered as stored is on disk.
    pub(super) async fn put(&self, event: NewEvent) -> Result<Reception, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.send((event, reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

async fn work(store: Store, mut receiver: mpsc::Receiver<Item>, meter: Arc<Meter>) {
    let mut items = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut items, BATCH).await > 0 {
        let (events, replies): (Vec<_>, Vec<_>) = items.drain(..).unzip();
        let began = Instant::now();
        let stored = store.receive(events.clone()).await;
        meter.committed(stored.is_ok(), began.elapsed());
        match stored {
            Ok(receptions) => {
                for (reply, reception) in replies.into_iter().zip(receptions) {
                    // Whoever waited may be gone; the event stays, and is known when it is told again.
                    let _ = reply.send(Ok(reception));
                }
            }
            // One that the database does not take must not take the others with it.
            Err(StoreError::Database(_) | StoreError::Contradiction(_)) if events.len() > 1 => {
                for (event, reply) in events.into_iter().zip(replies) {
                    let alone =
                        store.receive(vec![event]).await.and_then(|mut one| one.pop().ok_or(StoreError::Closed));
                    let _ = reply.send(alone);
                }
            }
            Err(error) => {
                for reply in replies {
                    let _ = reply.send(Err(error.clone()));
                }
            }
        }
    }
}
