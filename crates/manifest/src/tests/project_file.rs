//! `cxform.yaml` and its problems.

use super::*;

/// The problems of a `cxform.yaml` whose `spec` is this.
fn problems(spec: &str) -> Diagnostics {
    let text = format!(
        "apiVersion: cxform/v1\nkind: Project\nmetadata: {{ name: test }}\nspec:\n  {}\n",
        spec.replace('\n', "\n  ")
    );
    Project::in_memory(Some(text.as_bytes()), []).1
}

#[track_caller]
fn refused(spec: &str, expected: &str) {
    let found = lines(&problems(spec));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].trim_start_matches("cxform.yaml:").starts_with(expected), "{found:?}");
}

#[test]
fn settings_that_cannot_be_used_are_told_where_they_are() {
    refused("enviroments: {}", "5:3 CX005 unknown key `enviroments`");
    refused("environments: { \"../x\": { emulator: {} } }", "5:19 CX025");
    refused("environments: { e: { baseUrl: \"http://api.example.com\" } }", "5:33 CX025 `baseUrl` is plain `http`");
    refused(
        "environments: { e: { emulator: {}, baseUrl: \"https://x.y\" } }",
        "5:24 CX025 an environment is the emulator or a tenant",
    );
    refused("environments: { e: { rateLimits: { outcomes: fast } } }", "5:48 CX025 `fast` is no rate");
    refused("environments: { e: { auth: { style: fomr } } }", "5:39 CX008");
    refused("defaultEnvironment: x\nenvironments: { e: { emulator: {} } }", "5:23 CX025 there is no environment `x`");
    refused("guard: { maxRetiredPercent: 101 }", "5:31 CX025");
    refused("manifests: [\"../other\"]", "5:15 CX019");
    refused("environments: { e: { overlays: [/etc] } }", "5:35 CX019");
    refused("environments: { e: { protected: \"${env.X}\" } }", "5:35 CX0");
    refused("environments: { e: { variables: { x: { y: 1 } } } }", "5:40 CX006");
    refused("environments: { e: { variables: { x: \"${var.y}\" } } }", "5:40 CX016");
    refused("environments: { e: { auth: { scopes: [\"${env.S}\"] } } }", "5:41 CX017");
}

#[test]
fn a_waiver_says_what_why_and_until_when() {
    let rule = "rule: CX033, address: campaign/c, reason: because, expires: 2027-01-31";
    assert!(problems(&format!("rules: [{{ {rule} }}]")).is_empty());
    for (from, to, expected) in [
        ("CX033", "CX999", "5:19 CX020 there is no rule `CX999`"),
        ("CX033", "CX004", "5:19 CX020 `CX004` cannot be lowered"),
        ("campaign/c", "camp/c", "5:35 CX020 `camp/c` is no address"),
        ("2027-01-31", "soon", "5:73 CX020 `soon` is no date"),
        (", reason: because", "", "5:11 CX007 a lowered rule has no `reason`"),
    ] {
        refused(&format!("rules: [{{ {} }}]", rule.replace(from, to)), expected);
    }
}

#[test]
fn records_and_notifications_are_told_where_they_are_wrong() {
    let good = "store: \"postgres://cxform:${env.PGPASSWORD}@db.example/cxform\"\naudit: { filterRules: hash-only }\n\
                notifications: [{ url: \"https://${env.HOST}/hook\", secret: \"${env.S}\", \
                token: { header: X-CXone-Sync-Token, value: \"${env.T}\" }, events: [conflict] }]";
    assert!(problems(good).is_empty(), "{:#?}", lines(&problems(good)));
    let notification = |rest: &str| format!("notifications: [{{ {rest} }}]");
    refused("store: records.db", "5:10 CX025 `store` is neither");
    refused("audit: { filterRules: secret }", "5:25 CX008");
    refused(&notification("url: \"https://x.example\""), "5:19 CX007 a notification has no `secret`");
    refused(&notification("url: \"http://x.example\", secret: \"${env.S}\""), "5:26 CX025 `url` is plain `http`");
    refused(&notification("url: \"https://x.y\", secret: \"${env.S}\", events: [drifted]"), "5:70 CX008");
    refused(
        &notification("url: \"https://x.y\", secret: \"${env.S}\", token: { header: Host, value: \"${env.T}\" }"),
        "5:78 CX025 `Host` cannot be the header",
    );
}

#[test]
fn what_serves_says_where_and_who_may_tell() {
    assert!(problems("serve: { listen: \"0.0.0.0:80\", secret: [\"${env.NEW}\", \"${env.OLD}\"] }").is_empty());
    assert!(problems("serve: { token: { header: X-CXone-Sync-Token, value: \"${env.T}\" } }").is_empty());
    refused("serve: { listen: \"127.0.0.1:1\" }", "5:10 CX025 `serve` has neither a `secret` nor a `token`");
    refused("serve: { secret: \"${env.S}\", listen: localhost }", "5:40 CX025 `localhost` is no address to listen on");
    refused("serve: { secret: \"${env.S}\", port: 1 }", "5:32 CX005 unknown key `port`");
}

#[test]
fn a_literal_secret_is_an_error_and_never_shown() {
    for spec in [
        "store: postgres://cxform:hunter2@db.example/cxform",
        "notifications: [{ url: \"https://x.y\", secret: hunter2 }]",
        "notifications: [{ url: \"https://x.y\", secret: \"${env.S}\", token: { header: X-T, value: hunter2 } }]",
        "notifications: [{ url: \"https://u:hunter2@x.y\", secret: \"${env.S}\" }]",
        "serve: { secret: hunter2 }",
        "serve: { secret: [\"${env.S}\", hunter2] }",
        "environments: { e: { auth: { clientSecret: hunter2 }, unknown: 1 } }",
        "environments: { e: { auth: { clientSecret: \"hunter2${env.X}\" } } }",
        "environments: { e: { auth: { client_secret: hunter2 } } }",
        "environments: { e: { clientsecret: [hunter2] } }",
        "environments:\n  e:\n    auth:\n      clientSecret: |\n        hunter2\n      styl: x",
        "environments: { e: { auth: { clientSecret: hunter2 }",
        "environments: { e: { baseUrl: \"https://me:hunter2@api.example.com\" } }",
    ] {
        let found = problems(spec);
        assert!(found.has_errors(), "{spec}");
        let report = serde_json::to_string(&found.report(&crate::Statistics::default())).unwrap();
        for shown in [human(&found), report, format!("{:?}", found.iter().collect::<Vec<_>>())] {
            assert!(!shown.contains("hunter2"), "{spec}\n{shown}");
        }
    }
    refused("environments: { e: { auth: { clientSecret: hunter2 } } }", "5:46 CX024");
}

#[test]
fn a_project_file_that_is_no_document_is_no_project() {
    for text in ["", "a: [", "\u{0}", "# only a comment"] {
        let (project, diagnostics) = Project::in_memory(Some(text.as_bytes()), []);
        assert!(project.is_none() && diagnostics.has_errors(), "{text:?}");
    }
}

#[test]
fn problems_of_the_project_and_of_manifests_come_together() {
    let file = PROJECT.replace("emulator: {}", "emulator: {}, protcted: true");
    let project = project(&[("cxform.yaml", &file), ("manifests/a.yaml", &campaign("tpe: x"))]);
    let found = lines(&project.validate_all(&Context::default()).diagnostics);
    assert_eq!(found.len(), 2, "{found:?}");
}
