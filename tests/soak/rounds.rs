//! One round after the other: something moves, `drift` tells it, `apply` makes it good. In most rounds requests fail; in
//! some a process is killed or the tenant restarts.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::judge::{self, Verdict, Wrong};
use crate::laws::tape::Tape;
use crate::moves;
use crate::project::{Finished, Invocation};
use crate::scene::Scene;
use crate::scripts;
use crate::tuner::{Told, Tuner};
use crate::watch::{self, Trend, Watch};

/// What was done so far.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    pub rounds: usize,
    pub storms: usize,
    pub killed: usize,
    pub tuners: usize,
    pub tenants: usize,
    pub looks: usize,
    pub turned: usize,
    pub made: usize,
    pub refused: usize,
    pub missed: usize,
}

pub struct Soak {
    scene: Scene,
    seed: u64,
    /// Lives from the first round to the end, and is watched.
    steady: Tuner,
    watch: Watch,
    /// Is ended and started again, and asks for the same lock. None where it could not be started.
    restless: Option<Tuner>,
    /// What those told that have ended.
    ended: Told,
    /// The most memory of each `drift`.
    peaks: Vec<f64>,
    pub counts: Counts,
}

impl Soak {
    pub fn new(seed: u64) -> Self {
        let scene = Scene::new();
        let steady = Tuner::start(&scene).unwrap();
        let watch = Watch::of(steady.id());
        let restless = Some(Tuner::start(&scene).unwrap());
        Self {
            scene,
            seed,
            steady,
            watch,
            restless,
            ended: Told::default(),
            peaks: Vec::new(),
            counts: Counts::default(),
        }
    }

    pub fn round(&mut self) -> Verdict {
        let mut verdict = Verdict::default();
        let numbers = self.seed.wrapping_mul(1 << 20) + self.counts.rounds as u64;
        let mut tape = Tape::new(scripts::numbers(numbers, 300));
        self.counts.rounds += 1;
        self.scene.tenant().faults(&json!([]));
        if tape.chance(15) {
            self.restart_the_tenant(&mut tape, &mut verdict);
        }
        if tape.chance(15) {
            self.restart_a_tuner(&mut tape, &mut verdict);
        }
        moves::unmanaged(&mut self.scene, &mut tape);
        let before = self.scene.tenant().state();
        let expected = moves::managed(&mut self.scene, &mut tape);
        self.counts.made += expected.len();
        if tape.chance(60) {
            self.counts.storms += 1;
            let mut rules = scripts::script(&mut tape);
            for rule in rules.as_array_mut().unwrap() {
                rule["times"] = json!(1 + tape.roll(2));
            }
            self.scene.tenant().faults(&rules);
            self.sees(&expected, true, &mut verdict);
            self.apply_in_the_storm(&mut tape, &mut verdict);
            self.scene.tenant().faults(&json!([]));
        } else {
            self.sees(&expected, false, &mut verdict);
        }
        self.settle(&before, &mut verdict);
        let lives = self.steady.lives(&self.scene);
        verdict.expect(Wrong::Violation, lives);
        if let Some(tuner) = &mut self.restless {
            let lives = tuner.lives(&self.scene);
            verdict.expect(Wrong::Violation, lives);
        }
        self.count();
        verdict
    }

    /// `drift` tells exactly what moved. On a tenant that fails it may refuse, and is asked again in peace; it never
    /// tells less.
    fn sees(&mut self, expected: &[String], storm: bool, verdict: &mut Verdict) {
        let mut ended = self.measured("drift --format json");
        if storm && ended.code == Some(1) {
            self.counts.refused += 1;
            self.scene.tenant().faults(&json!([]));
            ended = self.measured("drift --format json");
        }
        let report: Option<Value> = serde_json::from_str(&ended.stdout).ok();
        let told = report.as_ref().map(moves::told);
        let exact = ended.code == Some(if expected.is_empty() { 0 } else { 2 }) && told.as_deref() == Some(expected);
        self.counts.missed += usize::from(!exact);
        verdict
            .insist(Wrong::Lost, exact, || format!("`drift` has to tell {expected:#?}, but tells {told:#?}: {ended}"));
    }

