//! The command line as data.

use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use cxform_emulator as emulator;
use cxform_plan::Allowance;
use jiff::Timestamp;

use crate::commands::diff::DiffArgs;
use crate::commands::doctor::DoctorArgs;
use crate::commands::drift::DriftArgs;
use crate::commands::events::EventsCommand;
use crate::commands::explain::ExplainArgs;
use crate::commands::export::ExportArgs;
use crate::commands::fmt::FmtArgs;
use crate::commands::graph::GraphArgs;
use crate::commands::history::HistoryArgs;
use crate::commands::init::InitArgs;
use crate::commands::manual::{CompletionsArgs, ManArgs};
use crate::commands::schema::SchemaArgs;
use crate::commands::serve::ServeArgs;
use crate::commands::show::ShowArgs;
use crate::commands::stats::StatsArgs;
use crate::commands::tune::TuneArgs;
use crate::showing::Elsewhere;

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
Exit codes: 0 done, or nothing to do; 1 error, refused, or answered no; 2 changes or drift found (`plan --detailed-exitcode`,
`drift`);
3 applied in part or interrupted after a write; 4 stale plan or conflict.";

const PLAN_FORMATS: &str = "Formats: human, json; markdown for a comment under a pull request; github for notes beside its lines; html for a page.";

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Common options")]
pub struct Global {
    /// The project: the folder that holds `cxform.yaml`.
    #[arg(short = 'C', value_name = "DIR", default_value = ".", global = true)]
    pub directory: PathBuf,
    /// The environment; without it, the project's default one (`validate` checks all of them).
    #[arg(long = "env", value_name = "NAME", global = true)]
    pub environment: Option<String>,
    /// How results are written to standard output: `human`, `json`, and what the command has beside them.
    #[arg(long = "format", value_name = "FORMAT", default_value = "human", global = true, hide_possible_values = true)]
    pub wanted: Wanted,
    /// Whether people or programs read what is no result of the command's own form, such as a refusal.
    #[arg(skip)]
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

impl Cli {
    /// The command line of this process.
    pub fn of_process() -> Result<Self, clap::Error> {
        Self::of(std::env::args_os())
    }

    /// A command line, the name of the program first.
    pub fn of<I>(line: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item: Into<std::ffi::OsString> + Clone>,
    {
        let mut cli = Self::try_parse_from(line)?;
        let Global { wanted, format, .. } = &mut cli.global;
        let formats = cli.command.formats();
        if !formats.contains(wanted) {
            let has: Vec<_> = formats.iter().map(|format| format!("`{}`", format.word())).collect();
            let message = format!("this command has no `--format {}`: it has {}", wanted.word(), has.join(", "));
            return Err(Self::command().error(ErrorKind::InvalidValue, message));
        }
        *format = match wanted {
            Wanted::Human | Wanted::Markdown | Wanted::Github | Wanted::Html | Wanted::Mermaid | Wanted::Prometheus => {
                Format::Human
            }
            Wanted::Json | Wanted::Jsonl | Wanted::Csv => Format::Json,
        };
        Ok(cli)
    }
}

impl Command {
    /// The forms that the results of a command have.
    const fn formats(&self) -> &'static [Wanted] {
        use Wanted::{Csv, Github, Html, Human, Json, Jsonl, Markdown, Mermaid, Prometheus};
        match self {
            Self::Plan(_) | Self::Show(_) => &[Human, Json, Markdown, Github, Html],
            Self::Drift(_) => &[Human, Json, Markdown],
            Self::Graph(_) => &[Human, Json, Mermaid],
            Self::Validate(_) => &[Human, Json, Github],
            Self::Stats(StatsArgs { command: Some(_), .. }) => &[Human, Json, Csv],
            Self::Stats(_) => &[Human, Json, Csv, Prometheus],
            Self::History(_) => &[Human, Json, Csv],
            Self::Audit { command: AuditCommand::Export { .. } }
            | Self::Events { command: EventsCommand::Export { .. } } => &[Human, Json, Jsonl, Csv],
            _ => &[Human, Json],
        }
    }
}

/// What `--format` says. No command has all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Wanted {
    /// For people.
    Human,
    /// For programs: one JSON document, nothing else.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// RFC 4180, with a header.
    Csv,
    /// For a comment under a pull request.
    Markdown,
    /// Workflow commands that annotate the changed lines of a pull request.
    Github,
    /// One page that stands by itself.
    Html,
    /// A diagram.
    Mermaid,
    /// The text format of Prometheus.
    Prometheus,
}

