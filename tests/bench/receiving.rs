//! How many signed events a second `serve` puts on disk, beside a server that only echoes them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use cxform_record::signature_header;

const SECRET: &str = "a-secret-of-the-senders";
const PROJECT: &str = "\
apiVersion: cxform/v1
kind: Project
metadata: { name: bench }
spec: { serve: { secret: \"${env.SECRET}\" } }
";
/// Connections that tell one event after the other.
const TELLERS: usize = 32;
const LASTS: Duration = Duration::from_secs(4);

pub fn all() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cxform.yaml"), PROJECT).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cxform"))
        .args(["serve", "--listen", "127.0.0.1:0", "-C"])
        .arg(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .env("SECRET", SECRET)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    let served = told(&address);
    let busy = seconds_of(&child);
    child.kill().unwrap();
    child.wait().unwrap();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    runtime.spawn(async move {
        let echo = Router::new().route("/webhooks/campaign", post(async |body: Bytes| body));
        axum::serve(listener, echo).await.unwrap();
    });
    let echoed = told(&address);
    let lasts = LASTS.as_secs_f64();
    println!(
        "receiving: {:.0} signed events a second on disk, {:.0} for each second of one core; an echo answers {:.0}: {:.2} of it\n",
        served as f64 / lasts,
        served as f64 / busy,
        echoed as f64 / lasts,
        served as f64 / echoed as f64
    );
}

/// How many events are answered with 200.
fn told(address: &str) -> u64 {
    let (count, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for teller in 0..TELLERS {
            let (count, stop) = (&count, &stop);
            scope.spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_nodelay(true).unwrap();
                for at in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    tell(&mut stream, &format!("{teller}-{at}"));
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let began = Instant::now();
        std::thread::sleep(LASTS.saturating_sub(began.elapsed()));
        let told = count.load(Ordering::Relaxed);
        stop.store(true, Ordering::Relaxed);
        told
    })
}

fn tell(stream: &mut TcpStream, id: &str) {
    let body = format!("{{\"event\":\"campaign_tuned\",\"campaignId\":\"c1\",\"data\":{{\"id\":\"{id}\"}}}}\n");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let signature = signature_header(SECRET.as_bytes(), &now.to_string(), body.as_bytes());
    let request = format!(
        "POST /webhooks/campaign HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-webhook-id: {id}\r\n\
         x-webhook-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let (mut answer, mut piece) = (Vec::new(), [0; 1024]);
    while !answer.ends_with(b"}\n") {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "the server hung up");
        answer.extend_from_slice(&piece[..read]);
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

/// The time on processors that a process took, all of its threads together.
fn seconds_of(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let ticks: f64 =
        stat.rsplit_once(") ").unwrap().1.split(' ').skip(11).take(2).map(|n| n.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}
