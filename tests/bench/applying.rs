//! A whole `apply` at the tenant's documented rates, against the least time that any client needs for the same requests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use cxform_emulator::{Emulator, Options, RateLimits};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::child;

/// One quota: what it grants at once, and then each second.
struct Quota {
    burst: f64,
    per_second: f64,
}

const OUTCOMES: Quota = Quota { burst: 100.0, per_second: 100.0 };
const OTHERS: Quota = Quota { burst: 100.0, per_second: 100.0 / 60.0 };

pub fn all() {
    println!(
        "{:<34} {:>8} {:>10} {:>10} {:>9} {:>8}",
        "apply at the tenant's rates", "requests", "least", "time", "ratio", "429"
    );
    one("1,000 outcomes, rules and desktops", &outcomes(1000));
    one("300 campaigns with selection rules", &campaigns(300));
    println!();
}

fn one(name: &str, manifest: &str) {
    let runtime = Runtime::new().unwrap();
    let options = Options { rate_limit: RateLimits::STANDARD, latency: Duration::from_millis(5), ..Options::default() };
    let tenant = runtime.block_on(Emulator::start(options)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let project =
        "apiVersion: cxform/v1\nkind: Project\nmetadata: { name: bench }\nspec: { environments: { bench: {} } }\n";
    std::fs::write(folder.path().join("cxform.yaml"), project).unwrap();
    std::fs::create_dir(folder.path().join("manifests")).unwrap();
    std::fs::write(folder.path().join("manifests/all.yaml"), manifest).unwrap();
    let run = child::apply(folder.path(), &tenant);
    assert_eq!(run.code, 0, "the apply ends well");
    let requests = tenant.requests();
    let refused = requests.iter().filter(|entry| entry["status"] == 429).count();
    let least = least(&requests);
    println!(
        "{name:<34} {:>8} {least:>9.1}s {:>9.1}s {:>9.3} {refused:>8}",
        requests.len(),
        run.seconds,
        run.seconds / least
    );
    assert_eq!(refused, 0, "nothing was sent too fast");
    assert!(run.seconds <= least * 1.05 + 1.0, "within 5 % and a second of what the rates allow");
    runtime.block_on(tenant.shutdown());
}

/// The time below which no client can send all of these: that of the slowest quota.
fn least(requests: &[Value]) -> f64 {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for entry in requests {
        let (method, path) = (entry["method"].as_str().unwrap(), entry["path"].as_str().unwrap());
        let quota =
            if path.starts_with("/api/v2/outcomes") { String::new() } else { format!("{method} {}", template(path)) };
        *counts.entry(quota).or_default() += 1.0;
    }
    let time = |(quota, count): (&String, &f64)| {
        let Quota { burst, per_second } = if quota.is_empty() { OUTCOMES } else { OTHERS };
        (count - burst).max(0.0) / per_second
    };
    counts.iter().map(time).fold(0.0, f64::max)
}

/// A path with its ids left out.
fn template(path: &str) -> String {
    path.split('/')
        .map(|part| if part.bytes().any(|byte| byte.is_ascii_digit()) && part != "v2" { "*" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn outcomes(count: usize) -> String {
    let mut text =
        String::from("apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: { name: tree }\nspec:\n  outcomes:\n");
    for at in 0..count {
        let _ = writeln!(
            text,
            "    - {{ code: O{at}, name: Outcome {at}, validationRules: {{ retentionPeriodDays: {} }}, uiConfig: {{ icon: phone, group: G{} }} }}",
            30 + at % 300,
            at % 9,
        );
    }
    text
}

fn campaigns(count: usize) -> String {
    let mut text = String::new();
    for at in 0..count {
        let _ = write!(
            text,
            "---\napiVersion: cxform/v1\nkind: Campaign\nmetadata: {{ name: c{at} }}\nspec: {{ type: preview, targetListId: list_{at}, dialerSettings: {{ callRate: 0.5, agentCapacity: 20 }} }}\n\
             ---\napiVersion: cxform/v1\nkind: SelectionRules\nmetadata: {{ name: c{at} }}\nspec:\n  campaigns: [c{at}]\n  targetListIds: [list_{at}]\n  \
             filterRules: [ {{ field: status, operator: eq, value: active }} ]\n  priorityOrder: [high_value]\n",
        );
    }
    text
}
