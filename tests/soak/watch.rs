//! Whether what a process holds grows: its memory and its descriptors as the kernel counts them, second by second.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// What starting up takes: nothing of that is a leak.
const WARM_UP: usize = 12;

/// What a process held at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub mebibytes: f64,
    pub descriptors: f64,
}

/// Looks at a process once a second until it is asked what it saw.
pub struct Watch {
    stop: Sender<()>,
    thread: JoinHandle<Vec<Sample>>,
}

impl Watch {
    pub fn of(process: u32) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut samples = Vec::new();
            while stopped.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                samples.extend(sample(process));
            }
            samples
        });
        Self { stop, thread }
    }

    pub fn samples(self) -> Vec<Sample> {
        drop(self.stop);
        self.thread.join().unwrap()
    }
}

fn sample(process: u32) -> Option<Sample> {
    let descriptors = std::fs::read_dir(format!("/proc/{process}/fd")).ok()?.count();
    Some(Sample { mebibytes: mebibytes(process, "VmRSS:")?, descriptors: descriptors as f64 })
}

/// The most memory that a process had so far. None once it has ended.
pub fn peak(process: u32) -> Option<f64> {
    mebibytes(process, "VmHWM:")
}

fn mebibytes(process: u32, row: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(row))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// A quantity in the first and in the last third of the time, and what it may be in the last.
#[derive(Debug)]
pub struct Trend {
    pub name: &'static str,
    pub first: f64,
    pub last: f64,
    pub most: f64,
}

impl Trend {
    /// Memory: the median of each third. It may grow by a tenth and two MiB, which is what an allocator keeps for later.
    pub fn memory(name: &'static str, mebibytes: impl Iterator<Item = f64>) -> Option<Self> {
        let (first, last) = thirds(mebibytes.collect(), |sorted| sorted[sorted.len() / 2])?;
        Some(Self { name, first, last, most: first * 1.1 + 2.0 })
    }

    /// Descriptors: the least of each third, which is what a process holds at rest. Some may be connections kept for later.
    pub fn descriptors(name: &'static str, descriptors: impl Iterator<Item = f64>) -> Option<Self> {
        let (first, last) = thirds(descriptors.collect(), |sorted| sorted[0])?;
        Some(Self { name, first, last, most: first + 4.0 })
    }

    /// Of a process that lives long.
    pub fn of(samples: &[Sample]) -> Vec<Self> {
        let warm = &samples[WARM_UP.min(samples.len())..];
        let memory = Self::memory("memory of `tune`, MiB", warm.iter().map(|sample| sample.mebibytes));
        let descriptors = Self::descriptors("descriptors of `tune`", warm.iter().map(|sample| sample.descriptors));
        memory.into_iter().chain(descriptors).collect()
    }

    pub fn flat(&self) -> Result<(), String> {
        let Self { name, first, last, most } = self;
        if last <= most { Ok(()) } else { Err(format!("{name} grow: {first:.1}, then {last:.1}, over {most:.1}")) }
    }
}

fn thirds(values: Vec<f64>, of: fn(&[f64]) -> f64) -> Option<(f64, f64)> {
    let third = values.len() / 3;
    let over = |part: &[f64]| {
        let mut part = part.to_vec();
        part.sort_by(f64::total_cmp);
        of(&part)
    };
    (third > 0).then(|| (over(&values[..third]), over(&values[values.len() - third..])))
}
