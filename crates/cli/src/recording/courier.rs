//! Carries stored notices to their receivers: at least once, signed, beside the run and never in its way.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use cxform_manifest::{Notification, Receiver};
use cxform_record::{Notice, Store, signature_header};
use jiff::Timestamp;
use reqwest::{Client, Url, redirect};
use secrecy::ExposeSecret as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::notices::{event_and_receiver, receiver_key};

/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of a run waits for what is still to be sent; the rest goes out with the next run.
const LAST_ROUND: Duration = Duration::from_secs(10);
/// How often the outbox is looked at while a run goes on.
const PAUSE: Duration = Duration::from_millis(500);
/// After so long a receiver does not get a notice any more.
const GIVE_UP: Duration = Duration::from_secs(7 * 24 * 3600);
/// How many are under way at once.
const BATCH: u32 = 16;

/// A receiver that can be reached, or why it cannot.
type Way = Result<(Client, Receiver), String>;

/// Sends what is due while it lives.
pub struct Courier {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Courier {
    /// Starts sending, if there is anybody to send to. Must be called within a runtime.
    pub fn start(store: Store, notifications: &[Notification]) -> Option<Self> {
        if notifications.is_empty() {
            return None;
        }
        let ways: HashMap<String, Way> =
            notifications.iter().map(|receiver| (receiver_key(receiver), way(receiver))).collect();
        for error in ways.values().filter_map(|way| way.as_ref().err()) {
            tracing::warn!("notifications wait: {error}");
        }
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move { Round { store, ways }.go(stopped).await });
        Some(Self { stop, task })
    }

    /// Sends what is there, for a bounded time.
    pub async fn finish(self) {
        let _ = self.stop.send(true);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(LAST_ROUND, self.task).await.is_err() {
            abort.abort();
            tracing::warn!("not every notification has arrived yet; the next run sends the rest");
        }
    }
}

struct Round {
    store: Store,
    ways: HashMap<String, Way>,
}

impl Round {
    async fn go(self, mut stopped: watch::Receiver<bool>) {
        loop {
            // What comes after the stop was asked for is not in the store before it, so one more look is enough.
            let is_last = *stopped.borrow();
            self.send_all().await;
            if is_last {
                return;
            }
            let _ = tokio::time::timeout(PAUSE, stopped.changed()).await;
        }
    }

    async fn send_all(&self) {
        let began = Instant::now();
        while began.elapsed() < LAST_ROUND {
            let due = match self.store.due(Timestamp::now(), BATCH, PATIENCE * 4).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "notifications cannot be looked up");
                    return;
                }
            };
            if due.is_empty() {
                return;
            }
            futures_util::future::join_all(due.iter().map(|notice| self.send(notice))).await;
        }
    }

    async fn send(&self, notice: &Notice) {
        let (event, receiver) = event_and_receiver(&notice.id);
        let sent = match self.ways.get(receiver) {
            Some(Ok((client, receiver))) => post(client, receiver, event, notice).await,
            Some(Err(error)) => Err(error.clone()),
            None => Err("`cxform.yaml` names its receiver no more".to_owned()),
        };
        let noted = match sent {
            Ok(()) => self.store.delivered(&notice.id).await,
            Err(error) => {
                tracing::warn!(
                    event = notice.kind,
                    attempt = notice.attempts,
                    "a notification did not arrive: {error}"
                );
                self.store.failed(&notice.id, &error, next(notice, Timestamp::now())).await
            }
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "what became of a notification could not be recorded; it may be sent again");
        }
    }
}

/// When a notice is tried again: soon at first, every hour in the end, and after a week never.
fn next(notice: &Notice, now: Timestamp) -> Option<Timestamp> {
    let created: Option<Timestamp> = notice.created.parse().ok();
    let age = created.map(|created| Duration::try_from(now.duration_since(created)).unwrap_or_default());
    if age.is_some_and(|age| age > GIVE_UP) {
        return None;
    }
    let doublings = u32::try_from(notice.attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(11);
    let wait = Duration::from_secs(2).saturating_mul(1 << doublings).min(Duration::from_secs(3600));
    Some(now.saturating_add(wait).unwrap_or(now))
}

fn way(notification: &Notification) -> Way {
    let receiver = notification.resolve(&|name| std::env::var(name).ok()).map_err(|error| error.to_string())?;
    let url: Url = receiver.url.expose_secret().parse().map_err(|_| "a `url` is no URL".to_owned())?;
    // Whoever installed a provider first wins; ours is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("cxform/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .timeout(PATIENCE);
    builder = if url.scheme() == "https" {
        builder.https_only(true)
    } else {
        // Loopback: no proxy and no certificate store comes into it.
        builder.no_proxy().tls_certs_only([])
    };
    let client = builder.build().map_err(|error| error.without_url().to_string())?;
    Ok((client, receiver))
}

async fn post(client: &Client, receiver: &Receiver, event: &str, notice: &Notice) -> Result<(), String> {
    let body = serde_json::to_vec(&notice.payload).map_err(|error| error.to_string())?;
    let timestamp = Timestamp::now().as_second().to_string();
    let signature = signature_header(receiver.secret.expose_secret().as_bytes(), &timestamp, &body);
    let mut request = client
        .post(receiver.url.expose_secret())
        .header("content-type", "application/json")
        .header("x-webhook-id", event)
        .header("x-webhook-event", &notice.kind)
        .header("x-webhook-signature", signature);
    if let Some((header, value)) = &receiver.token {
        request = request.header(header, value.expose_secret());
    }
    let answer = request.body(body).send().await.map_err(|error| {
        // A URL may be a secret by itself.
        let error = error.without_url();
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("{error}{cause}")
    })?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("the receiver answered {}", status.as_u16())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_tried_less_and_less_and_after_a_week_no_more() {
        let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        let notice = |attempts, created: &str| Notice {
            id: "x@y".into(),
            kind: "conflict".into(),
            payload: serde_json::Value::Null,
            created: created.into(),
            attempts,
            next_attempt: String::new(),
            delivered: None,
            error: None,
        };
        let wait =
            |attempts| next(&notice(attempts, "2026-11-20T23:00:00Z"), now).unwrap().duration_since(now).as_secs();
        assert_eq!([wait(1), wait(2), wait(5), wait(40)], [2, 4, 32, 3600]);
        assert_eq!(next(&notice(40, "2026-11-13T00:00:00Z"), now), None);
    }
}
