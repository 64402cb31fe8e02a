//! Times need a zone that exists.

use serde_json::Value;

use crate::quote::quote;
use crate::{Finding, Rule, Severity, StandingObject, zones};

pub(super) static RULE: Rule = Rule {
    id: "CX036",
    name: "time-zone",
    severity: Severity::Error,
    about: "`timeZone` and every element of `timeZoneRestrictions` is the exact name of a zone of the IANA database.",
    origin: "[002][003], extended from four zones to all",
};

const ZONE: &str = "complianceSettings.timeZone";
const RESTRICTIONS: &str = "complianceSettings.timeZoneRestrictions";

pub(super) fn judge(campaign: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let mut judge = |path, inside: String, value: &Value| {
        let Some(name) = value.as_str().map(str::trim) else { return };
        if !zones::exists(name) {
            let nearest = zones::nearest(name).map_or_else(
                || "write a name such as `America/New_York`".to_owned(),
                |zone| format!("did you mean `{zone}`?"),
            );
            findings.push(
                Finding::new(&RULE, campaign.spot(path, inside), format!("{} is no IANA time zone", quote(value)))
                    .hint(nearest),
            );
        }
    };
    // An empty zone clears the field; an empty element of a list is a slip.
    if let Some(zone) = campaign.value(ZONE).filter(|zone| zone.as_str() != Some("")) {
        judge(ZONE, String::new(), zone);
    }
    for (index, zone) in campaign.items(RESTRICTIONS).iter().enumerate() {
        judge(RESTRICTIONS, format!("/{index}"), zone);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn a_zone_that_does_not_exist_is_refused_with_what_was_meant() {
        let findings =
            project(json!({ "campaign/q3": { "complianceSettings.timeZone": "America/new_york" } })).findings(&RULE);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].hint.as_deref(), Some("did you mean `America/New_York`?"));
    }

    #[test]
    fn each_zone_that_may_be_called_is_judged_at_its_place() {
        let zones = json!(["America/Chicago", "Central", "", "US/Central"]);
        assert_eq!(
            project(json!({ "campaign/q3": { "complianceSettings.timeZoneRestrictions": zones } })).found(&RULE),
            [
                "campaign/q3 complianceSettings.timeZoneRestrictions/1",
                "campaign/q3 complianceSettings.timeZoneRestrictions/2"
            ]
        );
    }

    #[test]
    fn zones_of_the_whole_world_pass_and_a_cleared_one_too() {
        for zone in [json!("Asia/Kolkata"), json!(" Europe/Berlin "), json!("UTC"), json!(null), json!("")] {
            assert!(project(json!({ "campaign/q3": { "complianceSettings.timeZone": zone } })).found(&RULE).is_empty());
        }
    }
}
