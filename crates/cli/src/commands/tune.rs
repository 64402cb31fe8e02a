//! `cxform tune`: looks at campaigns that dial, decides by the project's tuning policies, and turns what is to be turned.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use cxform_manifest::Environment;
use cxform_model::{Address, Knob, TuningPolicy, TuningRules};
use cxform_operate::tune::{CampaignV1, TuneV1, Verdict, Written};
use cxform_record::Mode;

use crate::args::{Global, TenantArgs, Wanted, duration};
use crate::connect::{self, Session};
use crate::project;
use crate::recording::store;
use crate::signals::stop_on_signals;
use crate::terminal::{colour_on_stdout, print, say};
use crate::tuning::{Desk, Look};
use crate::views::style::Palette;
use crate::views::{self, text};

/// `cxform tune`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("how_often").required(true))]
pub struct TuneArgs {
    /// Look once.
    #[arg(long, group = "how_often")]
    pub once: bool,
    /// Look again and again, every so often (`60s`), until Ctrl-C or SIGTERM.
    #[arg(long, value_name = "TIME", value_parser = duration, group = "how_often")]
    pub interval: Option<Duration>,
    /// Show what would be turned, and turn nothing: it holds a reader, and needs no lock.
    #[arg(long, conflicts_with = "interval")]
    pub explain: bool,
    /// Campaigns to look at, of those that policies name. Without any: all of them.
    #[arg(long, value_name = "CAMPAIGN", num_args = 1..)]
    pub campaign: Vec<String>,
    /// Turn dialers of a protected environment: the policies in git are the approval.
    #[arg(long)]
    pub auto_approve: bool,
    /// How long to wait for another writer on the same tenant, such as `10s`.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub lock_timeout: Duration,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// No tenant tells anything new in less.
const SHORTEST: Duration = Duration::from_secs(10);

/// Tunes, once or until it is stopped.
pub async fn run(global: &Global, args: TuneArgs) -> anyhow::Result<u8> {
    let TuneArgs { once: _, interval, explain, campaign, auto_approve, lock_timeout, tenant } = args;
    if interval.is_some_and(|interval| interval < SHORTEST) {
        bail!("`--interval` is {} at least", text::duration(SHORTEST));
    }
    let project = project::open(global, tenant.base_url.is_some())?;
    let environment = project::environment(&project, global)?;
    let desired = project::load(&project, environment, &project::today(), global)?;
    let policies = picked(&desired.tuning, &campaign)?;
    let resolved = project::resolve(&project, environment, global, &tenant)?;
    if resolved.protected && !explain && !auto_approve {
        bail!(
            "environment `{}` is protected: `tune` turns dialers there with `--auto-approve` only\n\
             hint: `cxform tune --once --explain` shows what it would turn",
            environment.name
        );
    }
    let rules = |policy: &TuningPolicy, campaign: &Address| -> TuningRules {
        // Only a lowered rule lets these two meet.
        let ignored = |knob: &Knob| {
            let object = desired.objects.get(campaign);
            object.zip(knob.field()).is_some_and(|(object, field)| object.ignored.contains(&field))
        };
        Knob::ALL.into_iter().filter(ignored).fold(policy.rules, TuningRules::without)
    };
    let store =
        if explain { store::look(&project).await? } else { Some(store::open(&project, Mode::ReadWrite).await?) };
    let lock_name = connect::lock_name(&project.root, &resolved);
    let rate_limits = resolved.rate_limits;
    let session = Session::open(&project.root, resolved, &tenant).await?;
    let desk = Desk {
        session: &session,
        project: &project,
        environment: &environment.name,
        policies: &policies,
        rules: &rules,
        store,
        lock_name,
        lock_timeout,
        rate_limits,
        explain,
        quiet: global.quiet,
        stop: stop_on_signals()?,
    };
    let ended = match interval {
        None => once(&desk, global, environment).await,
        Some(interval) => again(&desk, global, environment, interval).await,
    };
    drop(desk);
    session.close().await;
    ended
}

async fn once(desk: &Desk<'_>, global: &Global, environment: &Environment) -> anyhow::Result<u8> {
    let Some(look) = desk.look().await? else { bail!("stopped before anything was turned") };
    let told = match global.wanted {
        Wanted::Json => serde_json::to_string_pretty(&document(desk, environment, &look))? + "\n",
        _ => views::tune::blocks(&look.campaigns, Palette::new(colour_on_stdout())),
    };
    print(&told)?;
    Ok(code(&look))
}

async fn again(desk: &Desk<'_>, global: &Global, environment: &Environment, interval: Duration) -> anyhow::Result<u8> {
    let mut first = true;
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = desk.stop.raised() => return Ok(0),
            _ = ticks.tick() => {}
        }
        match desk.look().await {
            Ok(None) => return Ok(0),
            Ok(Some(look)) => {
                let told = match global.wanted {
                    Wanted::Json => serde_json::to_string(&document(desk, environment, &look))? + "\n",
                    _ => views::tune::lines(look.at, &look.campaigns, global.quiet),
                };
                print(&told)?;
            }
            // What fails at the first try was asked for wrongly.
            Err(error) if first => return Err(error),
            Err(error) => {
                let every = text::duration(interval);
                say(&format!("nothing was turned, tried again in {every}: {}", text::causes(&error)));
            }
        }
        first = false;
    }
}

fn document(desk: &Desk<'_>, environment: &Environment, look: &Look) -> TuneV1 {
    let campaigns = look.campaigns.iter().map(|(considered, written)| CampaignV1::of(considered, written)).collect();
    TuneV1::new(&environment.name, &desk.session.tenant, look.at, desk.explain, campaigns)
}

/// A conflict that stays is 4; what failed beside something that was turned is 3, and 1 alone.
fn code(look: &Look) -> u8 {
    let any = |is: fn(&Written) -> bool| look.campaigns.iter().any(|(_, written)| is(written));
    let unread = look.campaigns.iter().any(|(considered, _)| matches!(considered.verdict, Verdict::Failed(_)));
    if any(|written| matches!(written, Written::Conflict(_))) {
        4
    } else if any(|written| matches!(written, Written::Failed(_))) || unread {
        if any(|written| matches!(written, Written::Tuned { .. })) { 3 } else { 1 }
    } else {
        0
    }
}

/// The policies, with the campaigns that are asked for.
fn picked(policies: &[TuningPolicy], names: &[String]) -> anyhow::Result<Vec<TuningPolicy>> {
    if policies.is_empty() {
        bail!("no manifest of the project is a TuningPolicy\nhint: `cxform explain TuningPolicy` tells what one says");
    }
    let address = |name: &String| Address::campaign(name.strip_prefix("campaign/").unwrap_or(name));
    let named =
        |campaign: &Address| policies.iter().flat_map(|policy| &policy.campaigns).any(|one| one.value == *campaign);
    if let Some(unknown) = names.iter().find(|name| !named(&address(name))) {
        bail!("no TuningPolicy names the campaign `{}`", text::safe(unknown));
    }
    let wanted: Vec<_> = names.iter().map(address).collect();
    let mut policies = policies.to_vec();
    for policy in &mut policies {
        policy.campaigns.retain(|campaign| wanted.is_empty() || wanted.contains(&campaign.value));
    }
    policies.retain(|policy| !policy.campaigns.is_empty());
    Ok(policies)
}
