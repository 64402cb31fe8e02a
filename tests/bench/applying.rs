//! A whole `apply`: at the tenant's documented rates, against the least time that any client needs for the same requests; and
//! without rates on a distant tenant, against a script that sends the same writes one after the other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use cxform_emulator::{Emulator, Options, RateLimits, Running};
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
    println!("{:<34} {:>8} {:>10} {:>10} {:>9}", "without limits, latency 20 ms", "writes", "script", "apply", "ratio");
    against_a_script("1,000 outcomes, rules and desktops", &outcomes(1000));
    println!();
}

fn started(runtime: &Runtime, rate_limit: RateLimits, latency: u64) -> Running {
    let options = Options { rate_limit, latency: Duration::from_millis(latency), ..Options::default() };
    runtime.block_on(Emulator::start(options)).unwrap()
}

/// Applies a manifest on a tenant, with these settings of the environment.
fn applied(tenant: &Running, settings: &str, manifest: &str) -> child::Run {
    let folder = tempfile::tempdir().unwrap();
    let project = format!(
        "apiVersion: cxform/v1\nkind: Project\nmetadata: {{ name: bench }}\nspec: {{ guard: {{ maxChangedPercent: 100, maxRetiredPercent: 100 }}, environments: {{ bench: {settings} }} }}\n"
    );
    std::fs::write(folder.path().join("cxform.yaml"), project).unwrap();
    std::fs::create_dir(folder.path().join("manifests")).unwrap();
    std::fs::write(folder.path().join("manifests/all.yaml"), manifest).unwrap();
    let run = child::apply(folder.path(), tenant);
    assert_eq!(run.code, 0, "the apply ends well");
    run
}

fn against_a_script(name: &str, manifest: &str) {
    let runtime = Runtime::new().unwrap();
    // Every run sends the same, so the log of the last one tells what the script has to do.
    let mut tenant = None;
    let run = child::best_of(3, || {
        let fresh = started(&runtime, RateLimits::OFF, 20);
        let run = applied(&fresh, "{ rateLimits: { outcomes: 100000/s, default: 100000/s } }", manifest);
        if let Some(before) = tenant.replace(fresh) {
            runtime.block_on(before.shutdown());
        }
        run
    });
    let tenant = tenant.unwrap();
    let writes: Vec<Value> = tenant
        .requests()
        .into_iter()
        .filter(|entry| entry["method"] != "GET" && !entry["path"].as_str().unwrap().contains("oauth"))
        .collect();
    let script = started(&runtime, RateLimits::OFF, 20);
    let seconds = runtime.block_on(one_after_the_other(&script, &writes, &tenant.state()));
    let ratio = seconds / run.seconds;
    println!("{name:<34} {:>8} {seconds:>9.1}s {:>9.1}s {ratio:>8.1}x", writes.len(), run.seconds);
    assert!(ratio >= 10.0, "ten times as fast as a script");
    runtime.block_on(async { tokio::join!(tenant.shutdown(), script.shutdown()) });
}

/// Sends the same writes to another tenant, with the ids that it gives.
async fn one_after_the_other(tenant: &Running, writes: &[Value], there: &Value) -> f64 {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let codes: BTreeMap<String, String> =
        there["outcomes"].as_array().unwrap().iter().map(|row| (text(&row["id"]), text(&row["code"]))).collect();
    // Whoever installed a provider first wins; ours is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let began = Instant::now();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", tenant.client_id()),
        ("client_secret", tenant.client_secret()),
    ];
    let answer = client.post(format!("{}/api/v2/oauth/token", tenant.url())).form(&form).send().await.unwrap();
    let token = text(&answer.json::<Value>().await.unwrap()["access_token"]);
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for write in writes {
        let path: Vec<String> = text(&write["path"])
            .split('/')
            .map(|part| codes.get(part).map_or_else(|| part.to_owned(), |code| ids[code].clone()))
            .collect();
        let method = reqwest::Method::from_bytes(text(&write["method"]).as_bytes()).unwrap();
        let request = client.request(method, format!("{}{}", tenant.url(), path.join("/"))).bearer_auth(&token);
        let request = request.header("content-type", "application/json").body(text(&write["rawBody"]));
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}: {write}", answer.status());
        let answer: Value = answer.json().await.unwrap_or_default();
        if write["method"] == "POST" {
            ids.insert(text(&answer["code"]), text(&answer["id"]));
        }
    }
    began.elapsed().as_secs_f64()
}

fn one(name: &str, manifest: &str) {
    let runtime = Runtime::new().unwrap();
    let tenant = started(&runtime, RateLimits::STANDARD, 5);
    let run = applied(&tenant, "{}", manifest);
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
