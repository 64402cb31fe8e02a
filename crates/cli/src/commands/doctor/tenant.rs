//! The checks of a tenant: token, clock, every call that a plan reads, and what the granted scopes allow an apply.

use std::time::Duration;

use cxform_model::{Endpoint, RemoteId};
use cxform_tenant::{Connection, Probe, TenantError, Told};
use jiff::Timestamp;

use super::checks::{Check, Checks, Verdict};
use crate::views::text;

/// Beyond this, times in audit trails, snoozes and start dates are judged wrongly.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// A right with the scope names that grant it (contract 1.2), and what is lost without it.
const WRITE_RIGHTS: &[(&str, &[&str])] = &[
    ("outcomes", &["outcomes:write"]),
    ("desktop settings", &["desktop:write"]),
    ("call codes", &["callcodes:write"]),
    ("campaigns", &["campaigns:write", "outbound:campaigns:write", "outbound:campaign:write", "Campaigns:Write"]),
];

/// Asks the tenant one question after the other.
pub async fn examine(connection: &Connection, campaigns_path: &str, checks: &mut Checks) {
    let scopes = match connection.granted_scopes().await {
        Ok(scopes) => scopes,
        Err(error) => {
            let remedy = match error {
                TenantError::Credentials(_) => {
                    "check CXONE_CLIENT_ID and CXONE_CLIENT_SECRET, and that `auth.tokenPath` and `auth.style` are this tenant's"
                }
                _ => {
                    "check `baseUrl` and the network; `auth.tokenPath` is one of /api/v2/oauth/token, /oauth/token, /oauth2/token"
                }
            };
            return checks.fail("token", &error.into(), remedy);
        }
    };
    checks.good("token", "granted".to_owned());
    let outcomes = probe(connection, Endpoint::ListOutcomes, None, "outcomes", "outcomes:read", checks).await;
    if let Some(outcomes) = &outcomes {
        clock(outcomes, checks);
        quota(outcomes, checks);
    }
    probe(connection, Endpoint::ListCallCodes, None, "call codes", "callcodes:read", checks).await;
    let campaigns = probe(connection, Endpoint::ListCampaigns, None, "campaigns", "campaigns:read", checks).await;
    match &campaigns {
        Some(probe) if probe.items > 0 && !probe.has_versions => checks.add(Check {
            name: "versions",
            verdict: Verdict::Failed,
            told: "campaigns bear no `version`, so no write to them can be guarded".to_owned(),
            remedy: Some("ask the vendor for the API generation of docs/api-contract.md".to_owned()),
        }),
        Some(probe) if probe.items > 0 => checks.good("versions", "campaigns bear their version".to_owned()),
        Some(_) => checks.unknown("versions", "there is no campaign to look at"),
        None => {
            let other =
                if campaigns_path.contains("outbound") { "/api/v2/campaigns" } else { "/api/v2/outbound/campaigns" };
            checks.unknown(
                "versions",
                &format!("not read; some tenants have their campaigns at `campaignsPath: {other}`"),
            );
        }
    }
    probe(connection, Endpoint::ListGroups, None, "campaign groups", "campaigns:read", checks).await;
    if let Some(campaign) = campaigns.and_then(|probe| probe.first) {
        probe(connection, Endpoint::ListAssignments, Some(&campaign), "desktops", "campaigns:read", checks).await;
        optional(connection, &campaign, checks).await;
    }
    write_rights(scopes.as_deref(), checks);
}

async fn probe(
    connection: &Connection,
    endpoint: Endpoint,
    campaign: Option<&RemoteId>,
    name: &'static str,
    scope: &str,
    checks: &mut Checks,
) -> Option<Probe> {
    match connection.reader().probe(endpoint, campaign).await {
        Ok(probe) => {
            let count = match probe.total {
                Some(total) => format!("{total} in all"),
                None => format!("{} on the first page, no total", probe.items),
            };
            let next = probe.next.map_or_else(String::new, |next| format!(", further pages {next}"));
            checks.good(name, format!("readable in {}: {count}{next}", text::duration(probe.latency)));
            Some(probe)
        }
        Err(error) => {
            let remedy = match &error {
                TenantError::Forbidden(_) => {
                    format!("give the client the scope `{scope}`, or a name of it that this tenant has")
                }
                TenantError::NotFound(_) if endpoint == Endpoint::ListCampaigns => {
                    "try the other `campaignsPath`: /api/v2/campaigns or /api/v2/outbound/campaigns".to_owned()
                }
                TenantError::NotFound(_) => {
                    "this tenant does not have the API of docs/api-contract.md at its `baseUrl`".to_owned()
                }
                _ => "run again with `-vv`; docs/api-contract.md says what cxform expects here".to_owned(),
            };
            checks.fail(name, &error.into(), &remedy);
            None
        }
    }
}

/// What only reports need: nothing fails without it.
async fn optional(connection: &Connection, campaign: &RemoteId, checks: &mut Checks) {
    match connection.reader().probe(Endpoint::ReadHistory, Some(campaign)).await {
        Ok(_) => checks.good("history", "readable: reports can say who changed a campaign".to_owned()),
        Err(error) => {
            checks.warn(
                "history",
                error.to_string(),
                "without it, conflicts and drift do not tell who changed a campaign",
            );
        }
    }
    let told = match connection.reader().figures(campaign).await {
        Ok(Told::Known(_)) => return checks.good("statistics", "readable".to_owned()),
        Ok(Told::NotPermitted(refusal)) => refusal.to_string(),
        Ok(Told::Absent) => "the tenant has none for its first campaign".to_owned(),
        Err(error) => error.to_string(),
    };
    let remedy = "without them, figures are shown as unknown; `outbound:campaigns:stats:read` grants them";
    checks.warn("statistics", told, remedy);
}

fn clock(probe: &Probe, checks: &mut Checks) {
    let Some(theirs) = probe.clock else { return checks.unknown("clock", "the tenant does not tell its time") };
    let off = Timestamp::now().duration_since(theirs).unsigned_abs();
    let told = format!("{} apart from the tenant's", text::duration(off));
    if off <= CLOCK_TOLERANCE {
        checks.good("clock", told);
    } else {
        checks.warn("clock", told, "set this machine's clock: start dates and audit times are judged by it");
    }
}

fn quota(probe: &Probe, checks: &mut Checks) {
    if probe.quota_headers.is_empty() {
        let told = "the tenant tells no quota: `rateLimits` of the environment decides".to_owned();
        checks.good("rate limits", told);
    } else {
        checks.good("rate limits", format!("the tenant tells {}", probe.quota_headers.join(", ")));
    }
}

fn write_rights(scopes: Option<&[String]>, checks: &mut Checks) {
    let Some(scopes) = scopes.filter(|scopes| !scopes.is_empty()) else {
        return checks.unknown("write scopes", "the tenant does not tell which scopes it granted");
    };
    let lacking: Vec<&str> = WRITE_RIGHTS
        .iter()
        .filter(|(_, names)| !scopes.iter().any(|scope| names.contains(&scope.as_str())))
        .map(|(right, _)| *right)
        .collect();
    if lacking.is_empty() {
        checks.good("write scopes", "granted: `cxform apply` can write".to_owned());
    } else {
        let told = format!("none for {}: good for plans, too little for an apply of them", lacking.join(", "));
        checks.add(Check { name: "write scopes", verdict: Verdict::Warning, told, remedy: None });
    }
}
