//! Rate limits: token buckets whose burst is the quota. Refuses to know what a request does.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::error::EmulatorError;

/// So many requests in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The quota, which is also the burst.
    pub requests: u32,
    /// The time in which the quota refills.
    pub per: Duration,
}

/// The limits of a tenant; `None` means unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Shared by everything below `/api/v2/outcomes`.
    pub outcomes: Option<Rate>,
    /// For every other method and path template on its own.
    pub default: Option<Rate>,
}

impl RateLimits {
    /// No limits at all.
    pub const OFF: Self = Self { outcomes: None, default: None };

    /// The documented limits: 100 a second for outcomes, 100 a minute for the rest.
    pub const STANDARD: Self = Self {
        outcomes: Some(Rate { requests: 100, per: Duration::from_secs(1) }),
        default: Some(Rate { requests: 100, per: Duration::from_secs(60) }),
    };

    /// Reads `off`, `default`, or `outcomes=100/s,default=100/min`; what is not named keeps its documented limit.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str) -> Result<Self, EmulatorError> {
        match text {
            "off" => return Ok(Self::OFF),
            "default" => return Ok(Self::STANDARD),
            _ => {}
        }
        let mut limits = Self::STANDARD;
        for part in text.split(',') {
            let (name, rate) = part.trim().split_once('=').ok_or_else(|| {
                refused(format!("expected `off`, `default` or `outcomes=100/s,default=100/min`, got `{part}`"))
            })?;
            let rate = parse_rate(rate)?;
            match name {
                "outcomes" => limits.outcomes = rate,
                "default" => limits.default = rate,
                other => return Err(refused(format!("unknown limit `{other}`; there are `outcomes` and `default`"))),
            }
        }
        Ok(limits)
    }
}

fn parse_rate(text: &str) -> Result<Option<Rate>, EmulatorError> {
    if text == "off" {
        return Ok(None);
    }
    let wrong = || refused(format!("expected a rate like `100/s`, `100/min` or `off`, got `{text}`"));
    let (requests, unit) = text.split_once('/').ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let requests = requests.parse::<u32>().ok().filter(|requests| *requests > 0).ok_or_else(wrong)?;
    Ok(Some(Rate { requests, per: Duration::from_secs(seconds) }))
}

fn refused(message: String) -> EmulatorError {
    EmulatorError::Option { option: "rate-limit", message }
}

/// The buckets of a running tenant.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: RateLimits,
    buckets: HashMap<String, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Limiter {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self { limits, buckets: HashMap::new() }
    }

    /// Takes one token, or says how long the caller must wait for the next one. A refused request takes none.
    pub(crate) fn take(&mut self, bucket: &str, outcomes: bool, now: Instant) -> Result<(), Duration> {
        let Some(rate) = (if outcomes { self.limits.outcomes } else { self.limits.default }) else { return Ok(()) };
        let quota = f64::from(rate.requests);
        let per_second = quota / rate.per.as_secs_f64();
        if !self.buckets.contains_key(bucket) {
            self.buckets.insert(bucket.to_owned(), Bucket { tokens: quota, filled: now });
        }
        let Some(bucket) = self.buckets.get_mut(bucket) else { return Ok(()) };
        let gained = now.saturating_duration_since(bucket.filled).as_secs_f64() * per_second;
        bucket.tokens = (bucket.tokens + gained).min(quota);
        bucket.filled = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - bucket.tokens) / per_second))
    }
}
