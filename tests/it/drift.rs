//! What people see when a tenant is not what git says, and what they can do about it.

use cxform_emulator::Options;
use serde_json::{Value, json};

use crate::json_output::told;
use crate::notifications::Mailbox;
use crate::project::{PROJECT, Project, options, tenant};
use crate::tenant::Tenant;

const MANIFEST: &str = "\
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec:
  outcomes:
    - code: SI
      name: Sales interest
      children: [{ code: SI-DEMO, name: Demo }]
  assignments: [{ campaigns: [q3], outcomes: [SI-DEMO], default: SI-DEMO }]
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  type: preview
  dialerSettings: { callRate: 0.5 }
  complianceSettings: { timeZone: America/New_York, doNotCallListCheck: true, doNotCallCompliance: true }
";

/// A tenant that was brought to what the manifests say, with a store that knows.
fn applied() -> (Tenant, Project) {
    let (tenant, project) = (tenant(json!({})), Project::new(MANIFEST));
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    project.on(&tenant, "drift").run().exits(0).says(&["No drift. 4 objects are in sync."]);
    (tenant, project)
}

fn change(tenant: &Tenant, path: &str, body: &Value) {
    let path = tenant.named(path);
    let (status, answer) = tenant.by_hand("PATCH", &path, Some(body));
    assert!((200..300).contains(&status), "{status} {answer}");
}

fn lines(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let drifts = report["drifts"].as_array().unwrap().iter();
    drifts.map(|one| ["address", "path", "side", "severity"].map(|key| text(&one[key])).join(" ")).collect()
}

#[test]
fn each_difference_says_which_side_moved_who_did_it_and_how_bad_it_is() {
    let (tenant, project) = applied();
    let body =
        json!({ "dialerSettings": { "callRate": 0.9 }, "complianceSettings": { "timeZone": "America/Chicago" } });
    change(&tenant, "/api/v2/campaigns/{q3}", &body);
    project
        .write("manifests/all.yaml", MANIFEST.replace("callRate: 0.5", "callRate: 0.6").replace("Demo }", "Demos }"));
    let report = told(&project.on(&tenant, "drift --format json").run().exits(2), "drift");
    assert_eq!(
        lines(&report),
        [
            "outcome/SI-DEMO name git minor",
            "campaign/q3 dialerSettings.callRate both major",
            "campaign/q3 complianceSettings.timeZone tenant critical",
        ]
    );
    let zone = &report["drifts"][2];
    assert_eq!(
        (&zone["base"], &zone["git"], &zone["tenant"]),
        (&json!("America/New_York"), &json!("America/New_York"), &json!("America/Chicago"))
    );
    assert!(zone["who"].is_string() && zone["when"].is_string(), "{zone:#}");
    assert_eq!(zone["source"]["line"], json!(17));
    project.on(&tenant, "drift").run().exits(2).says(&[
        "critical  complianceSettings.timeZone  changed on the tenant",
        "git     \"America/New_York\"   manifests/all.yaml:17",
        "before  0.5",
        "Drift: 3 differences (1 critical, 1 major, 1 minor); 2 objects are in sync.",
    ]);
    let markdown = project.on(&tenant, "drift --format markdown").run().exits(2);
    assert!(markdown.stdout.starts_with("<!-- cxform:drift acme test -->\n"), "{markdown}");
    assert!(markdown.stdout.contains("<td>critical</td><td><code>campaign/q3</code>"), "{markdown}");

    project.on(&tenant, "apply --auto-approve").run().exits(0);
    project.on(&tenant, "drift").run().exits(0).says(&["No drift."]);
    assert_eq!(tenant.writes().iter().filter(|write| write["method"] == "DELETE").count(), 0);
}

#[test]
fn what_is_missing_on_the_tenant_is_told_and_nothing_is_written() {
    let (tenant, project) = applied();
    let path = tenant.named(&tenant.named("/api/v2/campaigns/{q3}/outcomes/{SI-DEMO}"));
    let (status, answer) = tenant.by_hand("DELETE", &path, None);
    assert!((200..300).contains(&status), "{status} {answer}");
    let writes = tenant.writes().len();
    let report = told(&project.on(&tenant, "drift --format json").run().exits(2), "drift");
    assert_eq!(lines(&report), ["assignment/q3/SI-DEMO - tenant major"]);
    assert_eq!((&report["drifts"][0]["tenant"], tenant.writes().len()), (&Value::Null, writes));
    project.on(&tenant, "drift").run().exits(2).says(&["missing on the tenant"]);
}

