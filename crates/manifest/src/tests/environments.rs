//! Overlays, resolving, waivers.

use cxform_model::Rate;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::*;
use crate::{ResolveError, ResolvedTenant, TokenStyle};

fn with_overlay(base: &str, overlay: &str) -> Project {
    let file = "apiVersion: cxform/v1\nkind: Project\nmetadata: { name: test }\nspec:\n  defaultEnvironment: dev\n  environments:\n    dev: { emulator: {} }\n    prod: { emulator: {}, overlays: [manifests/prod] }\n";
    project(&[("cxform.yaml", file), ("manifests/a.yaml", base), ("manifests/prod/a.yaml", overlay)])
}

#[test]
fn an_overlay_merges_field_by_field_and_lists_replace() {
    let base = campaign(
        "type: preview\ndialerSettings: { callRate: 0.5, wrapUpTime: 5, strategy: x }\ncomplianceSettings: { timeZoneRestrictions: [America/New_York, America/Chicago], timeZone: America/New_York }",
    );
    let over = campaign(
        "dialerSettings: { callRate: 0.4, strategy: null }\ncomplianceSettings: { timeZoneRestrictions: [America/Denver] }",
    );
    let project = with_overlay(&base, &over);
    let load =
        |name| project.load(project.environment(Some(name)).unwrap(), &Context::default(), None).desired.unwrap();
    let (dev, prod) = (load("dev"), load("prod"));
    let field = |desired: &Desired, path: &str| value(desired, "campaign/c", path);
    assert_eq!(field(&dev, "dialerSettings.callRate"), Some(json!(0.5)));
    assert_eq!(field(&prod, "dialerSettings.callRate"), Some(json!(0.4)));
    assert_eq!(field(&prod, "dialerSettings.strategy"), Some(json!(null)));
    assert_eq!(field(&prod, "dialerSettings.wrapUpTime"), Some(json!(5)));
    assert_eq!(field(&prod, "complianceSettings.timeZoneRestrictions"), Some(json!(["America/Denver"])));
}

#[test]
fn an_overlay_for_nothing_is_an_error_in_its_environment_alone() {
    let project = with_overlay(&campaign("type: preview"), &campaign("type: preview").replace("name: c", "name: d"));
    let validated = project.validate_all(&Context::default());
    assert_eq!(lines(&validated.diagnostics), ["manifests/prod/a.yaml:3:19 CX018 there is no Campaign `d` to change"]);
    let problem = validated.diagnostics.iter().next().unwrap();
    assert_eq!(problem.environments.iter().collect::<Vec<_>>(), ["prod"]);
    assert!(human(&validated.diagnostics).contains("only in environment `prod`"));
}

#[test]
fn a_problem_of_every_environment_is_told_once() {
    let project = with_overlay(&campaign("type: prewiew"), "");
    let validated = project.validate_all(&Context::default());
    assert_eq!(validated.diagnostics.iter().count(), 1);
    assert!(validated.diagnostics.iter().next().unwrap().environments.is_empty());
}

#[test]
fn environments_are_found_by_name_with_a_default() {
    let project = with_overlay(&campaign("type: preview"), "");
    assert_eq!(project.environment(None).unwrap().name, "dev");
    let error = project.environment(Some("pord")).unwrap_err();
    assert_eq!(error.to_string(), "there is no environment `pord`");
    assert!(
        matches!(error, crate::UnknownEnvironment::Unknown { hint: Some(hint), .. } if hint == "did you mean `prod`?")
    );
}

#[test]
fn a_folder_without_a_project_has_one_environment_that_is_filled_in() {
    let (project, _) = Project::in_memory(None, [("a.yaml", campaign("type: preview").as_bytes())]);
    let project = project.unwrap();
    let environment = project.environment(None).unwrap();
    assert!(project.load(environment, &Context::default(), None).desired.is_some());
    let lookup = |name: &str| match name {
        "CXONE_BASE_URL" => Some("https://api.example.com/".to_owned()),
        "CXONE_CLIENT_ID" => Some("id".to_owned()),
        "CXONE_CLIENT_SECRET" => Some("shh".to_owned()),
        _ => None,
    };
    let resolved = environment.resolve(&lookup).unwrap();
    assert!(!format!("{resolved:?}").contains("shh"));
    let ResolvedTenant::Remote { base_url, campaigns_path, auth } = resolved.tenant else { panic!() };
    assert_eq!((base_url.as_str(), campaigns_path.as_str()), ("https://api.example.com", "/api/v2/campaigns"));
    assert_eq!((auth.token_path.as_str(), auth.style), ("/api/v2/oauth/token", TokenStyle::Form));
    assert_eq!(auth.client_secret.expose_secret(), "shh");
    let missing = environment.resolve(&|_| None).unwrap_err();
    assert_eq!(
        missing,
        ResolveError::Missing { environment: "default".into(), what: "base URL", variable: "CXONE_BASE_URL" }
    );
}

#[test]
fn another_base_url_than_the_files_is_refused() {
    let (project, _) = Project::in_memory(Some(MANUAL_PROJECT.as_bytes()), []);
    let project = project.unwrap();
    let prod = project.environment(Some("prod")).unwrap();
    assert_eq!(prod.rate_limits.outcomes, Rate { requests: 100, seconds: 1 });
    assert!(prod.protected);
    let with = |url: Option<&str>| {
        let url = url.map(str::to_owned);
        prod.resolve(&move |name| if name == "CXONE_BASE_URL" { url.clone() } else { Some("x".to_owned()) })
    };
    assert!(with(None).is_ok());
    assert!(with(Some("https://API-US-01.nice-incontact.com/")).is_ok());
    assert!(matches!(with(Some("https://evil.example.com")), Err(ResolveError::OtherBaseUrl { .. })));
    assert!(matches!(
        prod.resolve(&|_| None),
        Err(ResolveError::Unset { variable, .. }) if variable == "CXONE_CLIENT_ID"
    ));
}

fn with_waiver(expires: &str) -> Project {
    let id = load(&campaign("dialerSettings: { callRate: 5 }")).diagnostics.iter().next().unwrap().rule.id;
    let file = format!(
        "{PROJECT}  rules:\n    - {{ rule: {id}, address: \"campaign/*\", reason: a trial, expires: {expires} }}\n"
    );
    project(&[("cxform.yaml", &file), ("manifests/a.yaml", &campaign("dialerSettings: { callRate: 5 }"))])
}

#[test]
fn a_waiver_lowers_an_error_until_its_last_day() {
    let project = with_waiver("2027-01-31");
    let on = |day: &str| project.validate_all(&Context { as_of: day.parse().unwrap() }).diagnostics;
    let within = on("2027-01-31");
    assert_eq!((within.has_errors(), within.iter().count()), (false, 1));
    let after = on("2027-02-01");
    assert!(after.has_errors());
    let expired = after.iter().find(|problem| problem.rule.id == "CX021").unwrap();
    assert_eq!(after.file(expired.at.unwrap()), "cxform.yaml");
    assert_eq!(expired.severity, cxform_rules::Severity::Warning);
}
