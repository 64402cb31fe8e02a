//! One writer per tenant: taking, keeping, losing and releasing a lock. What the lock is made of is decided by the
//! store: a server's session lock guards every machine, an OS lock on a file guards this machine and user only.
//!
//! An owner that is provably dead (its OS lock is free, its session is gone) is replaced at once. One that only stopped
//! renewing is replaced after a whole lease of silence, counted by the watcher's own steady clock: no jump of
//! anybody's clock makes a living owner look dead.

mod machine;
mod session;

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};

use crate::clock::stamp;
use crate::location::Location;
use crate::migrate::random_text;
use crate::{Answer, Clock, Mode, Store, StoreError};

/// How often a waiting process looks.
const POLL: Duration = Duration::from_millis(100);

/// Who wants to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The user.
    pub actor: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The run.
    pub run: Option<String>,
}

/// Who holds a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub owner: Owner,
    /// Since when.
    pub since: String,
    /// Until when, unless it is renewed.
    pub expires: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { owner: Owner { actor, host, pid, run }, since, expires: _ } = self;
        write!(f, "`{actor}` on `{host}` (process {pid}) since {since}")?;
        run.as_ref().map_or(Ok(()), |run| write!(f, ", run `{run}`"))
    }
}

/// The lock was not taken, or not released.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error("`{tenant}` is being written by {}", .holder.as_ref().map_or_else(|| "another process".into(), ToString::to_string))]
    Held {
        /// The tenant.
        tenant: String,
        /// Who; `None` while that has not been written down yet.
        holder: Option<Box<Holder>>,
    },
    /// The folder of the lock files does not work.
    #[error("the lock files cannot be used: {0}")]
    Files(String),
    /// The store does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A lock and who renews it. The nonce tells owners apart, the count tells the living from the silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    nonce: String,
    renewals: i64,
    holder: Holder,
}

/// What a lock is made of.
trait Lock: Send {
    /// Takes the lock if it is free, and leaves the note.
    fn try_take(&mut self, lease: &Lease) -> Result<bool, LockError>;
    /// The note of whoever has it, or had it last.
    fn note(&mut self) -> Result<Option<Lease>, LockError>;
    /// Renews the note; `false` if the lock is somebody else's by now.
    fn renew(&mut self, lease: &Lease) -> Result<bool, LockError>;
    /// Takes the lock away from whoever still has the note `seen`.
    fn evict(&mut self, seen: Option<&Lease>) -> Result<(), LockError>;
    /// Gives the lock back.
    fn release(&mut self, lease: &Lease) -> Result<(), LockError>;
}

/// The right to write to a tenant, until it is dropped.
#[derive(Debug)]
pub struct Guard {
    lost: watch::Receiver<bool>,
    release: Option<Sender<()>>,
    released: Option<oneshot::Receiver<()>>,
    machine_only: bool,
}

impl Guard {
    /// Turns `true` when the lock is lost: no further write may be sent.
    #[must_use]
    pub fn lost(&self) -> watch::Receiver<bool> {
        self.lost.clone()
    }

    /// Whether it is still held, as far as is known.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !*self.lost.borrow()
    }

    /// Whether it guards against processes of this machine and user only.
    #[must_use]
    pub const fn is_machine_only(&self) -> bool {
        self.machine_only
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.release.take());
        if let Some(released) = self.released.take() {
            // Either way it is over.
            let _ = crate::wait(released);
        }
    }
}

impl Store {
    /// Takes the lock of a tenant, waiting up to `timeout` for another owner. Dropping the answer gives up waiting.
    ///
    /// # Errors
    /// Somebody else keeps it, or the lock does not work.
    pub fn acquire(&self, tenant: &str, owner: Owner, timeout: Duration) -> Answer<Guard, LockError> {
        let (reply, answer) = Answer::new();
        let (store, tenant) = (self.clone(), tenant.to_owned());
        let spawned = thread::Builder::new().name("cxform-lock".into()).spawn(move || {
            keep(store, &tenant, owner, timeout, reply);
        });
        // Without a thread the reply is dropped, and the answer says that the store is closed.
        drop(spawned);
        answer
    }

    /// Frees a tenant whose owner is dead, or with `force` whoever has it. Answers with the owner that it had.
    ///
    /// # Errors
    /// The owner lives and `force` is not given, or the lock does not work.
    pub fn unlock(&self, tenant: &str, force: bool) -> Answer<Option<Holder>, LockError> {
        let (reply, answer) = Answer::new();
        let (store, tenant) = (self.clone(), tenant.to_owned());
        let spawned = thread::Builder::new().name("cxform-unlock".into()).spawn(move || {
            let _ = reply.send(unlock(&store, &tenant, force));
        });
        drop(spawned);
        answer
    }
}

fn lock_of(store: &Store, tenant: &str) -> Result<Box<dyn Lock>, LockError> {
    let options = store.options();
    if options.mode == Mode::ReadOnly {
        return Err(StoreError::ReadOnly.into());
    }
    Ok(match &options.location {
        Location::File(_) => Box::new(machine::FileLock::new(&options.locks, tenant)?),
        Location::Server(server) => Box::new(session::SessionLock::new(server, tenant, options.lease)?),
    })
}

