//! Keeps requests below the tenant's rates, so that in the steady state it never has to say no.
//!
//! One bucket for all outcome operations and one for each other call \[000\]\[002\]. Waiters are served in the order
//! of arrival. A 429 empties and slows its bucket, which then recovers by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cxform_model::{Endpoint, Rate, RateLimits};
use tokio::time::Instant;

/// The share of rate and burst that is used: requests sent at exactly the rate arrive closer together now and then.
const USED: f64 = 0.97;
/// How much of its pace a bucket keeps after a 429, and the least that it keeps after many.
const KEPT: f64 = 0.7;
const LEAST: f64 = 0.1;
/// How long a bucket takes from a standstill to full pace.
const RECOVERY: Duration = Duration::from_secs(120);

pub(crate) struct Limiter {
    limits: RateLimits,
    buckets: Mutex<BTreeMap<Option<Endpoint>, Arc<Bucket>>>,
}

impl Limiter {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    /// Waits until a request may be sent.
    pub(crate) async fn acquire(&self, endpoint: Endpoint) {
        self.bucket(endpoint).acquire().await;
    }

    /// The tenant said too many requests: nothing is sent for `pause`, and less than before afterwards.
    pub(crate) fn slow_down(&self, endpoint: Endpoint, pause: Duration) {
        self.bucket(endpoint).with_state(|state| state.slow_down(Instant::now(), pause));
    }

    fn bucket(&self, endpoint: Endpoint) -> Arc<Bucket> {
        let key = (!endpoint.is_outcome_operation()).then_some(endpoint);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(buckets.entry(key).or_insert_with(|| Arc::new(Bucket::new(self.limits.of(endpoint)))))
    }
}

struct Bucket {
    /// Held by the one waiter whose turn it is, while it sleeps; the queue behind it is first come, first served.
    turn: tokio::sync::Mutex<()>,
    /// Never held across a wait, so a 429 gets in while someone sleeps.
    state: Mutex<State>,
}

impl Bucket {
    fn new(rate: Rate) -> Self {
        Self { turn: tokio::sync::Mutex::default(), state: Mutex::new(State::new(rate, Instant::now())) }
    }

    async fn acquire(&self) {
        let _turn = self.turn.lock().await;
        while let Some(wait) = self.with_state(|state| state.take(Instant::now())) {
            tokio::time::sleep(wait).await;
        }
    }

    fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct State {
    rate: f64,
    burst: f64,
    tokens: f64,
    /// The share of the rate that is used at present.
    pace: f64,
    updated: Instant,
    paused_until: Instant,
}

impl State {
    fn new(rate: Rate, now: Instant) -> Self {
        let burst = (f64::from(rate.requests) * USED).floor().max(1.0);
        Self { rate: rate.per_second() * USED, burst, tokens: burst, pace: 1.0, updated: now, paused_until: now }
    }

    /// Takes a token, or says how long there is none.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        self.refill(now);
        if now < self.paused_until {
            return Some(self.paused_until - now);
        }
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        // A millisecond more than computed: the timer's grain must not make this loop spin.
        Some(Duration::from_secs_f64((1.0 - self.tokens) / (self.rate * self.pace)) + Duration::from_millis(1))
    }

    fn refill(&mut self, now: Instant) {
        let from = self.updated.max(self.paused_until);
        if now > from {
            let seconds = (now - from).as_secs_f64();
            let before = self.pace;
            self.pace = (before + seconds / RECOVERY.as_secs_f64()).min(1.0);
            let gained = seconds * self.rate * f64::midpoint(before, self.pace);
            self.tokens = (self.tokens + gained).min((self.burst * self.pace).max(1.0));
        }
        self.updated = now;
    }

