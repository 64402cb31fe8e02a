//! The command line as data.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use cxform_emulator as emulator;

/// Keep the outbound configuration of a CXone contact centre in git.
///
/// Manifests describe disposition trees, call codes, campaigns and contact selection rules.
/// `plan` shows what would change on the tenant, `apply` carries exactly that out.
#[derive(Debug, Parser)]
#[command(name = "cxform", version, max_term_width = 100, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, or nothing to do; 1 error, refused, or answered no; 2 changes found (`plan --detailed-exitcode`);
3 applied in part or interrupted after a write; 4 stale plan or conflict.";

/// Options that every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The project: the folder that holds `cxform.yaml`.
    #[arg(short = 'C', value_name = "DIR", default_value = ".", global = true)]
    pub directory: PathBuf,
    /// The environment; without it, the project's default one.
    #[arg(long = "env", value_name = "NAME", global = true)]
    pub environment: Option<String>,
    /// How results are written to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    pub format: Format,
    /// Say less: results only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: requests (-v), and what decides them (-vv).
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// How log lines are written to standard error.
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true)]
    pub log_format: LogFormat,
}

/// The form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs: one JSON document, nothing else.
    Json,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check every manifest, offline and without credentials.
    Validate,
    /// Show what would change on the tenant. Writes nothing.
    Plan(PlanArgs),
    /// Carry out a plan: a new one after asking, or a saved one.
    Apply(ApplyArgs),
    /// Run a stand-in tenant on this machine.
    Emulator(Box<EmulatorArgs>),
}

/// Where the tenant is, when no environment says so.
#[derive(Debug, Args)]
pub struct TenantArgs {
    /// The tenant's address, for a first try without a project file. Credentials come from CXONE_CLIENT_ID and CXONE_CLIENT_SECRET.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// A file of PEM certificates to trust instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// What shapes a plan.
#[derive(Debug, Args, Default)]
pub struct Shape {
    /// Plan these addresses only, and what they need. `*` matches any text: `outcome/SI-*`.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub target: Vec<String>,
    /// Leave these addresses out, and what needs them.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub exclude: Vec<String>,
    /// Retire an outcome although a desktop that is not managed here still shows it.
    #[arg(long)]
    pub allow_assigned: bool,
    /// Accept an authority or an exclusive desktop that lists nothing, which retires or unassigns everything there.
    #[arg(long)]
    pub allow_empty: bool,
    /// Retire or complete objects although they are annotated `cxform/protect`.
    #[arg(long)]
    pub allow_protected: bool,
    /// Let a paused campaign dial again.
    #[arg(long)]
    pub allow_resume: bool,
}

/// `cxform plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
    /// What shapes the plan.
    #[command(flatten)]
    pub shape: Shape,
    /// Save the plan for `cxform apply FILE`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 when the plan holds changes.
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// `cxform apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// A plan that `plan --out` saved. It is applied as it is, or not at all.
    #[arg(value_name = "FILE", conflicts_with_all = ["target", "exclude", "allow_assigned", "allow_empty", "allow_protected", "allow_resume"])]
    pub file: Option<PathBuf>,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
    /// What shapes the plan.
    #[command(flatten)]
    pub shape: Shape,
    /// Do not ask.
    #[arg(long)]
    pub auto_approve: bool,
    /// How many steps may be under way at once.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallelism: u16,
}

/// `cxform emulator`.
#[derive(Debug, Args)]
pub struct EmulatorArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
    /// The objects to begin with, as JSON.
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,
    /// Keep the state in this file across restarts.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// The client that may get tokens.
    #[arg(long, value_name = "ID", default_value = "emulator-client")]
    pub client_id: String,
    /// Its secret. Stand-in tenants only: a command line is no place for a real one.
    #[arg(long, value_name = "SECRET", default_value = "emulator-secret")]
    pub client_secret: String,
    /// The scopes that the client owns; all, when left out.
    #[arg(long, value_name = "SCOPE", num_args = 1.., value_delimiter = ',')]
    pub scopes: Vec<String>,
    /// What a PUT of an outcome means: fields that are not sent stay, or are gone.
    #[arg(long, value_name = "merge|replace", default_value = "merge", value_parser = emulator::PutMode::parse)]
    pub put: emulator::PutMode,
    /// `off`, `default`, or rates such as `outcomes=100/s,default=100/min`.
    #[arg(long, value_name = "LIMITS", default_value = "default", value_parser = emulator::RateLimits::parse)]
    pub rate_limit: emulator::RateLimits,
    /// How long a token lives, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub token_ttl: u64,
    /// Added to every answer, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub latency: u64,
    /// A fault script, as JSON; see docs/emulator.md.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// An oddity of a foreign tenant to show; see docs/emulator.md. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub quirk: Vec<String>,
}
