//! This test binary as another process, to be killed or stopped like any other.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use cxform_record::{Location, Options, Store};

use crate::journal::attempt;
use crate::place::{Place, owner};

pub struct Process {
    pub child: Child,
    /// The other process ends with it; waiting for a child would close it.
    _stdin: Option<ChildStdin>,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts this binary again in the role that `act` plays below.
    pub fn start(place: &Place, role: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::act", "--nocapture", "--test-threads=1"])
            .env("RECORD_TEST_ROLE", role)
            .env("RECORD_TEST_STORE", &place.setting)
            .env("RECORD_TEST_FOLDER", place.folder.path())
            .stdout(Stdio::piped())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { _stdin: child.stdin.take(), child, lines }
    }

    /// Waits until the process says `word`.
    pub fn says(&mut self, word: &str) {
        for line in &mut self.lines {
            if line.unwrap().contains(&format!("<{word}>")) {
                return;
            }
        }
        panic!("the process ended without saying `{word}`");
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The other process. Without a role, as one test among the others, it has nothing to do.
#[test]
fn act() {
    let Ok(role) = std::env::var("RECORD_TEST_ROLE") else { return };
    // It never outlives the test that started it, which holds the other end.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    });
    let folder = std::env::var("RECORD_TEST_FOLDER").unwrap();
    let location = Location::parse(std::env::var("RECORD_TEST_STORE").ok().as_deref(), folder.as_ref()).unwrap();
    let mut options = Options::new(location, std::path::Path::new(&folder).join("locks"));
    options.lease = Duration::from_millis(1200);
    let store = Store::open(options).wait().unwrap();
    match role.as_str() {
        "intend" => {
            store.intend("run-1", attempt("step-1", 0)).wait().unwrap();
            println!("<intended>");
            loop {
                std::thread::park();
            }
        }
        "lock" => {
            let guard = store.acquire("tenant", owner("other"), Duration::from_secs(5)).wait().unwrap();
            println!("<locked>");
            cxform_record::wait(guard.lost().wait_for(|lost| *lost)).unwrap();
            assert!(!guard.is_held());
            println!("<lost>");
        }
        other => panic!("no role `{other}`"),
    }
}
