//! Canaries: the client's secret and its tokens show up nowhere, whatever goes wrong and however loud the log is.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use cxform_emulator::Options;
use serde_json::json;

use crate::exit_codes::{MANIFEST, seed};
use crate::project::{Finished, PROJECT, Project, options};
use crate::tenant::Tenant;
use crate::tune;

const SECRET: &str = "canary/S3cr3t+of=the client";
/// Every spelling in which a careless program lets it out: as it is, in a query, in a form, in a header.
const SPELLINGS: [&str; 5] =
    [SECRET, "canary%2FS3cr3t", "canary%2fS3cr3t", "Y2FuYXJ5L1MzY3IzdC", "ZW11bGF0b3ItY2xpZW50OmNhbmFye"];
/// What every token of the emulator begins with.
const TOKEN: &str = "emulated-";

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for canary in SPELLINGS.into_iter().chain([TOKEN]) {
        assert!(!text.contains(canary), "{what} holds `{canary}`:\n{text}");
    }
}

#[track_caller]
fn assert_said_nothing(ended: &Finished) {
    assert_clean("stdout", &ended.stdout);
    assert_clean("stderr", &ended.stderr);
}

#[track_caller]
fn assert_wrote_nothing(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_wrote_nothing(&path);
        } else {
            assert_clean(&path.display().to_string(), &String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}

fn on(tenant: &Tenant, project: &Project, arguments: &str, secret: &str) -> Finished {
    let mut ended = Vec::new();
    for format in ["text", "json"] {
        let invocation = project.on(tenant, &format!("{arguments} -vv --log-format {format}"));
        ended.push(invocation.env("CXFORM_LOG", "trace").env("CXONE_CLIENT_SECRET", secret).run());
        assert_said_nothing(ended.last().unwrap());
    }
    ended.swap_remove(0)
}

fn scene(rules: serde_json::Value) -> (Tenant, Project) {
    let tenant = Tenant::start(Options { client_secret: SECRET.to_owned(), ..options(seed()) });
    tenant.faults(&rules);
    (tenant, Project::new(MANIFEST))
}

#[test]
fn neither_output_nor_logs_nor_files_hold_them() {
    for style in ["form", "basic", "json"] {
        let (tenant, project) = scene(json!([]));
        let path = match style {
            "form" => "/api/v2/oauth/token",
            "basic" => "/oauth/token",
            _ => "/oauth2/token",
        };
        let auth = format!("test: {{ auth: {{ style: {style}, tokenPath: {path} }},");
        project.write("cxform.yaml", PROJECT.replace("test: {", &auth));
        let planned = on(&tenant, &project, "plan --out saved.json", SECRET).exits(0);
        assert!(
            planned.stderr.contains("/api/v2/outcomes"),
            "the log is loud enough to give something away: {planned}"
        );
        on(&tenant, &project, "plan --format json", SECRET).exits(0);
        on(&tenant, &project, "apply saved.json --auto-approve", SECRET);
        assert_wrote_nothing(project.path());
        for entry in tenant.requests() {
            let url = format!("{}?{}", entry["path"], entry["query"]);
            assert_clean("a request's address", &url);
        }
    }
}

#[test]
fn a_refused_secret_is_not_repeated() {
    let (tenant, project) = scene(json!([]));
    let wrong = format!("{SECRET} but wrong");
    on(&tenant, &project, "plan", &wrong).exits(1).says(&["401"]);
}

#[test]
fn a_server_that_repeats_what_it_was_sent_is_not_quoted() {
    let echo =
        format!("you sent client_secret={SECRET} and Authorization: Basic ZW11bGF0b3ItY2xpZW50OmNhbmFyeS9TM2NyM3Q=");
    for (path, status) in [("*/token", 400), ("*/token", 401), ("/api/v2/outcomes", 400), ("/api/v2/campaigns*", 403)] {
        for body in
            [json!({ "code": "x", "message": echo }), json!({ "error": "x", "error_description": echo }), json!(echo)]
        {
            let (tenant, project) =
                scene(json!([{ "path": path, "effect": "status", "status": status, "body": body }]));
            on(&tenant, &project, "plan", SECRET).exits(1).says(&[&status.to_string()]);
        }
    }
}

#[test]
fn a_saved_report_of_a_failed_write_is_clean() {
    let body =
        json!({ "code": "x", "message": format!("bad: {SECRET}"), "errors": [{ "field": "name", "message": SECRET }] });
    let rule = json!({ "method": "POST", "path": "/api/v2/outcomes", "effect": "status", "status": 422, "body": body });
    let (tenant, project) = scene(json!([rule]));
    for format in ["human", "json"] {
        on(&tenant, &project, &format!("apply --auto-approve --format {format}"), SECRET).says(&["422", "[REDACTED]"]);
    }
}

#[test]
fn what_a_tenant_says_of_campaigns_that_dial_is_not_quoted_either() {
    let body = json!({ "code": "x", "message": format!("you sent {SECRET}"), "errors": [{ "field": SECRET, "message": "no" }] });
    let scene = |path: &str, status: u16| {
        let seed = tune::seed("active", tune::lately(0.7, 0.005));
        let tenant = Tenant::start(Options { client_secret: SECRET.to_owned(), ..options(seed) });
        tenant.faults(&json!([{ "path": path, "effect": "status", "status": status, "body": body }]));
        (tenant, Project::new(tune::POLICY))
    };
    let outbound = "/api/v2/outbound/campaigns/c1";
    for (command, path, status) in [
        ("tune --once", format!("{outbound}/stats"), 400),
        ("tune --once", "/api/v2/campaigns/c1/analytics".to_owned(), 403),
        ("tune --once", "/api/v2/campaigns/c1".to_owned(), 422),
        ("history q3", format!("{outbound}/history"), 400),
        (
            "stats export --from 2020-01-01 --to 2100-01-01 --out rows.csv",
            "/api/v2/campaigns/c1/analytics".to_owned(),
            403,
        ),
    ] {
        let (tenant, project) = scene(&path, status);
        on(&tenant, &project, command, SECRET).says(&["[REDACTED]"]);
        assert_wrote_nothing(project.path());
    }
}

/// A tenant that hands out one token and answers everything else with all that it was sent.
fn echoing_tenant(html: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        // Bounded: a test sends far fewer.
        for stream in listener.incoming().take(200) {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                match stream.read(&mut part) {
                    Ok(0) | Err(_) => break,
                    Ok(length) => request.extend_from_slice(&part[..length]),
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let (status, body) = if request.starts_with("POST") && request.contains("/token") {
                let token = format!("{TOKEN}0123456789abcdef0123456789");
                (200, json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 }).to_string())
            } else if html {
                (400, format!("<html><pre>{request}</pre></html>"))
            } else {
                (400, json!({ "code": "bad", "message": request }).to_string())
            };
            let kind = if html && status != 200 { "text/html" } else { "application/json" };
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        }
    });
    url
}

