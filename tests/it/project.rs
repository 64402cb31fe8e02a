//! A project in a folder of its own, and the real binary run on it.

use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cxform_emulator::{Options, RateLimits, Seed};
use serde_json::Value;
use tempfile::TempDir;

use crate::tenant::Tenant;

/// No run of the binary takes longer, or it hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// The environment `test`, as fast as the machine; where it is comes from `CXONE_BASE_URL`.
pub const PROJECT: &str = "\
apiVersion: cxform/v1
kind: Project
metadata: { name: acme }
spec:
  defaultEnvironment: test
  environments:
    test: { rateLimits: { outcomes: 100000/s, default: 100000/s } }
";

/// A tenant without rate limits that begins with this.
pub fn tenant(seed: Value) -> Tenant {
    Tenant::start(options(seed))
}

/// What [`tenant`] starts with.
pub fn options(seed: Value) -> Options {
    Options { seed: Seed::Document(seed), rate_limit: RateLimits::OFF, ..Options::default() }
}

/// A folder of files.
pub struct Project {
    folder: TempDir,
    /// Variables of every run in it.
    environment: Vec<(String, String)>,
}

impl Project {
    /// `cxform.yaml` of [`PROJECT`], and one manifest.
    pub fn new(manifest: &str) -> Self {
        let project = Self::empty();
        project.write("cxform.yaml", PROJECT);
        project.write("manifests/all.yaml", manifest);
        project
    }

    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// The same with a variable that every run sees.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The binary in this folder, with nothing of this process's environment.
    pub fn cxform(&self, arguments: &str) -> Invocation {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cxform"));
        command.args(arguments.split_whitespace()).current_dir(self.path()).env_clear().env("HOME", self.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Invocation { command, input: None }
    }

    /// The same with credentials for a tenant.
    pub fn on(&self, tenant: &Tenant, arguments: &str) -> Invocation {
        let url = tenant.url();
        self.cxform(arguments)
            .env("CXONE_BASE_URL", &url)
            .env("CXONE_CLIENT_ID", "emulator-client")
            .env("CXONE_CLIENT_SECRET", "emulator-secret")
    }
}

/// A command line about to run.
pub struct Invocation {
    command: Command,
    input: Option<String>,
}

impl Invocation {
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// What a person types; without it standard input is at its end.
    pub fn typing(mut self, input: &str) -> Self {
        self.input = Some(input.to_owned());
        self
    }

    /// On a disk that is full: no file grows beyond so many blocks of 512 bytes.
    pub fn on_a_full_disk(mut self, blocks: u32) -> Self {
        let mut limited = Command::new("/bin/sh");
        // Without the signal the write itself fails, as it does on a full disk.
        limited.args(["-c", "trap '' XFSZ; ulimit -f \"$0\" && exec \"$@\"", &blocks.to_string()]);
        limited.arg(self.command.get_program()).args(self.command.get_args());
        limited.current_dir(self.command.get_current_dir().unwrap()).env_clear();
        limited.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = limited;
        self
    }

    pub fn start(mut self) -> Running {
        let input = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child = self.command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let Some(text) = self.input {
            // A command that does not ask may be gone already.
            let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        }
        let (stdout, stderr) = (gather(child.stdout.take().unwrap()), gather(child.stderr.take().unwrap()));
        Running { child, stdout, stderr, started: Instant::now() }
    }

    pub fn run(self) -> Finished {
        self.start().wait()
    }
}

fn gather(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What a killed process leaves behind is still worth reading.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

impl From<Invocation> for Command {
    fn from(invocation: Invocation) -> Self {
        invocation.command
    }
}

/// A command at work.
pub struct Running {
    child: Child,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
    started: Instant,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(status.success(), "cannot send {name}");
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(mut self) -> Finished {
        // One that has ended by itself cannot be killed any more.
        let _ = self.child.kill();
        self.wait()
    }

    #[track_caller]
    pub fn wait(mut self) -> Finished {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if self.started.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                panic!("it hangs:\n{}", String::from_utf8_lossy(&self.stderr.join().unwrap()));
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        let text = |bytes: JoinHandle<Vec<u8>>| String::from_utf8(bytes.join().unwrap()).expect("output is UTF-8");
        let finished = Finished {
            code: status.code(),
            stdout: text(self.stdout),
            stderr: text(self.stderr),
            took: self.started.elapsed(),
        };
        assert!(!finished.stderr.contains("panicked"), "{finished}");
        finished
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Finished {
    /// None where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, stdout, stderr, took } = self;
        write!(f, "exit {code:?} in {took:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

impl Finished {
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Every one of these words is said, wherever.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stdout.contains(word) || self.stderr.contains(word), "nobody says `{word}`: {self}");
        }
        self
    }

    /// Standard output is one JSON document and nothing else.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}