fn first_lease(store: &Store, owner: Owner) -> Result<Lease, LockError> {
    let now = store.options().clock.now();
    let holder = Holder { owner, since: stamp(now), expires: expiry(now, store.options().lease) };
    Ok(Lease { nonce: random_text(store.options().random)?, renewals: 0, holder })
}

fn expiry(now: Timestamp, lease: Duration) -> String {
    stamp(now.saturating_add(lease).unwrap_or(now))
}

fn keep(store: Store, tenant: &str, owner: Owner, timeout: Duration, reply: oneshot::Sender<Result<Guard, LockError>>) {
    let taken = first_lease(&store, owner).and_then(|lease| {
        let mut lock = lock_of(&store, tenant)?;
        take(&mut *lock, &lease, tenant, timeout, store.options().lease, || reply.is_closed())?;
        Ok((lock, lease))
    });
    let (mut lock, mut lease) = match taken {
        Ok(taken) => taken,
        Err(error) => return drop(reply.send(Err(error))),
    };
    let (release, released_by_guard) = channel();
    let (done, released) = oneshot::channel();
    let (tell, lost) = watch::channel(false);
    let machine_only = matches!(store.options().location, Location::File(_));
    let guard = Guard { lost, release: Some(release), released: Some(released), machine_only };
    // A caller that is gone drops the guard, or never gets it: both end the loop below.
    drop(reply.send(Ok(guard)));
    let (clock, span) = (store.options().clock.clone(), store.options().lease);
    let held =
        renew_until_released(&mut *lock, &mut lease, &clock, span, || match released_by_guard.recv_timeout(span / 6) {
            Err(RecvTimeoutError::Timeout) => false,
            Ok(()) | Err(RecvTimeoutError::Disconnected) => true,
        });
    if held {
        if let Err(error) = lock.release(&lease) {
            tracing::warn!(%error, tenant, "the lock could not be given back; it is free once this process has ended");
        }
    } else {
        tracing::error!(tenant, "the lock was lost: another process may be writing");
        let _ = tell.send(true);
        // The guard is told; it must still be able to drop.
        let _ = released_by_guard.recv();
    }
    drop(lock);
    // Whoever waits for the guard's end may end the process next: by then the store is closed in good order.
    drop(store);
    drop(done);
}

/// Waits for the lock; whoever is silent for a whole lease loses it.
fn take(
    lock: &mut dyn Lock,
    lease: &Lease,
    tenant: &str,
    timeout: Duration,
    span: Duration,
    is_unwanted: impl Fn() -> bool,
) -> Result<(), LockError> {
    let began = Instant::now();
    let mut watched: Option<(Option<Lease>, Instant)> = None;
    loop {
        if lock.try_take(lease)? {
            return Ok(());
        }
        let note = lock.note()?;
        match &watched {
            Some((seen, since)) if *seen == note => {
                if since.elapsed() >= span {
                    tracing::warn!(tenant, "the owner of the lock has been silent for a whole lease: taking over");
                    lock.evict(note.as_ref())?;
                    watched = None;
                }
            }
            _ => watched = Some((note.clone(), Instant::now())),
        }
        if began.elapsed() >= timeout || is_unwanted() {
            let holder = note.map(|note| Box::new(note.holder));
            return Err(LockError::Held { tenant: tenant.to_owned(), holder });
        }
        thread::sleep(POLL.min(timeout.saturating_sub(began.elapsed())));
    }
}

/// Answers whether the lock was held to the end.
fn renew_until_released(
    lock: &mut dyn Lock,
    lease: &mut Lease,
    clock: &Clock,
    span: Duration,
    is_released: impl Fn() -> bool,
) -> bool {
    let mut renewed = Instant::now();
    while !is_released() {
        lease.renewals += 1;
        lease.holder.expires = expiry(clock.now(), span);
        match lock.renew(lease) {
            Ok(true) => renewed = Instant::now(),
            Ok(false) => return false,
            // Giving up comes well before anybody may take over.
            Err(_) if renewed.elapsed() >= span * 2 / 3 => return false,
            Err(error) => tracing::warn!(%error, "the lock could not be renewed; trying again"),
        }
    }
    true
}

fn unlock(store: &Store, tenant: &str, force: bool) -> Result<Option<Holder>, LockError> {
    let mut lock = lock_of(store, tenant)?;
    let owner = Owner { actor: "unlock".into(), host: String::new(), pid: std::process::id(), run: None };
    let lease = first_lease(store, owner)?;
    let note = lock.note()?;
    if lock.try_take(&lease)? {
        lock.release(&lease)?;
    } else if force {
        lock.evict(note.as_ref())?;
    } else {
        let holder = note.map(|note| Box::new(note.holder));
        return Err(LockError::Held { tenant: tenant.to_owned(), holder });
    }
    Ok(note.map(|note| note.holder))
}
