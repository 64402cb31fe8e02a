//! Loaded into the binary under test in front of the C library (`LD_PRELOAD`): ends the process at a write to its records, and
//! makes the clock of the day jump. So the product needs no doors for tests. Compiled by `sabotage.rs`, without the workspace.
//!
//! - `CHAOS_CUT=WHEN:N`: around the Nth time that the store is synced to disk: `begun` in the middle of the first write after
//!   the sync before it, `written` before the sync, `synced` after it.
//! - `CHAOS_COUNT=FILE`: a byte is added to the file for each sync.
//! - `CHAOS_CLOCK=SECONDS`: so much is added at every second look at the clock.

use std::ffi::{c_char, c_int, c_long, c_void, CStr};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::OnceLock;

extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn getenv(name: *const c_char) -> *const c_char;
    fn getpid() -> c_int;
    fn kill(process: c_int, signal: c_int) -> c_int;
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn close(file: c_int) -> c_int;
    fn readlink(path: *const c_char, into: *mut u8, size: usize) -> isize;
}

type Write = unsafe extern "C" fn(c_int, *const c_void, usize) -> isize;
type WriteAt = unsafe extern "C" fn(c_int, *const c_void, usize, i64) -> isize;
type Sync = unsafe extern "C" fn(c_int) -> c_int;
type Clock = unsafe extern "C" fn(c_int, *mut Time) -> c_int;

/// `struct timespec`.
#[repr(C)]
pub struct Time {
    seconds: c_long,
    nanoseconds: c_long,
}

struct Real {
    write: Write,
    write_at: WriteAt,
    sync: Sync,
    sync_data: Sync,
    clock: Clock,
    /// When, and around which sync.
    cut: Option<(String, usize)>,
    count: *const c_char,
    jump: c_long,
}

unsafe impl Send for Real {}
unsafe impl std::marker::Sync for Real {}

static SYNCS: AtomicUsize = AtomicUsize::new(0);
static LOOKS: AtomicUsize = AtomicUsize::new(0);

fn real() -> &'static Real {
    static REAL: OnceLock<Real> = OnceLock::new();
    REAL.get_or_init(|| unsafe {
        let next = |name: &CStr| dlsym(-1isize as *mut c_void, name.as_ptr());
        let set = |name: &CStr| {
            let value = getenv(name.as_ptr());
            if value.is_null() {
                None
            } else {
                CStr::from_ptr(value).to_str().ok()
            }
        };
        Real {
            write: std::mem::transmute(next(c"write")),
            write_at: std::mem::transmute(next(c"pwrite64")),
            sync: std::mem::transmute(next(c"fsync")),
            sync_data: std::mem::transmute(next(c"fdatasync")),
            clock: std::mem::transmute(next(c"clock_gettime")),
            cut: set(c"CHAOS_CUT").and_then(|cut| {
                let (when, nth) = cut.split_once(':')?;
                Some((when.to_owned(), nth.parse().ok()?))
            }),
            count: getenv(c"CHAOS_COUNT".as_ptr()),
            jump: set(c"CHAOS_CLOCK").and_then(|jump| jump.parse().ok()).unwrap_or(0),
        }
    })
}

unsafe fn die() {
    kill(getpid(), 9);
    loop {
        std::hint::spin_loop();
    }
}

unsafe fn is_store(file: c_int) -> bool {
    let Ok(link) = std::ffi::CString::new(format!("/proc/self/fd/{file}")) else { return false };
    let mut path = [0_u8; 4096];
    let length = readlink(link.as_ptr(), path.as_mut_ptr(), path.len());
    let path = &path[..usize::try_from(length).unwrap_or(0)];
    path.windows(8).any(|part| part == b"store.db")
}

fn cuts(when: &str, nth: usize) -> bool {
    real().cut.as_ref().is_some_and(|(wanted, at)| wanted == when && *at == nth)
}

/// Whether the next write is the one that ends in the middle. A sync may have nothing to write before it.
fn begins() -> bool {
    real().cut.as_ref().is_some_and(|(wanted, at)| wanted == "begun" && *at <= SYNCS.load(SeqCst) + 1)
}

unsafe fn writes(file: c_int, half: impl FnOnce() -> isize) {
    if begins() && is_store(file) {
        half();
        die();
    }
}

unsafe fn syncs(file: c_int, sync: Sync) -> c_int {
    let real = real();
    if (real.cut.is_none() && real.count.is_null()) || !is_store(file) {
        return sync(file);
    }
    let nth = SYNCS.fetch_add(1, SeqCst) + 1;
    if cuts("written", nth) {
        die();
    }
    let done = sync(file);
    if cuts("synced", nth) {
        die();
    }
    if !real.count.is_null() {
        let counter = open(real.count, 0o2001 | 0o100, 0o600);
        (real.write)(counter, c"+".as_ptr().cast(), 1);
        close(counter);
    }
    done
}

#[no_mangle]
pub unsafe extern "C" fn write(file: c_int, bytes: *const c_void, size: usize) -> isize {
    writes(file, || (real().write)(file, bytes, size / 2));
    (real().write)(file, bytes, size)
}

#[no_mangle]
pub unsafe extern "C" fn pwrite64(file: c_int, bytes: *const c_void, size: usize, at: i64) -> isize {
    writes(file, || (real().write_at)(file, bytes, size / 2, at));
    (real().write_at)(file, bytes, size, at)
}

#[no_mangle]
pub unsafe extern "C" fn fsync(file: c_int) -> c_int {
    syncs(file, real().sync)
}

#[no_mangle]
pub unsafe extern "C" fn fdatasync(file: c_int) -> c_int {
    syncs(file, real().sync_data)
}

#[no_mangle]
pub unsafe extern "C" fn clock_gettime(clock: c_int, into: *mut Time) -> c_int {
    let real = real();
    let done = (real.clock)(clock, into);
    // The clock of the day alone: what is measured by the steady one is the machine's own business.
    if clock == 0 && real.jump != 0 && LOOKS.fetch_add(1, SeqCst) % 2 == 0 {
        (*into).seconds += real.jump;
    }
    done
}