#[test]
fn a_token_that_comes_back_in_an_error_is_not_shown() {
    for html in [false, true] {
        let url = echoing_tenant(html);
        let project = Project::new(MANIFEST);
        for format in ["text", "json"] {
            let invocation = project.cxform(&format!("plan -vv --log-format {format}")).env("CXFORM_LOG", "trace");
            let invocation = invocation.env("CXONE_BASE_URL", &url).env("CXONE_CLIENT_ID", "me");
            let ended = invocation.env("CXONE_CLIENT_SECRET", SECRET).run().exits(1).says(&["400"]);
            assert_said_nothing(&ended);
        }
    }
}

#[test]
fn the_embedded_tenant_keeps_no_credentials() {
    let project = Project::new(MANIFEST);
    project.write("cxform.yaml", PROJECT.replace("test: {", "test: { emulator: { seed: seed.json },"));
    project.write("seed.json", seed().to_string());
    project.cxform("apply --auto-approve").run().exits(0);
    assert!(project.path().join(".cxform/emulator/test.json").is_file());
    assert_wrote_nothing(project.path());
    let state = project.read(".cxform/emulator/test.json");
    assert!(!state.contains("emulator-secret"), "{state}");
    assert_eq!(project.read(".cxform/.gitignore"), "*\n");
}

#[test]
fn neither_a_core_dump_nor_a_list_of_processes_shows_them() {
    let (tenant, project) = scene(json!([{ "path": "/api/v2/outcomes*", "effect": "delay", "delayMs": 3000 }]));
    let running = project.on(&tenant, "plan").env("CXONE_CLIENT_SECRET", SECRET).start();
    let process = format!("/proc/{}", running.id());
    let read = |name: &str| std::fs::read_to_string(format!("{process}/{name}")).unwrap_or_default();
    let dumps = || read("limits").lines().find(|line| line.starts_with("Max core file size")).map(str::to_owned);
    let off = (0..250).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        dumps().is_some_and(|line| line.split_whitespace().skip(4).take(2).eq(["0", "0"]))
    });
    assert!(off, "{:?}", dumps());
    assert_clean("the command line", &read("cmdline"));
    assert_said_nothing(&running.wait());
}