impl Wanted {
    const fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Html => "html",
            Self::Mermaid => "mermaid",
            Self::Prometheus => "prometheus",
        }
    }
}

/// Whether people or programs read it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
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
    #[command(after_help = "Formats: human, json; github for notes beside the lines of a pull request.")]
    Validate(AsOf),
    /// Write manifests for a living tenant, so that a plan of them shows no changes. Reads only.
    Export(ExportArgs),
    /// Write manifests in their canonical form: indentation, spaces, quotes. Comments and meaning stay.
    Fmt(FmtArgs),
    /// Show what would change on the tenant. Writes nothing.
    #[command(
        after_help = PLAN_FORMATS
    )]
    Plan(PlanArgs),
    /// Show a saved plan in any form, offline.
    #[command(after_help = PLAN_FORMATS)]
    Show(ShowArgs),
    /// Show what the manifests describe as trees: codes below codes, campaigns and their desktops. Offline.
    #[command(after_help = "Formats: human, json; mermaid for a diagram.")]
    Graph(GraphArgs),
    /// Carry out a plan: a new one after asking, or a saved one.
    Apply(ApplyArgs),
    /// Take back what an earlier run did: plan the inverse, show it, ask, apply.
    Undo(UndoArgs),
    /// Show what differs between two environments, in their manifests or on their tenants (`--live`).
    Diff(DiffArgs),
    /// Show where the tenant is not what git says, and which side moved. Exits with 2 where it is not.
    #[command(after_help = "Formats: human, json; markdown for a comment or a summary.")]
    Drift(Box<DriftArgs>),
    /// Show how campaigns are doing: calls, rates, efficiency, and the used part of the abandon budget. Reads only.
    #[command(after_help = "Formats: human, json, csv; prometheus for a collector.")]
    Stats(StatsArgs),
    /// Tell what happened to a campaign: who changed which fields, and when, as the tenant remembers it. Reads only.
    #[command(after_help = "Formats: human, json, csv.")]
    History(HistoryArgs),
    /// Turn the dialers of campaigns that dial, within the bounds of the project's tuning policies.
    Tune(TuneArgs),
    /// What has been run: list, show, figures; and who may write.
    Runs {
        /// What to do.
        #[command(subcommand)]
        command: RunsCommand,
    },
    /// The audit trail: every write, chained by hashes.
    Audit {
        /// What to do.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Take in what others tell by webhooks: mappings, campaigns, runs. Each event is on disk before it is answered.
    Serve(ServeArgs),
    /// The events that others told: list, export.
    Events {
        /// What to do.
        #[command(subcommand)]
        command: EventsCommand,
    },
    /// Begin a project: files to edit, and continuous integration for it.
    Init(InitArgs),
    /// Check everything that a first plan needs: project, credentials, scopes, paths, clock, store.
    Doctor(DoctorArgs),
    /// Tell what a kind or a field of a manifest is for.
    Explain(ExplainArgs),
    /// Print the JSON Schema of manifests or of an output, for editors and programs.
    Schema(SchemaArgs),
    /// Print the completions of a shell.
    Completions(CompletionsArgs),
    /// Print the manual, or write a page for each command.
    Man(ManArgs),
    /// The project's own policies: try out their tests.
    Policy {
        /// What to do.
        #[command(subcommand)]
        command: crate::commands::policy::PolicyCommand,
    },
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
    /// Refuse to connect where `cxform.yaml` says otherwise than at this git revision where credentials go: for pipelines that
    /// run on changes under review.
    #[arg(long, value_name = "REV")]
    pub connection_base: Option<String>,
}

