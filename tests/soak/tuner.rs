//! `cxform tune --interval` as a process that lives long, and never longer than this one.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::scene::Scene;

/// It looks at once when it starts, and ends at once when it is asked to.
const PATIENCE: Duration = Duration::from_secs(60);

/// What it told so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    pub looks: usize,
    pub turned: usize,
}

impl std::ops::Add for Told {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { looks: self.looks + other.looks, turned: self.turned + other.turned }
    }
}

pub struct Tuner {
    child: Child,
    told: Arc<Mutex<Told>>,
}

impl Tuner {
    /// Starts it, and waits for its first look: what fails then was asked for wrongly, so it would end.
    pub fn start(scene: &Scene) -> Result<Self, String> {
        let tune = Command::from(scene.cxform("tune --interval 10s --lock-timeout 30s --format json"));
        // Nothing asks it to end where this process is killed.
        let mut bound = Command::new("setpriv");
        bound.args(["--pdeathsig", "KILL", "--"]).arg(tune.get_program()).args(tune.get_args());
        bound.current_dir(tune.get_current_dir().unwrap()).env_clear();
        bound.envs(tune.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let talk = File::options().create(true).append(true).open(scene.talk()).unwrap();
        let mut child = bound.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(talk).spawn().expect("util-linux");
        let (lines, told) = (BufReader::new(child.stdout.take().unwrap()).lines(), Arc::<Mutex<Told>>::default());
        let listening = Arc::clone(&told);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let look: Value = serde_json::from_str(&line).unwrap_or_default();
                let turned = |one: &&Value| one["result"] == "tuned";
                let mut told = listening.lock().unwrap();
                told.looks += 1;
                told.turned += look["campaigns"].as_array().map_or(0, |all| all.iter().filter(turned).count());
            }
        });
        let (mut tuner, began) = (Self { child, told }, Instant::now());
        while tuner.told().looks == 0 {
            tuner.lives(scene)?;
            if began.elapsed() > PATIENCE {
                return Err(format!("`tune` does not look: {}", scene.last_talk()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(tuner)
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn told(&self) -> Told {
        *self.told.lock().unwrap()
    }

    /// Nothing but a signal ends it.
    pub fn lives(&mut self, scene: &Scene) -> Result<(), String> {
        match self.child.try_wait().unwrap() {
            None => Ok(()),
            Some(status) => Err(format!("`tune` ended by itself with {status}: {}", scene.last_talk())),
        }
    }

    /// Asks it to end, which it does with exit 0.
    pub fn ask_to_end(mut self, scene: &Scene) -> Result<(), String> {
        self.lives(scene)?;
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            match self.child.try_wait().unwrap() {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(ended(status, scene)),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        Err(format!("`tune` does not end on SIGTERM: {}", scene.last_talk()))
    }
}

fn ended(status: ExitStatus, scene: &Scene) -> String {
    format!("`tune` ends with {status} on SIGTERM: {}", scene.last_talk())
}

impl Drop for Tuner {
    /// As a power cut would.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