#[test]
fn without_a_store_nothing_says_which_side_moved_and_that_is_said() {
    let (tenant, project) = applied();
    change(&tenant, "/api/v2/campaigns/{q3}", &json!({ "dialerSettings": { "callRate": 0.9 } }));
    let ended = project.on(&tenant, "drift --no-store --format json").run().exits(2);
    let report = told(&ended, "drift");
    assert_eq!((&report["comparison"], &report["drifts"][0]["side"]), (&json!("two-way"), &Value::Null));
    assert!(ended.stderr.contains("Without a store nobody knows"), "{ended}");
}

#[test]
fn what_was_once_seen_in_sync_is_what_both_agreed_on() {
    let (tenant, project) = applied();
    // As on a tenant that was adopted: nothing was ever written to it.
    std::fs::remove_dir_all(project.path().join(".cxform")).unwrap();
    project.on(&tenant, "drift").run().exits(0);
    change(&tenant, "/api/v2/campaigns/{q3}", &json!({ "dialerSettings": { "callRate": 0.9 } }));
    let report = told(&project.on(&tenant, "drift --format json").run().exits(2), "drift");
    assert_eq!(lines(&report), ["campaign/q3 dialerSettings.callRate tenant major"]);
}

#[test]
fn reading_is_enough() {
    let (writing, project) = applied();
    let scopes = ["outcomes:read", "callcodes:read", "campaigns:read"].map(str::to_owned).to_vec();
    let reading = Tenant::start(Options { scopes: Some(scopes), ..options(writing.state()) });
    project.on(&reading, "drift").run().exits(0);
    assert_eq!(reading.writes(), [Value::Null; 0]);
}

#[test]
fn the_threshold_decides_the_exit_code_alone_and_gauges_tell_all() {
    let (tenant, project) = applied();
    change(&tenant, "/api/v2/campaigns/{q3}", &json!({ "dialerSettings": { "callRate": 0.9 } }));
    let ended = project.on(&tenant, "drift --fail-on critical --prometheus drift.prom").run().exits(0);
    ended.says(&["major  dialerSettings.callRate"]);
    let gauges = project.read("drift.prom");
    let series = "cxform_drift{project=\"acme\",environment=\"test\",severity=\"major\",side=\"tenant\"} 1\n";
    assert!(gauges.contains(series), "{gauges}");
    project.on(&tenant, "drift --fail-on major").run().exits(2);
}

#[test]
fn a_snoozed_difference_is_shown_and_fails_nothing_until_its_day_is_over() {
    let (tenant, project) = applied();
    change(&tenant, "/api/v2/campaigns/{q3}", &json!({ "dialerSettings": { "callRate": 0.9 } }));
    let mut snooze =
        project.cxform("drift snooze campaign/q3 --field dialerSettings.callRate --until 2999-12-31 --why storm");
    snooze = snooze.env("TERM", "dumb");
    snooze.run().exits(0);
    let file = project.read("drift.snooze.yaml");
    assert!(file.contains("address: \"campaign/q3\"") && file.contains("why: \"storm\""), "{file}");
    let ended = project.on(&tenant, "drift").run().exits(0);
    ended.says(&["snoozed until 2999-12-31: campaign/q3 dialerSettings.callRate: storm", "No drift, 1 snoozed."]);
    let report = told(&project.on(&tenant, "drift --format json").run().exits(0), "drift");
    assert_eq!(report["drifts"][0]["snoozed"]["why"], "storm");

    project.write("drift.snooze.yaml", file.replace("2999-12-31", "2026-01-31"));
    let ended = project.on(&tenant, "drift").run().exits(2);
    ended.says(&["snoozed until 2026-01-31, which is over: campaign/q3 dialerSettings.callRate: storm"]);
    project.write("drift.snooze.yaml", file.replace("2999-12-31", "later"));
    let ended = project.on(&tenant, "drift").run().exits(1);
    assert!(ended.stderr.contains("drift.snooze.yaml:7:") && ended.stderr.contains("`later` is no date"), "{ended}");
}

#[test]
fn a_snooze_that_says_too_little_or_nothing_is_refused() {
    let project = Project::new(MANIFEST);
    for (arguments, said) in [
        ("campaign/q3 --until 2020-01-01 --why storm", "2020-01-01 is over"),
        ("campaign/q3 --field callRate --until 2999-01-01 --why storm", "`callRate` is no field"),
        ("list/q3 --until 2999-01-01 --why storm", "starts with no known kind"),
    ] {
        let ended = project.cxform(&format!("drift snooze {arguments}")).run().exits(1);
        assert!(ended.stderr.contains(said), "{ended}");
    }
    project.write("drift.snooze.yaml", "apiVersion: cxform/v1\nkind: DriftSnooze\nspec: []\n");
    let ended = project.cxform("drift snooze campaign/q3 --until 2999-01-01 --why storm").run().exits(1);
    assert!(ended.stderr.contains("in a form to which nothing can be added"), "{ended}");
    assert!(project.read("drift.snooze.yaml").ends_with("spec: []\n"));
}

