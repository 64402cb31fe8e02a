//! What `/metrics` tells, in the text form of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use cxform_record::Channel;

/// Why a request got something else than `200`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Stranger,
    Clock,
    Payload,
    TooLarge,
    TooSlow,
    MediaType,
    IdTaken,
    Store,
    NoSuchPlace,
}

impl Reason {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Stranger, "stranger"),
        (Self::Clock, "clock"),
        (Self::Payload, "payload"),
        (Self::TooLarge, "too_large"),
        (Self::TooSlow, "too_slow"),
        (Self::MediaType, "media_type"),
        (Self::IdTaken, "id_taken"),
        (Self::Store, "store"),
        (Self::NoSuchPlace, "no_such_place"),
    ];
}

/// How often the same thing is logged at most, in seconds.
const QUIET: i64 = 10;

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Meter {
    stored: [AtomicU64; 3],
    known: [AtomicU64; 3],
    refused: [AtomicU64; 9],
    logged: [AtomicI64; 9],
    pub(super) connections: AtomicI64,
    pub(super) accepted: AtomicU64,
    commits: AtomicU64,
    failed_commits: AtomicU64,
    commit_micros: AtomicU64,
}

const CHANNELS: [Channel; 3] = [Channel::Mapping, Channel::Campaign, Channel::Run];

impl Meter {
    pub(super) fn stored(&self, channel: Channel) {
        self.stored[channel as usize].fetch_add(1, Relaxed);
    }

    pub(super) fn known(&self, channel: Channel) {
        self.known[channel as usize].fetch_add(1, Relaxed);
    }

    /// Counts a refusal. Whether it is time to log one of its kind again: a flood of them must not flood the log.
    pub(super) fn refused(&self, reason: Reason, now: i64) -> bool {
        self.refused[reason as usize].fetch_add(1, Relaxed);
        let last = self.logged[reason as usize].load(Relaxed);
        let is_time = now.saturating_sub(last).saturating_abs() >= QUIET;
        is_time && self.logged[reason as usize].compare_exchange(last, now, Relaxed, Relaxed).is_ok()
    }

    pub(super) fn committed(&self, is_stored: bool, took: Duration) {
        if is_stored { &self.commits } else { &self.failed_commits }.fetch_add(1, Relaxed);
        self.commit_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Everything, as it is scraped.
    pub(super) fn text(&self) -> String {
        let Self { stored, known, refused, logged: _, connections, accepted, commits, failed_commits, commit_micros } =
            self;
        let mut out = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, String)]| {
            let _ = writeln!(out, "# HELP cxform_receive_{name} {help}\n# TYPE cxform_receive_{name} {kind}");
            for (labels, value) in samples {
                let _ = writeln!(out, "cxform_receive_{name}{labels} {value}");
            }
        };
        let mut events = Vec::new();
        for channel in CHANNELS {
            for (result, counts) in [("stored", stored), ("known", known)] {
                let labels = format!("{{channel=\"{channel}\",result=\"{result}\"}}");
                events.push((labels, counts[channel as usize].load(Relaxed).to_string()));
            }
        }
        family("events_total", "counter", "Events that were answered with 200.", &events);
        let refusals = Reason::ALL.map(|(reason, word)| {
            (format!("{{reason=\"{word}\"}}"), refused[reason as usize].load(Relaxed).to_string())
        });
        family("refused_total", "counter", "Requests that were answered with anything else.", &refusals);
        let one = |value: String| [(String::new(), value)];
        family("connections", "gauge", "Open connections.", &one(connections.load(Relaxed).to_string()));
        family("connections_total", "counter", "Connections so far.", &one(accepted.load(Relaxed).to_string()));
        family("commits_total", "counter", "Commits of one or more events.", &one(commits.load(Relaxed).to_string()));
        family(
            "failed_commits_total",
            "counter",
            "Commits that failed.",
            &one(failed_commits.load(Relaxed).to_string()),
        );
        #[expect(clippy::cast_precision_loss, reason = "a figure for graphs")]
        let seconds = commit_micros.load(Relaxed) as f64 / 1e6;
        family("commit_seconds_total", "counter", "Time that commits took.", &one(format!("{seconds:.6}")));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_has_a_place_of_its_own() {
        for (at, (reason, _)) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, at);
        }
        for (at, channel) in CHANNELS.into_iter().enumerate() {
            assert_eq!(channel as usize, at);
        }
        let meter = Meter::default();
        meter.stored(Channel::Campaign);
        meter.known(Channel::Campaign);
        assert!(meter.refused(Reason::Clock, 100));
        assert!(!meter.refused(Reason::Clock, 105), "said a moment ago");
        assert!(meter.refused(Reason::Payload, 105));
        assert!(meter.refused(Reason::Clock, 111));
        meter.committed(true, Duration::from_millis(1500));
        let text = meter.text();
        for line in [
            "cxform_receive_events_total{channel=\"campaign\",result=\"stored\"} 1",
            "cxform_receive_events_total{channel=\"mapping\",result=\"stored\"} 0",
            "cxform_receive_refused_total{reason=\"clock\"} 3",
            "cxform_receive_commits_total 1",
            "cxform_receive_commit_seconds_total 1.500000",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
