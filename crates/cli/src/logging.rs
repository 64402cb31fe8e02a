//! Log lines on standard error. Results never go there, and log lines never to standard output.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::args::{Global, LogFormat};

/// Starts logging: warnings by default, more with `-v`, only errors with `-q`; `CXFORM_LOG` overrides.
pub fn start(global: &Global) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let default = format!(
        "error,cxform={level},cxform_tenant={level},cxform_apply={level},cxform_record={level},cxform_emulator={level}"
    );
    let filter = EnvFilter::try_from_env("CXFORM_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber can only exist in tests that call this twice; the first one stays.
    let _ = match global.log_format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Text => builder.with_target(false).with_ansi(crate::terminal::colour_on_stderr()).try_init(),
    };
}
