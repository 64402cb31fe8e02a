//! The tenant as a server: a request comes in, is logged, may meet a fault, and gets its answer. Thin: rules are in
//! `store`, paths in `routes`; what is here is the order in which a gateway looks at things.

mod answer;
mod asked;
mod backdoor;
mod dress;
mod endpoints;
mod listings;
mod token;
pub(crate) mod urlencoded;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{ConnectInfo, Request, State},
    response::Response,
};

use crate::{
    auth::Auth,
    clock,
    faults::{Effect, Faults},
    limits::Limiter,
    options::PutMode,
    quirks::Quirks,
    requests::{Entry, Requests},
    routes::{self, Endpoint, Found, Route},
    scopes::Rights,
    store::Refusal,
    tenant::Tenant,
    wire::Cut,
};
use answer::Answer;
use asked::Asked;

const LARGEST_BODY: usize = 16 << 20;
/// A seeded state of 100,000 objects comes in through the back door.
const LARGEST_STATE: usize = 512 << 20;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) origin: String,
    pub(crate) put: PutMode,
    pub(crate) quirks: Quirks,
    pub(crate) latency: Duration,
    pub(crate) tenant: Mutex<Tenant>,
    pub(crate) auth: Mutex<Auth>,
    pub(crate) limiter: Mutex<Limiter>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) requests: Mutex<Requests>,
    pub(crate) answered: AtomicU64,
}

/// Locks what a panicking request may have left: every change is made as a whole, so the state is sound.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The server's one service.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new().fallback(serve).with_state(app)
}

async fn serve(State(app): State<Arc<App>>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    let started = Instant::now();
    let request_id = format!("req-{:08}", app.answered.fetch_add(1, Ordering::Relaxed) + 1);
    let answer = match read(request, &app.origin).await {
        Ok(asked) if asked.path.starts_with("/_emulator/") => app.back_door(&asked),
        Ok(asked) => app.respond(&asked, &cut, &request_id).await,
        Err(refusal) => Answer::refusal(&refusal, &request_id),
    };
    answer
        .with_header("x-request-id", request_id)
        .with_header("x-request-duration-ms", started.elapsed().as_millis().to_string())
        .into_response()
}

async fn read(request: Request, origin: &str) -> Result<Asked, Refusal> {
    let (parts, body) = request.into_parts();
    let limit = if parts.uri.path().starts_with("/_emulator/") { LARGEST_STATE } else { LARGEST_BODY };
    let body = to_bytes(body, limit)
        .await
        .map_err(|_| Refusal::new(413, "body_too_large", "the body is too large or was cut off"))?;
    Ok(Asked::new(parts, body.to_vec(), origin))
}

impl App {
    /// The answer to a request of the API, with the fault that the script has for it.
    async fn respond(&self, asked: &Asked, cut: &Cut, request_id: &str) -> Answer {
        let number = locked(&self.requests).arrive(logged(asked));
        let (delay, effect) = locked(&self.faults).judge(&asked.method, &asked.path);
        let pause = self.latency + delay;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let name = effect.as_ref().map(Effect::name);
        let process = || self.process(asked, request_id);
        let (answer, arrives) = match effect {
            None => (process(), true),
            Some(Effect::Status { status, headers, body, commit }) => {
                if commit {
                    process();
                }
                let mut answer = match body {
                    None => Answer::refusal(&Refusal::new(status, "injected_fault", "an injected fault"), request_id),
                    Some(serde_json::Value::String(text)) => Answer::json(status, text),
                    Some(body) => Answer::json(status, body.to_string()),
                };
                answer.headers.extend(headers);
                (answer, true)
            }
            Some(Effect::Html { status, commit }) => {
                if commit {
                    process();
                }
                (Answer::html(status), true)
            }
            Some(Effect::DropBeforeCommit) => {
                cut.now();
                (Answer::empty(500), false)
            }
            Some(Effect::DropAfterCommit) => {
                process();
                cut.now();
                (Answer::empty(500), false)
            }
            Some(Effect::TruncatedBody) => {
                let answer = process();
                // Where there is no body to cut, the whole answer goes.
                match answer.body.len() {
                    0 => cut.now(),
                    length => cut.after_body_bytes(length / 2),
                }
                (answer, true)
            }
        };
        if let Some(entry) = locked(&self.requests).entry(number) {
            entry.status = arrives.then_some(answer.status);
            entry.fault = name.or((!delay.is_zero()).then_some("delay"));
            entry.replayed = answer.replayed;
        }
        answer
    }

    fn process(&self, asked: &Asked, request_id: &str) -> Answer {
        match self.routed(asked) {
            Ok(answer) => answer,
            Err(refusal) => Answer::refusal(&refusal, request_id),
        }
    }

    fn routed(&self, asked: &Asked) -> Result<Answer, Refusal> {
        let (route, parameters) = match routes::find(&asked.method, &asked.path) {
            Found::Endpoint(route, parameters) => (route, parameters),
            Found::OtherMethods(methods) => {
                let refusal = Refusal::new(405, "method_not_allowed", format!("no {} here", asked.method));
                return Err(refusal.with_header("allow", methods.join(", ")));
            }
            Found::Nowhere => return Err(Refusal::new(404, "not_found", format!("no path `{}`", asked.path))),
        };
        if let Endpoint::Token(style) = route.endpoint {
            return Ok(self.token(style, asked));
        }
        self.admit(route, asked)?;
        let parameters: Vec<_> = parameters.iter().map(|text| urlencoded::decoded(text, false)).collect();
        self.endpoint(route.endpoint, &parameters, asked)
    }

    /// Token, right and quota, in the order in which a gateway looks at them.
    fn admit(&self, route: &Route, asked: &Asked) -> Result<(), Refusal> {
        let now = Instant::now();
        let rights: Option<Rights> = locked(&self.auth).rights(asked.header("authorization"), now);
        let rights = rights.ok_or_else(|| {
            Refusal::new(401, "unauthorized", "the bearer token is missing, unknown or expired")
                .with_header("www-authenticate", "Bearer")
        })?;
        if let Some(right) = route.right.filter(|right| !rights.has(*right)) {
            let mut refusal =
                Refusal::new(403, "insufficient_scope", format!("the token lacks the scope `{}`", right.name()));
            refusal.scope = Some(right.name());
            return Err(refusal);
        }
        let (bucket, outcomes) = route.bucket();
        let taken = locked(&self.limiter).take(&bucket, outcomes, now);
        taken.map_err(|wait| self.too_many(wait))
    }

    fn too_many(&self, wait: Duration) -> Refusal {
        let refusal = Refusal::new(429, "rate_limited", "too many requests");
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        if self.quirks.no_retry_after {
            refusal
        } else if self.quirks.retry_after_date {
            refusal.with_header("retry-after", clock::http_date_in(seconds))
        } else {
            refusal.with_header("retry-after", seconds.to_string())
        }
    }
}

/// The log's entry; credentials are not kept.
fn logged(asked: &Asked) -> Entry {
    let is_token = asked.path.ends_with("/token");
    let text = |body: &[u8]| (!body.is_empty()).then(|| String::from_utf8_lossy(body).into_owned());
    Entry {
        at: clock::millis(),
        method: asked.method.clone(),
        path: asked.path.clone(),
        query: if is_token { String::new() } else { asked.query_text.clone() },
        idempotency_key: asked.idempotency_key().map(str::to_owned),
        if_match: asked.header("if-match").map(str::to_owned),
        body: if is_token { None } else { text(&asked.body) },
        ..Entry::default()
    }
}
