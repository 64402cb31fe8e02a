//! `cxform emulator`: a stand-in tenant in the foreground.

use std::time::Duration;

use anyhow::Context as _;
use cxform_emulator::{Emulator, FaultScript, Options, Quirks, Seed};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{DEFAULT_SECRET, EmulatorArgs};
use crate::terminal::{print, say, talks_to_a_person};

/// Serves until a signal ends it.
pub async fn run(args: EmulatorArgs) -> anyhow::Result<u8> {
    let EmulatorArgs {
        listen,
        seed,
        state,
        client_id,
        client_secret,
        scopes,
        put,
        rate_limit,
        token_ttl,
        latency,
        faults,
        quirk,
    } = args;
    let faults = match faults {
        Some(file) => {
            let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
            let document = serde_json::from_str(&text).with_context(|| format!("`{}` is not JSON", file.display()))?;
            FaultScript::parse(&document).with_context(|| format!("in `{}`", file.display()))?
        }
        None => FaultScript::default(),
    };
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let running = Emulator::start(Options {
        listen,
        seed: seed.map_or(Seed::Empty, Seed::File),
        state,
        client_id,
        client_secret,
        scopes: (!scopes.is_empty()).then_some(scopes),
        put,
        rate_limit,
        token_ttl: Duration::from_secs(token_ttl),
        latency: Duration::from_millis(latency),
        faults,
        quirks: Quirks::parse(quirk.iter().map(String::as_str))?,
    })
    .await?;
    print(&format!("listening on {}\n", running.url()))?;
    if talks_to_a_person() {
        // The stand-in's own secret is none; one that somebody chose may be.
        let secret = Some(running.client_secret()).filter(|secret| *secret == DEFAULT_SECRET);
        let secret = secret.map_or_else(String::new, |secret| format!(", secret `{secret}`"));
        say(&format!("client `{}`{secret}; Ctrl-C ends it", running.client_id()));
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    running.shutdown().await;
    Ok(0)
}