    /// It may end in every way that is promised, and may be killed.
    fn apply_in_the_storm(&mut self, tape: &mut Tape, verdict: &mut Verdict) {
        let apply = self.scene.cxform("apply --auto-approve --lock-timeout 60s").start();
        if tape.chance(25) {
            self.counts.killed += 1;
            std::thread::sleep(Duration::from_millis(tape.roll(1000) as u64));
            apply.kill();
            return;
        }
        let ended = apply.wait();
        let known = matches!(ended.code, Some(0 | 1 | 3 | 4));
        verdict.insist(Wrong::Violation, known, || format!("an exit code of its own: {ended}"));
    }

    /// In peace one apply makes everything good, and the laws hold.
    fn settle(&mut self, before: &Value, verdict: &mut Verdict) {
        let apply = self.scene.cxform("apply --auto-approve --lock-timeout 60s").run();
        verdict.insist(Wrong::Violation, apply.code == Some(0), || format!("it fails in peace: {apply}"));
        let plan = self.scene.cxform("plan --detailed-exitcode").run();
        verdict.insist(Wrong::Lost, plan.code == Some(0), || format!("the plan is not empty: {plan}"));
        self.sees(&[], false, verdict);
        let after = self.scene.tenant().state();
        verdict.expect(Wrong::Duplicate, judge::nothing_twice(&after));
        verdict.expect(Wrong::Violation, self.scene.untouched(before));
        verdict.expect(Wrong::Violation, self.scene.within_the_policy());
    }

    /// Runs it and keeps the most memory that it had.
    fn measured(&mut self, arguments: &str) -> Finished {
        let (ended, peak) = measured(self.scene.cxform(arguments));
        self.peaks.push(peak);
        ended
    }

    fn restart_the_tenant(&mut self, tape: &mut Tape, verdict: &mut Verdict) {
        self.counts.tenants += 1;
        // Its log of requests starts anew as well.
        judge::recorded(self.scene.project(), &self.scene.writes(), verdict);
        let figures = [(0.7, 0.005), (0.2, 0.005), (0.7, 0.04)];
        let some: Vec<_> = (0..1 + tape.roll(2)).map(|_| tape.pick(&figures)).collect();
        verdict.expect(Wrong::Violation, self.scene.restart(&some));
    }

    fn restart_a_tuner(&mut self, tape: &mut Tape, verdict: &mut Verdict) {
        self.counts.tuners += 1;
        if let Some(tuner) = self.restless.take() {
            self.ended = self.ended + tuner.told();
            if tape.chance(50) {
                verdict.expect(Wrong::Violation, tuner.ask_to_end(&self.scene));
            }
        }
        self.restless = verdict.expect(Wrong::Violation, Tuner::start(&self.scene));
    }
    fn count(&mut self) {
        let restless = self.restless.as_ref().map(Tuner::told).unwrap_or_default();
        let Told { looks, turned } = self.ended + self.steady.told() + restless;
        (self.counts.looks, self.counts.turned) = (looks, turned);
    }

    /// Everybody ends as they are asked to, every write is on record, and nothing grew.
    pub fn end(self) -> (Verdict, Vec<Trend>) {
        let mut verdict = Verdict::default();
        self.scene.tenant().faults(&json!([]));
        let mut trends = Trend::of(&self.watch.samples());
        trends.extend(Trend::memory("memory of `drift` at its peak, MiB", self.peaks.into_iter()));
        verdict.insist(Wrong::Violation, trends.len() == 3, || format!("too little was seen to judge: {trends:?}"));
        for tuner in self.restless.into_iter().chain([self.steady]) {
            verdict.expect(Wrong::Violation, tuner.ask_to_end(&self.scene));
        }
        judge::recorded(self.scene.project(), &self.scene.writes(), &mut verdict);
        (verdict, trends)
    }
}

/// Runs it to its end, with the most memory that it had.
fn measured(invocation: Invocation) -> (Finished, f64) {
    let (mut running, mut peak, began) = (invocation.start(), 0.0, Instant::now());
    // One that hangs is found by who waits for it.
    while !running.has_ended() && began.elapsed() < Duration::from_secs(90) {
        peak = watch::peak(running.id()).unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    (running.wait(), peak)
}
