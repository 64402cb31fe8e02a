//! Stands between the binary and a PostgreSQL server, counts commits, and holds back one of them or its answer.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// What is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The server never hears of the commit.
    Commit,
    /// The server carries it out; nobody hears that.
    Answer,
}

#[derive(Default)]
struct Seen {
    commits: AtomicUsize,
    holding: AtomicBool,
    over: AtomicBool,
}

/// Lives as long as somebody needs its address.
pub struct Relay {
    address: String,
    here: String,
    seen: Arc<Seen>,
}

impl Relay {
    /// In front of the server of this address; of the nth commit something is held back.
    pub fn start(server: &str, hold: Option<(usize, Hold)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap().to_string();
        let there = server.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
        let seen = Arc::new(Seen::default());
        let relay = Self { address: server.replace(&there, &here), here, seen: Arc::clone(&seen) };
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if seen.over.load(SeqCst) {
                    return;
                }
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(&there)) else { return };
                connect(client, server, hold, &seen);
            }
        });
        relay
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn commits(&self) -> usize {
        self.seen.commits.load(SeqCst)
    }

    /// Whether what is to be held back has come.
    pub fn is_holding(&self) -> bool {
        self.seen.holding.load(SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.seen.over.store(true, SeqCst);
        let _ = TcpStream::connect(&self.here);
    }
}

/// One connection. It ends on both sides when it ends on one.
fn connect(client: TcpStream, server: TcpStream, hold: Option<(usize, Hold)>, seen: &Arc<Seen>) {
    let ends = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let held = Arc::new(AtomicBool::new(false));
    let (seen, holding) = (Arc::clone(seen), Arc::clone(&held));
    std::thread::spawn({
        let seen = Arc::clone(&seen);
        move || {
            let (mut client, mut server) = (client, server);
            // Whoever is dead sends nothing more; what is held back ends with the connection.
            let _ = requests(&mut client, &mut server, hold, &seen, &holding);
            let _ = server.shutdown(Shutdown::Both);
        }
    });
    std::thread::spawn(move || {
        let (mut client, mut server) = ends;
        let mut bytes = [0; 8192];
        while let Ok(count @ 1..) = server.read(&mut bytes) {
            if held.load(SeqCst) {
                // The client waits for this one answer alone.
                seen.holding.store(true, SeqCst);
            } else if client.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    });
}

/// Passes on message by message: the first has a length alone, all others a letter before it.
fn requests(
    client: &mut TcpStream,
    server: &mut TcpStream,
    hold: Option<(usize, Hold)>,
    seen: &Seen,
    held: &AtomicBool,
) -> std::io::Result<()> {
    let mut is_first = true;
    loop {
        let mut head = vec![0; if is_first { 4 } else { 5 }];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head[head.len() - 4..].try_into().unwrap());
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body)?;
        if !is_first && head[0] == b'Q' && body == b"COMMIT\0" {
            let nth = seen.commits.fetch_add(1, SeqCst) + 1;
            match hold {
                Some((at, Hold::Commit)) if at == nth => {
                    seen.holding.store(true, SeqCst);
                    // Until the client dies.
                    let _ = client.read(&mut [0; 1]);
                    return Ok(());
                }
                Some((at, Hold::Answer)) if at == nth => held.store(true, SeqCst),
                _ => {}
            }
        }
        is_first = false;
        head.extend(body);
        server.write_all(&head)?;
    }
}
