//! Many processes that want the same, at the same time.

use serde_json::json;

use super::judge::{self, Verdict, Wrong};
use super::reference::{Place, Reference};

/// So many processes; the nth of its kind.
#[derive(Debug, Clone)]
pub struct Crowd {
    processes: usize,
    round: usize,
    /// Whether one of them is killed on the way.
    killed: bool,
    /// Whether a server keeps their records and their lock.
    server: bool,
}

/// Two and eight at once, so many times each; in every second round one is killed, and two of four rounds have a server.
pub fn all(rounds: usize) -> Vec<Crowd> {
    let crowd =
        |round| [2, 8].map(|processes| Crowd { processes, round, killed: round % 2 == 1, server: round % 4 > 1 });
    (0..rounds).flat_map(crowd).collect()
}

/// All of them end well or name the one that holds the lock, and the tenant is done once.
pub fn trial(reference: &Reference, crowd: &Crowd) -> Verdict {
    let place = if crowd.server { Place::new().on_a_server() } else { Place::new() };
    let mut verdict = Verdict::default();
    place.tenant.faults(&json!([{ "effect": "delay", "delayMs": 2 + crowd.round }]));
    let mut running: Vec<_> = (0..crowd.processes)
        .map(|at| {
            // Some wait, some give up soon.
            let timeout = if at % 4 == 3 { "1s" } else { "60s" };
            place.project.on(&place.tenant, &format!("{} --lock-timeout {timeout}", super::APPLY)).start()
        })
        .collect();
    if crowd.killed {
        std::thread::sleep(std::time::Duration::from_millis(150 * (crowd.round as u64)));
        running.swap_remove(0).kill();
    }
    for one in running {
        let finished = one.wait();
        let locked_out = finished.code == Some(1) && finished.stderr.contains("lock");
        let well = finished.code == Some(0) || locked_out;
        verdict.insist(Wrong::Violation, well, || format!("neither done nor locked out: {finished}"));
    }
    place.tenant.faults(&json!([]));
    if crowd.killed {
        let last = place.project.on(&place.tenant, super::APPLY).run();
        verdict.insist(Wrong::Violation, last.code == Some(0), || format!("the last one fails: {last}"));
    }
    judge::settled(&place, reference, &mut verdict);
    verdict
}
