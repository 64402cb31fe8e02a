//! The bearer token: held, renewed before it runs out, and never asked for twice at once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::TenantError;

/// Renewal comes this long before the end, or a tenth of the token's life if that is shorter.
const MARGIN: Duration = Duration::from_secs(60);

/// What a token endpoint grants.
pub(crate) struct Grant {
    pub(crate) token: SecretString,
    pub(crate) life: Duration,
    /// The scopes that it is good for, where the tenant says so.
    pub(crate) scopes: Option<Vec<String>>,
}

/// A token in use. Two are the same when they come from one grant.
#[derive(Clone)]
pub(crate) struct Bearer {
    pub(crate) token: Arc<SecretString>,
    pub(crate) scopes: Option<Arc<[String]>>,
    grant: u64,
}

#[derive(Default)]
pub(crate) struct Tokens(Mutex<State>);

#[derive(Default)]
struct State {
    held: Option<(Bearer, Instant)>,
    grants: u64,
    failure: Option<(TenantError, Instant)>,
}

impl Tokens {
    /// The token in use, or a new one. Whoever comes while a renewal runs waits for it and shares how it ends.
    pub(crate) async fn get<F>(&self, request: impl FnOnce() -> F) -> Result<Bearer, TenantError>
    where
        F: Future<Output = Result<Grant, TenantError>>,
    {
        let came = Instant::now();
        let mut state = self.0.lock().await;
        if let Some((bearer, renew_at)) = &state.held
            && Instant::now() < *renew_at
        {
            return Ok(bearer.clone());
        }
        if let Some((error, failed_at)) = &state.failure
            && (matches!(error, TenantError::Credentials(_)) || came < *failed_at)
        {
            return Err(error.clone());
        }
        match request().await {
            Ok(Grant { token, life, scopes }) => {
                state.grants += 1;
                state.failure = None;
                let scopes = scopes.map(Into::into);
                let bearer = Bearer { token: Arc::new(token), scopes, grant: state.grants };
                let now = Instant::now();
                let renew_at = now.checked_add(life.saturating_sub(MARGIN.min(life / 10)));
                state.held = Some((bearer.clone(), renew_at.unwrap_or(now)));
                Ok(bearer)
            }
            Err(error) => {
                state.failure = Some((error.clone(), Instant::now()));
                Err(error)
            }
        }
    }

    /// The tenant refused this token. Only it is given up: many requests may fail with one token, and the first
    /// of them has a new one by the time the last comes here.
    pub(crate) async fn refuse(&self, refused: &Bearer) {
        let mut state = self.0.lock().await;
        if state.held.as_ref().is_some_and(|(held, _)| held.grant == refused.grant) {
            state.held = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::{Call, Refusal};

    #[derive(Clone, Default)]
    struct Source(Arc<(Tokens, AtomicU32)>);

    impl Source {
        async fn get(&self, life: u64, answer: Option<TenantError>) -> Result<Bearer, TenantError> {
            let source = self.clone();
            let request = || async move {
                source.0.1.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(50)).await;
                answer.map_or_else(
                    || Ok(Grant { token: SecretString::from("t"), life: Duration::from_secs(life), scopes: None }),
                    Err,
                )
            };
            self.0.0.get(request).await
        }

        fn asked(&self) -> u32 {
            self.0.1.load(Ordering::SeqCst)
        }

        async fn herd(&self, answer: Option<TenantError>) -> Vec<Result<Bearer, TenantError>> {
            let tasks: Vec<_> = (0..50)
                .map(|_| {
                    let (source, answer) = (self.clone(), answer.clone());
                    tokio::spawn(async move { source.get(3600, answer).await })
                })
                .collect();
            let mut results = Vec::new();
            for task in tasks {
                results.push(task.await.unwrap());
            }
            results
        }
    }

    fn unreachable() -> TenantError {
        let call = Call { method: "POST", path: "/token".into() };
        TenantError::Unreachable { call, cause: "refused".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_herd_makes_one_request() {
        let source = Source::default();
        assert!(source.herd(None).await.iter().all(Result::is_ok));
        assert_eq!(source.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_herd_shares_a_failure_and_the_next_one_tries_again() {
        let source = Source::default();
        assert!(source.herd(Some(unreachable())).await.iter().all(Result::is_err));
        assert_eq!(source.asked(), 1);
        assert!(source.get(3600, None).await.is_ok());
        assert_eq!(source.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn refused_credentials_are_never_tried_again() {
        let source = Source::default();
        let refusal = Refusal {
            call: Call { method: "POST", path: "/token".into() },
            status: 401,
            code: None,
            message: String::new(),
            field_errors: Vec::new(),
            required_scopes: Vec::new(),
            request_id: None,
            retry_after: None,
            body: String::new(),
        };
        let error = TenantError::Credentials(Box::new(refusal));
        assert!(source.get(3600, Some(error)).await.is_err());
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(source.get(3600, None).await.is_err());
        assert_eq!(source.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_early() {
        for (life, still_good, renewed) in [(3600, 3500, 45), (100, 85, 6)] {
            let source = Source::default();
            source.get(life, None).await.unwrap();
            tokio::time::sleep(Duration::from_secs(still_good)).await;
            source.get(life, None).await.unwrap();
            assert_eq!(source.asked(), 1, "life {life}");
            tokio::time::sleep(Duration::from_secs(renewed)).await;
            source.get(life, None).await.unwrap();
            assert_eq!(source.asked(), 2, "life {life}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_herd_of_refusals_costs_one_renewal() {
        let source = Source::default();
        let old = source.get(3600, None).await.unwrap();
        for _ in 0..10 {
            source.0.0.refuse(&old).await;
            source.get(3600, None).await.unwrap();
        }
        assert_eq!(source.asked(), 2);
    }
}