/// The day that counts as today.
#[derive(Debug, Clone, Copy, Args)]
pub struct AsOf {
    /// Judge as if it were this day, such as `2027-03-01`: dial windows are proven for 400 days from it on, and lowered
    /// rules and start dates are judged by it.
    #[arg(long = "as-of", value_name = "DATE")]
    pub date: Option<jiff::civil::Date>,
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
    /// Let a plan change so much of a kind, where `guard` lets less pass.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub allow_changed: Option<f64>,
    /// Let a plan retire, complete or take off desktops so much of a kind, where `guard` lets less pass.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub allow_retired: Option<f64>,
    /// Let a plan pass that a policy of the project denies: the policy's id and the reason, which goes on record.
    #[arg(long, value_name = "ID=REASON", value_parser = allowance)]
    pub allow_policy: Vec<Allowance>,
    /// Refuse a plan that makes anything laxer: whom, when and how fast campaigns call, or what is kept of it.
    #[arg(long)]
    pub forbid_loosening: bool,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end().parse::<f64>().ok();
    number.filter(|percent| (0.0..=100.0).contains(percent)).ok_or_else(|| "write a number from 0 to 100".to_owned())
}

fn allowance(text: &str) -> Result<Allowance, String> {
    match text.split_once('=').map(|(policy, reason)| (policy.trim(), reason.trim())) {
        Some((policy, reason)) if !policy.is_empty() && !reason.is_empty() => {
            Ok(Allowance { policy: policy.to_owned(), reason: reason.to_owned() })
        }
        _ => Err("write the policy's id and a reason, such as `call-rate-jump=\"agreed with the floor\"`".to_owned()),
    }
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
    /// The day that counts as today.
    #[command(flatten)]
    pub as_of: AsOf,
    /// Save the plan for `cxform apply FILE`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Where else it is shown.
    #[command(flatten)]
    pub elsewhere: Elsewhere,
    /// Exit with 2 when the plan holds changes.
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// `cxform apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// A plan that `plan --out` saved. It is applied as it is, and once.
    #[arg(value_name = "FILE", conflicts_with_all = ["target", "exclude", "allow_assigned", "allow_empty", "allow_protected", "allow_resume", "allow_changed", "allow_retired", "allow_policy"])]
    pub file: Option<PathBuf>,
    /// Go on with the run that was interrupted, by the plan that was approved for it.
    #[arg(long, conflicts_with_all = ["file", "target", "exclude", "allow_assigned", "allow_empty", "allow_protected", "allow_resume", "allow_changed", "allow_retired", "allow_policy", "forbid_loosening", "no_store"])]
    pub resume: bool,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
    /// What shapes the plan.
    #[command(flatten)]
    pub shape: Shape,
    /// How it is carried out.
    #[command(flatten)]
    pub manner: Manner,
    /// Go on without journal, lock and audit trail: the preconditions alone protect the tenant then.
    #[arg(long)]
    pub no_store: bool,
    /// Refuse any plan but the one that was approved: `plan` tells its digest.
    #[arg(long, value_name = "sha256:HEX", value_parser = digest)]
    pub expect_digest: Option<String>,
}

/// How a plan is carried out.
#[derive(Debug, Args)]
pub struct Manner {
    /// Do not ask.
    #[arg(long)]
    pub auto_approve: bool,
    /// How many steps may be under way at once.
    #[arg(long, value_name = "N", default_value_t = cxform_apply::PARALLELISM, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallelism: u16,
    /// What a failure or a conflict means for the rest.
    #[arg(long, value_name = "POLICY", default_value = "continue")]
    pub on_failure: OnFailure,
    /// Never go on top of somebody else's change, even of other fields: that is a conflict.
    #[arg(long)]
    pub no_rebase: bool,
    /// How long to wait for another writer on the same tenant, such as `60s` or `5m`.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub lock_timeout: Duration,
}

