use std::time::{Duration, Instant};

use cxform_record::{Guard, LockError, Mode, Store, StoreError};

use crate::child::Process;
use crate::place::{Backend, on_both, owner};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

fn acquire(store: &Store, actor: &str, timeout: Duration) -> Result<Guard, LockError> {
    store.acquire("tenant", owner(actor), timeout).wait()
}

on_both! {
    fn a_second_writer_waits_and_then_learns_who_has_it(place) {
        let (first, second) = (place.open(), place.open());
        let guard = acquire(&first, "ada", SHORT).unwrap();
        assert!(guard.is_held());
        assert_eq!(guard.is_machine_only(), place.backend == Backend::Sqlite);
        let began = Instant::now();
        let error = acquire(&second, "bob", SHORT).unwrap_err();
        assert!(began.elapsed() >= SHORT);
        let LockError::Held { holder: Some(holder), .. } = &error else { panic!("{error}") };
        assert_eq!((holder.owner.actor.as_str(), holder.owner.host.as_str()), ("ada", "build-1"));
        let text = error.to_string();
        for part in ["`ada`", "`build-1`", "2026-11-21T00:00:00", "run-1"] {
            assert!(text.contains(part), "{text}");
        }
        // Another tenant is another lock.
        drop(second.acquire("another tenant", owner("bob"), SHORT).wait().unwrap());
        drop(guard);
        let began = Instant::now();
        drop(acquire(&second, "bob", LONG).unwrap());
        assert!(began.elapsed() < Duration::from_secs(2), "what is given back is free at once");
    }

    fn a_waiting_writer_gets_its_turn(place) {
        let store = place.open();
        let guard = acquire(&store, "ada", SHORT).unwrap();
        let waiting = store.acquire("tenant", owner("bob"), LONG);
        let given_up = store.acquire("tenant", owner("eve"), LONG);
        drop(given_up);
        std::thread::sleep(SHORT);
        drop(guard);
        assert!(waiting.wait().unwrap().is_held());
    }

    fn a_dead_owner_is_replaced_at_once(place) {
        let store = place.open();
        let mut process = Process::start(place, "lock");
        process.says("locked");
        assert!(matches!(acquire(&store, "ada", SHORT), Err(LockError::Held { .. })));
        process.kill();
        let began = Instant::now();
        let _guard = acquire(&store, "ada", LONG).unwrap();
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    }

    fn a_silent_owner_is_replaced_after_a_lease_and_is_told(place) {
        // The other process has leases of 1.2 s.
        let store = place.try_open(|options| options.lease = Duration::from_millis(1200)).unwrap();
        let mut process = Process::start(place, "lock");
        process.says("locked");
        process.signal("STOP");
        let began = Instant::now();
        let guard = acquire(&store, "ada", LONG).unwrap();
        assert!(began.elapsed() >= Duration::from_millis(1100), "{:?}", began.elapsed());
        process.signal("CONT");
        process.says("lost");
        assert!(process.child.wait().unwrap().success());
        std::thread::sleep(Duration::from_millis(500));
        assert!(guard.is_held(), "who lost it does not take it back");
    }

    fn a_jump_of_the_clock_kills_no_owner(place) {
        let (first, second) = (place.open(), place.open());
        let guard = acquire(&first, "ada", SHORT).unwrap();
        for jump in [400 * 86_400, -400 * 86_400] {
            place.set_clock(jump);
            assert!(matches!(acquire(&second, "bob", SHORT), Err(LockError::Held { .. })));
        }
        assert!(guard.is_held());
    }

    fn unlocking_by_hand_spares_the_living_unless_forced(place) {
        let store = place.open();
        assert_eq!(store.unlock("tenant", false).wait().unwrap(), None);
        let process = {
            let mut process = Process::start(place, "lock");
            process.says("locked");
            process
        };
        assert!(matches!(store.unlock("tenant", false).wait(), Err(LockError::Held { .. })));
        process.kill();
        std::thread::sleep(SHORT);
        assert_eq!(store.unlock("tenant", false).wait().unwrap().unwrap().owner.actor, "other");

        let guard = store.acquire("tenant", owner("ada"), SHORT).wait().unwrap();
        assert_eq!(store.unlock("tenant", true).wait().unwrap().unwrap().owner.actor, "ada");
        let next = acquire(&store, "bob", LONG).unwrap();
        drop(guard);
        assert!(next.is_held());
        assert!(matches!(acquire(&store, "eve", SHORT), Err(LockError::Held { .. })), "bob has it still");
    }

    fn eight_writers_never_hold_it_at_once(place) {
        let inside = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for at in 0..8 {
                let (inside, store) = (&inside, place.open());
                scope.spawn(move || {
                    let guard = acquire(&store, &format!("writer-{at}"), LONG).unwrap();
                    assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                    std::thread::sleep(Duration::from_millis(30));
                    assert!(guard.is_held());
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                });
            }
        });
    }

    fn who_only_reads_takes_no_lock(place) {
        drop(place.open());
        let store = place.try_open(|options| options.mode = Mode::ReadOnly).unwrap();
        assert_eq!(acquire(&store, "ada", SHORT).unwrap_err(), LockError::Store(StoreError::ReadOnly));
    }
}
