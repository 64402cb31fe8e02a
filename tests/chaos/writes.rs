//! The process dies at every write of its records: in a file around each sync to the disk, on a server around each commit.

use super::cuts::{self, Again};
use super::judge::{self, Verdict, Wrong};
use super::reference::{Place, Reference};
use super::relay::{Hold, Relay};
use super::sabotage::saboteur;

/// Where in the life of one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In the middle of its first bytes.
    Begun,
    /// All of it is handed over, and none of it is sure to last.
    Written,
    /// It lasts; the process does not get to know.
    Lasting,
}

/// Around the nth write, wherever the records are.
#[derive(Debug, Clone)]
pub struct At {
    when: When,
    nth: usize,
    again: Again,
}

/// So many writes, at each of these moments, by turns resumed and planned anew.
fn each(writes: usize, moments: &[When]) -> Vec<At> {
    let at = |nth: usize| {
        moments.iter().enumerate().map(move |(turn, when)| {
            let again = if (nth + turn).is_multiple_of(2) { Again::Resume } else { Again::Plain };
            At { when: *when, nth, again }
        })
    };
    (1..=writes).flat_map(at).collect()
}

/// Every sync of a file that an apply makes.
pub fn in_a_file() -> Vec<At> {
    let place = Place::new();
    let count = place.project.path().join("syncs");
    let apply = place.project.on(&place.tenant, super::APPLY).env("LD_PRELOAD", saboteur());
    apply.env("CHAOS_COUNT", count.to_str().unwrap()).run().exits(0);
    let syncs = usize::try_from(count.metadata().unwrap().len()).unwrap();
    assert!(syncs > 50, "only {syncs} syncs were seen");
    each(syncs, &[When::Begun, When::Written, When::Lasting])
}

/// Cuts there, goes on, and judges.
pub fn trial_in_a_file(reference: &Reference, at: &At) -> Verdict {
    let place = Place::new();
    let mut verdict = Verdict::default();
    let when = match at.when {
        When::Begun => "begun",
        When::Written => "written",
        When::Lasting => "synced",
    };
    let apply = place.project.on(&place.tenant, super::APPLY).env("LD_PRELOAD", saboteur());
    let killed = apply.env("CHAOS_CUT", &format!("{when}:{}", at.nth)).run();
    verdict.insist(Wrong::Violation, killed.code.is_none(), || format!("nobody killed it: {killed}"));
    cuts::go_on(&place, at.again, &mut verdict);
    judge::settled(&place, reference, &mut verdict);
    verdict
}

/// Every commit on a server.
pub fn on_a_server() -> Vec<At> {
    let place = Place::new().on_a_server();
    let relay = Relay::start(&place.store(), None);
    place.project.on(&place.tenant, super::APPLY).env("STORE", relay.address()).run().exits(0);
    let commits = relay.commits();
    assert!(commits > 50, "only {commits} commits were seen");
    each(commits, &[When::Written, When::Lasting])
}

/// The same there.
pub fn trial_on_a_server(reference: &Reference, at: &At) -> Verdict {
    let place = Place::new().on_a_server();
    let mut verdict = Verdict::default();
    let hold = if at.when == When::Lasting { Hold::Answer } else { Hold::Commit };
    let relay = Relay::start(&place.store(), Some((at.nth, hold)));
    let mut running = place.project.on(&place.tenant, super::APPLY).env("STORE", relay.address()).start();
    while !relay.is_holding() && !running.has_ended() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let killed = running.kill();
    verdict.insist(Wrong::Violation, relay.is_holding(), || format!("the commit never came: {killed}"));
    drop(relay);
    cuts::go_on(&place, at.again, &mut verdict);
    judge::settled(&place, reference, &mut verdict);
    verdict
}