/// What a failure or a conflict means for the rest of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnFailure {
    /// What depends on the step is skipped; everything else goes on.
    Continue,
    /// No further step starts.
    Stop,
    /// No further step starts, and what the run did is taken back as far as that is possible.
    Rollback,
}

fn digest(text: &str) -> Result<String, String> {
    let hex = text.trim().strip_prefix("sha256:").filter(|hex| hex.len() == 64);
    match hex.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        Some(hex) => Ok(format!("sha256:{}", hex.to_ascii_lowercase())),
        None => Err("write `sha256:` and 64 hexadecimal digits, as `plan` tells them".to_owned()),
    }
}

/// A time such as `60s`.
pub fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let span: jiff::SignedDuration = text.parse().map_err(|_| "write a time such as `60s` or `5m`".to_owned())?;
    Duration::try_from(span).map_err(|_| "a time is not negative".to_owned())
}

/// `cxform undo`.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The run: its id, the beginning of it, or `last`.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Let an inverse pass that a policy of the project denies: the policy's id and the reason, which goes on record.
    #[arg(long, value_name = "ID=REASON", value_parser = allowance)]
    pub allow_policy: Vec<Allowance>,
    /// Refuse an inverse that makes anything laxer.
    #[arg(long)]
    pub forbid_loosening: bool,
    /// Save the inverse plan for `cxform apply FILE` instead of applying it.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
    /// How it is carried out.
    #[command(flatten)]
    pub manner: Manner,
}

/// `cxform runs`.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// The runs, the newest first.
    List {
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u64,
    },
    /// One run and its steps.
    Show {
        /// The run: its id, the beginning of it, or `last`.
        run: String,
    },
    /// How often it works and how long the tenant takes, for one run or all of them.
    Stats {
        /// The run: its id, the beginning of it, or `last`.
        run: Option<String>,
    },
    /// Free a tenant whose writer has died, or with `--force` one whose writer hangs.
    Unlock {
        /// Also where the owner is alive: it notices, and stops.
        #[arg(long)]
        force: bool,
        /// Where the tenant is.
        #[command(flatten)]
        tenant: TenantArgs,
    },
}

/// Which records of the audit trail.
#[derive(Debug, Args)]
pub struct AuditSelection {
    /// Of this run: its id, the beginning of it, or `last`.
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Of this object, such as `campaign/q3-renewals`.
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// By this user.
    #[arg(long, value_name = "USER")]
    pub actor: Option<String>,
    /// Not before this time, such as `2026-07-01` or `2026-07-01T14:00:00Z`.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Timestamp>,
    /// Not after this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// At most so many, the oldest first.
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

/// `cxform audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// The records, the oldest first.
    List {
        /// Which.
        #[command(flatten)]
        selection: AuditSelection,
    },
    /// One record in full.
    Show {
        /// Its number.
        number: i64,
    },
    /// Recompute the whole chain: finds any changed, missing or re-ordered record. Exits with 1 if it does.
    Verify {
        /// The head that a run's result or notification told: so a cut tail and a chain made anew are found too.
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
    /// Write the records to standard output or a file: `--format jsonl` (one JSON object a line) or `--format csv`.
    Export {
        /// The file.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Which.
        #[command(flatten)]
        selection: AuditSelection,
    },
    /// What was configured at a moment, and who put it there.
    Asof {
        /// The moment, such as `2026-07-01T14:00:00Z`; without a zone, this machine's.
        #[arg(value_parser = moment)]
        time: Timestamp,
        /// The object, such as `campaign/q3-renewals`.
        address: String,
    },
}

/// An instant, or a date and time where this machine is.
/// A time, in this machine's zone where it names none.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let civil: jiff::civil::DateTime =
        text.parse().map_err(|_| "write a time such as `2026-07-01T14:00:00Z`".to_owned())?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::system()).map_err(|error| error.to_string())?;
    Ok(zoned.timestamp())
}

/// The secret of the emulator's client where nobody chooses one.
pub const DEFAULT_SECRET: &str = "emulator-secret";

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
    #[arg(long, value_name = "SECRET", default_value = DEFAULT_SECRET)]
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
