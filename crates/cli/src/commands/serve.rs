//! `cxform serve`: a receiver of webhooks in the foreground.

use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Args;
use cxform_operate::receive::{Door, DoorOptions, Keys};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Global;
use crate::project;
use crate::recording::store;
use crate::terminal::{print, say};

/// Files that the store and the system need beside connections.
const OTHER_FILES: u64 = 64;

/// `cxform serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen, instead of `spec.serve.listen`: an IP address and a port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// How many connections are served at once. Each may hold 256 KiB; more of them wait.
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub max_connections: u32,
}

/// Serves until a signal ends it.
pub async fn run(global: &Global, args: ServeArgs) -> anyhow::Result<u8> {
    let project = project::open(global, false)?;
    let serve = project.recording.serve.as_ref().context(
        "the project does not say who may tell it anything\nhint: write `serve: { secret: \"${env.NAME}\" }` below `spec` of `cxform.yaml`",
    )?;
    let keys = serve.keys(&|name| std::env::var(name).ok())?;
    let token = keys.token.map(|(header, value)| (header, vec![value]));
    let keys = Keys::new(keys.secrets, token).context("`serve` cannot be used")?;
    let listen = args.listen.unwrap_or(serve.listen);
    let connections = usize::try_from(connections(args.max_connections))?;
    let store = store::open_to_fill(&project).await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let door = Door::open(DoorOptions { listen, keys, connections }, store).await?;
    if !listen.ip().is_loopback() {
        tracing::warn!(
            "`{listen}` can be reached from elsewhere, and speaks plain HTTP: put a proxy with TLS in front of it"
        );
    }
    print(&format!("listening on http://{}\n", door.address()))?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    if !global.quiet {
        say("Stopping: what has begun is answered, nothing new is taken. Once more stops at once.");
    }
    tokio::select! {
        () = door.close() => Ok(0),
        _ = interrupt.recv() => Ok(1),
        _ = terminate.recv() => Ok(1),
    }
}

/// As many as asked for, or as the system lets this process have.
fn connections(wanted: u32) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    // Where the system does not let us, it is as it was.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    u64::from(wanted).min(files.saturating_sub(OTHER_FILES).max(1))
}
