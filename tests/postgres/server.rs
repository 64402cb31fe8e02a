//! A real PostgreSQL server for the tests of one process. Included by the test binaries that need one.
//!
//! `tests/postgres/serve` finds or unpacks the binaries, and stops the server as soon as this process is gone.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The address of the server, without options. It is started by the first who asks.
///
/// # Panics
/// No server can be had; the message says what to install. Tests are never skipped for the lack of one.
pub fn address() -> &'static str {
    static SERVER: OnceLock<(Child, String)> = OnceLock::new();
    let (_, address) = SERVER.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/postgres/serve");
        let mut command = Command::new(&script);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C reaches the tests only: the script ends when they do, and cleans up.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut server = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", script.display()));
        let mut address = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
        if address.is_empty() {
            let mut reason = String::new();
            server.stderr.take().unwrap().read_to_string(&mut reason).unwrap();
            panic!("{reason}");
        }
        (server, address.trim().to_owned())
    });
    address
}
