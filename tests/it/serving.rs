//! `cxform serve`: what was answered with 200 is on disk, whatever happens to the process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use cxform_record::{Event, EventFilter, Location, Mode, Options, Store, signature_header};
use serde_json::{Value, json};

use crate::json_output::told;
use crate::project::Project;

const SECRET: &str = "a-secret-of-the-senders";
const PROJECT: &str = "\
apiVersion: cxform/v1
kind: Project
metadata: { name: acme }
spec:
  serve: { secret: [\"${env.NEW_SECRET}\", \"${env.OLD_SECRET}\"] }
";

struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(project: &Project) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cxform"))
            .args(["serve", "--listen", "127.0.0.1:0", "-C"])
            .arg(project.path())
            .envs([("NEW_SECRET", "a-secret-that-comes-next"), ("OLD_SECRET", SECRET)])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect("it listens").to_owned();
        Self { child, address }
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        let signalled = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(signalled.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn letter(id: &str) -> String {
    let body = json!({ "event": "campaign_tuned", "campaignId": "c1", "data": { "id": id } }).to_string();
    let signature =
        signature_header(SECRET.as_bytes(), &jiff::Timestamp::now().as_second().to_string(), body.as_bytes());
    format!(
        "POST /webhooks/campaign HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-webhook-id: {id}\r\n\
         x-webhook-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Whether it was answered with 200; `None` where the connection broke.
fn tell(stream: &mut TcpStream, id: &str) -> Option<bool> {
    stream.write_all(letter(id).as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    while !answer.ends_with(b"}\n") {
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => answer.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
    Some(answer.starts_with(b"HTTP/1.1 200"))
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

fn stored(project: &Project) -> Vec<Event> {
    let location = Location::File(project.path().join(".cxform/store.db"));
    let mut options = Options::new(location, project.path().join("locks"));
    options.mode = Mode::ReadOnly;
    Store::open(options).wait().unwrap().events(EventFilter::default()).wait().unwrap()
}

/// Tells from many connections until the receiver is hit by a signal; answers with the ids that were told to be stored.
fn under_load(served: &mut Served, signal: &str, round: usize) -> (Vec<String>, Option<i32>) {
    let acknowledged = Mutex::new(Vec::new());
    let address = served.address.clone();
    let code = std::thread::scope(|scope| {
        for teller in 0..8 {
            let (acknowledged, address) = (&acknowledged, &address);
            scope.spawn(move || {
                let mut stream = connect(address);
                for at in 0.. {
                    let id = format!("{round}-{teller}-{at}");
                    match tell(&mut stream, &id) {
                        Some(true) => acknowledged.lock().unwrap().push(id),
                        Some(false) => panic!("{id} was refused"),
                        None => return,
                    }
                }
            });
        }
        while acknowledged.lock().unwrap().len() < 100 {
            std::thread::yield_now();
        }
        served.signal(signal)
    });
    (acknowledged.into_inner().unwrap(), code)
}

#[test]
fn what_was_answered_is_stored_once_even_if_the_process_is_killed_under_load() {
    let project = Project::empty();
    project.write("cxform.yaml", PROJECT);
    let mut told = Vec::new();
    for round in 0..3 {
        let mut served = Served::start(&project);
        told.extend(under_load(&mut served, "-KILL", round).0);
        let ids: Vec<_> = stored(&project).into_iter().map(|event| event.id).collect();
        for id in &told {
            assert_eq!(ids.iter().filter(|stored| *stored == id).count(), 1, "{id}");
        }
    }
    // Told again, as senders do that heard no answer: nothing is stored twice.
    let before = stored(&project).len();
    let served = Served::start(&project);
    let mut stream = connect(&served.address);
    for id in told.iter().take(20) {
        assert_eq!(tell(&mut stream, id), Some(true));
    }
    assert_eq!(stored(&project).len(), before);
}

#[test]
fn a_signal_under_load_loses_nothing_and_ends_with_success() {
    let project = Project::empty();
    project.write("cxform.yaml", PROJECT);
    let mut served = Served::start(&project);
    let (told, code) = under_load(&mut served, "-TERM", 0);
    assert_eq!(code, Some(0));
    assert_eq!(stored(&project).len(), told.len(), "whatever is stored was answered as well");
}

#[test]
fn without_a_key_nothing_is_served() {
    let project = Project::empty();
    project.write("cxform.yaml", PROJECT.replace("serve: {", "# serve: {"));
    project.cxform("serve").run().exits(1).says(&["who may tell", "serve: { secret:"]);
    project.write("cxform.yaml", PROJECT);
    project.cxform("serve").run().exits(1).says(&["`NEW_SECRET`, which is not set"]);
}

#[test]
fn events_are_listed_and_exported_for_people_and_programs() {
    let project = Project::empty();
    project.write("cxform.yaml", PROJECT);
    project.cxform("events list").run().exits(1).says(&["there is no store", "`cxform serve` takes events in"]);
    let served = Served::start(&project);
    let mut stream = connect(&served.address);
    for id in ["one", "two"] {
        assert_eq!(tell(&mut stream, id), Some(true));
    }
    drop(served);
    let listed = told(&project.cxform("events list --format json").run().exits(0), "events");
    assert_eq!([&listed["events"][0]["id"], &listed["events"][1]["id"]], ["two", "one"]);
    let people = project.cxform("events list --type campaign_tuned --limit 1").run().exits(0);
    assert!(people.stdout.trim_end().ends_with("campaign_tuned  c1"), "{people}");
    assert_eq!(project.cxform("events list --subject c2").run().exits(0).stdout, "No event.\n");

    let lines = project.cxform("events export --format jsonl").run().exits(0).stdout;
    let ids: Vec<_> = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids, ["one", "two"]);
    project.cxform("events export --format csv --out events.csv").run().exits(0).says(&["2 events written"]);
    let table = project.read("events.csv");
    assert_eq!(table.lines().next(), Some("seq,channel,id,event,subject,source,occurred,received,sha256,body"));
    assert_eq!(table.lines().count(), 3);
}