    fn slow_down(&mut self, now: Instant, pause: Duration) {
        self.refill(now);
        // Requests that were in flight together fail together; they count as one.
        if now >= self.paused_until {
            self.pace = (self.pace * KEPT).max(LEAST);
        }
        self.tokens = 0.0;
        if let Some(until) = now.checked_add(pause) {
            self.paused_until = self.paused_until.max(until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: Endpoint = Endpoint::ListCampaigns;

    fn limiter() -> Arc<Limiter> {
        Arc::new(Limiter::new(RateLimits::default()))
    }

    async fn time(limiter: &Limiter, endpoint: Endpoint, requests: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..requests {
            limiter.acquire(endpoint).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_stays_below_the_rate() {
        let limiter = limiter();
        assert!(time(&limiter, LIST, 97).await < 0.001);
        let seconds = time(&limiter, LIST, 100).await;
        assert!((60.5..65.0).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn outcome_operations_share_one_quota_and_other_calls_have_their_own() {
        let limiter = limiter();
        time(&limiter, Endpoint::CreateOutcome, 97).await;
        assert!(time(&limiter, Endpoint::UpdateDesktop, 1).await > 0.005);
        assert!(time(&limiter, Endpoint::Assign, 97).await < 0.001);
        assert!(time(&limiter, Endpoint::Unassign, 97).await < 0.001);
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_pauses_only_its_bucket_even_for_those_who_already_wait() {
        let limiter = limiter();
        time(&limiter, LIST, 97).await;
        let waiting = tokio::spawn({
            let limiter = Arc::clone(&limiter);
            async move { time(&limiter, LIST, 1).await }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        limiter.slow_down(LIST, Duration::from_secs(10));
        assert!(time(&limiter, Endpoint::ReadCampaign, 1).await < 0.001);
        let seconds = waiting.await.unwrap();
        assert!((10.0..12.0).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_is_slower_after_a_429_and_recovers() {
        let limiter = limiter();
        limiter.slow_down(LIST, Duration::from_secs(1));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let seconds = time(&limiter, LIST, 10).await;
        assert!(seconds > 6.5, "{seconds} at full pace would be 6.2");
        tokio::time::sleep(Duration::from_secs(300)).await;
        assert!(time(&limiter, LIST, 97).await < 0.001);
    }

    /// A tenant's bucket of 100 requests a minute, from which somebody else takes a share as well.
    struct Shared {
        tokens: f64,
        filled: Instant,
    }

    impl Shared {
        fn new() -> Self {
            Self { tokens: 100.0, filled: Instant::now() }
        }

        /// Whether the tenant takes a request while the other user takes so many a second.
        fn takes(&mut self, others: f64) -> bool {
            let seconds = self.filled.elapsed().as_secs_f64();
            self.filled = Instant::now();
            self.tokens = (self.tokens + seconds * (100.0 / 60.0 - others)).clamp(0.0, 100.0);
            let taken = self.tokens >= 1.0;
            if taken {
                self.tokens -= 1.0;
            }
            taken
        }
    }

    /// Requests that the tenant took and refused within `minutes`.
    async fn spell(limiter: &Limiter, tenant: &mut Shared, others: f64, minutes: u64) -> (u32, u32) {
        let (start, mut taken, mut refused) = (Instant::now(), 0, 0);
        while start.elapsed() < Duration::from_secs(60 * minutes) {
            limiter.acquire(LIST).await;
            if tenant.takes(others) {
                taken += 1;
            } else {
                refused += 1;
                limiter.slow_down(LIST, Duration::from_secs(2));
            }
        }
        (taken, refused)
    }

    #[tokio::test(start_paused = true)]
    async fn another_user_of_the_quota_slows_us_down_and_once_it_has_gone_we_are_as_quick_as_before() {
        let (limiter, mut tenant) = (limiter(), Shared::new());
        let (alone, refused) = spell(&limiter, &mut tenant, 0.0, 10).await;
        assert!(refused == 0 && alone >= 1000, "{alone} taken, {refused} refused");
        // Half of the quota is somebody else's now.
        let half = 50.0 / 60.0;
        let (shared, refused) = spell(&limiter, &mut tenant, half, 30).await;
        assert!(shared >= 1200, "{shared} of 1,500 that are left to us were taken");
        assert!(refused * 10 <= shared, "{refused} refused beside {shared} taken");
        // Gone again: after the time of recovery everything is as it was.
        spell(&limiter, &mut tenant, 0.0, 3).await;
        let (after, refused) = spell(&limiter, &mut tenant, 0.0, 10).await;
        assert!(refused == 0 && after >= 950, "{after} taken, {refused} refused");
    }

    #[tokio::test(start_paused = true)]
    async fn a_herd_of_429s_counts_once() {
        let limiter = limiter();
        for _ in 0..50 {
            limiter.slow_down(LIST, Duration::from_secs(1));
        }
        let seconds = time(&limiter, LIST, 2).await;
        assert!(seconds < 4.0, "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn waiters_are_served_in_the_order_of_arrival() {
        let limiter = limiter();
        time(&limiter, LIST, 97).await;
        let (sender, mut served) = tokio::sync::mpsc::unbounded_channel();
        for number in 0..20 {
            let (limiter, sender) = (Arc::clone(&limiter), sender.clone());
            tokio::spawn(async move {
                limiter.acquire(LIST).await;
                let _ = sender.send(number);
            });
            tokio::task::yield_now().await;
        }
        drop(sender);
        let mut order = Vec::new();
        while let Some(number) = served.recv().await {
            order.push(number);
        }
        assert_eq!(order, (0..20).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_gives_up_blocks_nobody() {
        let limiter = limiter();
        time(&limiter, LIST, 97).await;
        let gave_up = tokio::time::timeout(Duration::from_millis(10), limiter.acquire(LIST)).await;
        assert!(gave_up.is_err());
        assert!(time(&limiter, LIST, 1).await < 1.0);
    }
}
