//! The real binary as a process: its time, and its peak memory as the kernel counts it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::tenant::Tenant;

pub struct Run {
    pub code: i32,
    pub seconds: f64,
    pub peak_kib: u64,
    pub requests: usize,
}

impl Run {
    pub const fn with_requests(mut self, requests: usize) -> Self {
        self.requests = requests;
        self
    }
}

/// The quickest of some runs: the others were disturbed.
pub fn best_of(times: usize, mut run: impl FnMut() -> Run) -> Run {
    let mut runs: Vec<Run> = (0..times).map(|_| run()).collect();
    runs.sort_by(|left, right| left.seconds.total_cmp(&right.seconds));
    runs.swap_remove(0)
}

pub fn run(project: &Path, arguments: &[&str], tenant: Option<&Tenant>) -> Run {
    let mut command = command(project, arguments);
    if let Some(tenant) = tenant {
        command
            .env("CXONE_BASE_URL", tenant.url())
            .env("CXONE_CLIENT_ID", tenant.id())
            .env("CXONE_CLIENT_SECRET", tenant.secret());
    }
    watched(command)
}

/// An apply of everything, with a store below the project's folder.
pub fn apply(project: &Path, tenant: &cxform_emulator::Running) -> Run {
    let mut command = command(project, &["apply", "--env", "bench", "--auto-approve", "--quiet"]);
    command
        .env("HOME", project)
        .env("CXONE_BASE_URL", tenant.url())
        .env("CXONE_CLIENT_ID", tenant.client_id())
        .env("CXONE_CLIENT_SECRET", tenant.client_secret());
    watched(command)
}

fn command(project: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cxform"));
    command.args(arguments).current_dir(project).env_clear().stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn watched(mut command: Command) -> Run {
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut peak_kib = 0;
    let status = loop {
        // The high-water mark only ever rises, so the last look before the end is at most one tick short.
        peak_kib = high_water(child.id()).unwrap_or(peak_kib);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    Run { code: status.code().unwrap_or(-1), seconds: started.elapsed().as_secs_f64(), peak_kib, requests: 0 }
}

fn high_water(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