#[test]
fn receivers_are_told_of_the_same_difference_once() {
    let (tenant, mailbox) = (tenant(json!({})), Mailbox::open());
    let project = Project::new(MANIFEST).with("HOOK_SECRET", "shared-secret").with("HOOK_TOKEN", "sync-token");
    let receiver = format!(
        "spec:\n  notifications: [{{ url: \"{}\", secret: \"${{env.HOOK_SECRET}}\", \
         token: {{ header: X-CXone-Sync-Token, value: \"${{env.HOOK_TOKEN}}\" }}, events: [drift] }}]\n",
        mailbox.address
    );
    project.write("cxform.yaml", PROJECT.replacen("spec:\n", &receiver, 1));
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    change(&tenant, "/api/v2/campaigns/{q3}", &json!({ "dialerSettings": { "callRate": 0.9 } }));
    for _ in 0..2 {
        project.on(&tenant, "drift --notify").run().exits(2);
    }
    change(&tenant, "/api/v2/campaigns/{q3}", &json!({ "dialerSettings": { "callRate": 0.8 } }));
    project.on(&tenant, "drift --notify").run().exits(2);
    let events = mailbox.events();
    let values: Vec<_> = events.iter().map(|(_, _, body)| body["data"]["drift"]["tenant"].clone()).collect();
    assert_eq!(values, [json!(0.9), json!(0.8)]);
    let nobody = Project::new(MANIFEST);
    let ended = nobody.on(&tenant, "drift --notify").run().exits(1);
    assert!(ended.stderr.contains("`--notify` tells nobody"), "{ended}");
}

#[test]
fn the_tenant_wins_where_somebody_says_so_and_comments_stay() {
    let (tenant, project) = (tenant(json!({})), Project::new(""));
    let manifest = MANIFEST.replace("callRate: 0.5", "callRate: 0.5 # as agreed in spring\n   ");
    project.write("manifests/all.yaml", &manifest);
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    let body =
        json!({ "dialerSettings": { "callRate": 0.9 }, "complianceSettings": { "timeZone": "America/Chicago" } });
    change(&tenant, "/api/v2/campaigns/{q3}", &body);

    let one = project.on(&tenant, "drift adopt campaign/q3 --field dialerSettings.callRate").run().exits(0);
    assert_eq!(one.stdout, "manifests/all.yaml:16  campaign/q3 dialerSettings.callRate\n", "{one}");
    one.says(&["1 file changed. See `git diff`, then commit."]);
    assert_eq!(project.read("manifests/all.yaml"), manifest.replace("0.5 # as", "0.9 # as"));

    project.on(&tenant, "drift adopt campaign/*").run().exits(0);
    let adopted = manifest.replace("0.5 # as", "0.9 # as").replace("America/New_York", "America/Chicago");
    assert_eq!(project.read("manifests/all.yaml"), adopted);
    project.on(&tenant, "drift").run().exits(0).says(&["No drift."]);
    project.on(&tenant, "drift adopt *").run().exits(0).says(&["There is no difference to adopt."]);
    assert_eq!(project.read("manifests/all.yaml"), adopted);
}

#[test]
fn a_desktop_is_adopted_as_a_whole_and_what_no_edit_can_say_stays_and_is_told() {
    let exclusive = MANIFEST.replace("default: SI-DEMO }", "default: SI-DEMO, exclusive: true }");
    let (tenant, project) = (tenant(json!({})), Project::new(&exclusive));
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    let add = json!({ "outcomeId": tenant.named("{SI}"), "sequence": 2, "defaultSelection": false });
    let (status, answer) = tenant.by_hand("POST", &tenant.named("/api/v2/campaigns/{q3}/outcomes"), Some(&add));
    assert!((200..300).contains(&status), "{status} {answer}");
    let manifest = MANIFEST.replace("metadata: { name: q3 }", "metadata: { name: q4 }");
    project.write("manifests/all.yaml", exclusive + "---\n" + manifest.split("---\n").nth(1).unwrap());

    let run = project.on(&tenant, "drift adopt *").run().exits(1);
    let run = run.says(&["Not adopted: 1 difference.", "campaign/q4: the tenant does not have it"]);
    assert!(run.stdout.contains("campaign/q3 desktop"), "{run}");
    assert!(project.read("manifests/all.yaml").contains("outcomes: [SI-DEMO, SI]"));
}
