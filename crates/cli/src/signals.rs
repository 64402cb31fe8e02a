//! Ctrl-C and SIGTERM: the first one finishes what is in flight, the second one stops at once.

use cxform_apply::Stop;
use tokio::signal::unix::{SignalKind, signal};

use crate::terminal::say;

/// A stop handle that this process's signals raise. Must be called within a runtime.
pub fn stop_on_signals() -> std::io::Result<Stop> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = Stop::new();
    let raised = stop.clone();
    tokio::spawn(async move {
        for count in 0.. {
            tokio::select! {
                received = interrupt.recv() => if received.is_none() { return },
                received = terminate.recv() => if received.is_none() { return },
            }
            if count == 0 {
                say("Stopping: requests in flight are finished, nothing new is started. Once more stops at once.");
                raised.finish();
            } else {
                raised.now();
            }
        }
    });
    Ok(stop)
}

/// Resolves at the first of them: for commands that only read.
pub fn ended() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
