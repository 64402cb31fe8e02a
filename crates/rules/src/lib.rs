//! The domain's checks, on model values, pure. One rule is one file with one id; `docs/rules.md` tells them all.
//!
//! Rules know nothing of YAML or HTTP: a finding names an address and a field, and whoever shows it finds the place.

mod clock;
mod document;
mod filter;
mod finding;
#[cfg(test)]
mod fixture;
mod launch;
mod outcomes;
mod quote;
mod rules;
mod standing;
pub mod windows;
mod zones;

pub use document::document;
pub use finding::{Finding, Rule, Severity, Spot};
pub use launch::Launch;
pub use rules::{catalogue, clash};
pub use standing::{Standing, StandingObject, spot_at};

/// What rules are judged with beside the inventory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Context {
    /// The day that counts as today: waivers expire by it, and dial windows are proven from it on.
    pub as_of: jiff::civil::Date,
}

/// Judges an inventory by every rule. Findings come by address, field and rule, whatever the order of files.
#[must_use]
pub fn check(standing: &Standing<'_>, context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    rules::judge(standing, context, &mut findings);
    findings.sort_by(|left: &Finding, right: &Finding| {
        (&left.at.address, left.at.field, left.rule.id).cmp(&(&right.at.address, right.at.field, right.rule.id))
    });
    findings
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use cxform_model::{Field, Kind};
    use serde_json::{Map, Value, json};

    use crate::fixture::{place, project};

    /// The campaign of the manual.
    fn sound() -> Value {
        json!({
            "type": "predictive",
            "startDateTime": "2026-12-01T09:00:00-05:00",
            "targetListId": "list_1",
            "dialerSettings": {
                "strategy": "predictive", "agentCapacity": 120, "callRate": 0.6, "wrapUpTime": 30,
                "concurrency": { "between": [50, 300] }, "dialingMethod": "PREDICTIVE",
                "predictiveSettings": { "answerRate": 0.65, "agentEfficiency": 0.8, "maxWaitTime": 30000 },
            },
            "complianceSettings": {
                "timeZone": "America/New_York", "doNotCallListCheck": true, "doNotCallCompliance": true,
                "regulatoryCompliance": "TCPA",
                "allowedCallTimes": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "21:00" }],
                "timeZoneRestrictions": ["America/New_York", "America/Chicago"],
                "pauseRules": [{ "name": "Night", "startTime": "20:00", "endTime": "08:00" }],
            },
            "contactSelection": {
                "targetListIds": ["list_123abc", "list_456def"], "exclusionListIds": ["list_789ghi"],
                "filterRules": [
                    { "field": "status", "operator": "eq", "value": "active" },
                    { "field": "last_call_date", "operator": "gt", "value": "2023-01-01" },
                ],
                "priorityOrder": ["high_value", "recent_engagement", "default"],
            },
        })
    }

    #[test]
    fn a_sound_project_has_no_findings() {
        let project = project(json!({
            "outcome/SI": { "name": "Sales Inquiry" },
            "outcome/SI-DEMO": { "parent": "SI", "uiConfig": { "shortcutKey": "1", "colorCode": "#2ECC71" } },
            "outcome/SI-OLD": { "parent": "SI", "status": "INACTIVE", "validationRules.retentionPeriodDays": 730 },
            "callcode/DNC": { "type": "FAILURE" },
            "callcode/DNC/DNC_STATE": { "type": "FAILURE", "isActive": true },
            "campaign/q3": sound(),
        }))
        .entry(&json!({ "campaigns": ["q3"], "groups": ["EAST"], "outcomes": ["SI-DEMO"], "default": "SI-DEMO" }));
        assert_eq!(project.judge(), []);
    }

    #[test]
    fn findings_come_by_address_field_and_rule() {
        let bad = json!({
            "dialerSettings.callRate": 7,
            "complianceSettings.pauseRules": [{ "startTime": "x", "endTime": "y" }, { "startTime": "1:00", "endTime": "1:00" }],
            "complianceSettings.timeZone": "Nowhere",
        });
        let judged = project(json!({ "campaign/b": bad, "campaign/a": bad, "callcode/x": {} })).judge();
        let places: Vec<String> =
            judged.iter().map(|finding| format!("{} {}", finding.rule.id, place(finding))).collect();
        let campaign = |name: &str| {
            [
                format!("CX033 campaign/{name} dialerSettings.callRate"),
                format!("CX036 campaign/{name} complianceSettings.timeZone"),
                format!("CX037 campaign/{name} complianceSettings.pauseRules/0/startTime"),
                format!("CX037 campaign/{name} complianceSettings.pauseRules/0/endTime"),
                format!("CX040 campaign/{name} complianceSettings.pauseRules/1/endTime"),
            ]
        };
        assert_eq!(
            places,
            [vec!["CX031 callcode/x code".to_owned()], campaign("a").into(), campaign("b").into()].concat()
        );
    }

    #[test]
    fn an_ignored_field_stands_as_the_tenant_has_it() {
        let field = Field::find(Kind::Campaign, "dialerSettings.callRate").unwrap();
        let ignoring = |live: f64| {
            let mut project = project(json!({ "campaign/q3": { "dialerSettings.callRate": 7 } }))
                .observed("campaign/q3", &json!({ "dialerSettings.callRate": live }));
            project.desired.objects.values_mut().for_each(|object| object.ignored.extend([field]));
            project.judge().iter().filter(|finding| finding.at.field == Some(field)).count()
        };
        assert_eq!((ignoring(0.5), ignoring(3.0)), (0, 1));
    }

    #[test]
    fn the_work_grows_with_the_project_and_not_with_its_square() {
        let outcomes: Map<String, Value> = (0..20_000)
            .map(|number| {
                let ui = json!({ "shortcutKey": "1", "group": format!("G{number}"), "colorCode": "#2ECC71" });
                (format!("outcome/O{number}"), json!({ "uiConfig": ui, "validationRules.retentionPeriodDays": 30 }))
            })
            .collect();
        let project = project(Value::Object(outcomes)).entry(&json!({ "campaigns": ["q3"], "outcomes": ["O1"] }));
        let start = Instant::now();
        assert_eq!(project.judge().len(), 19_999, "unreachable all but one");
        // A few tens of milliseconds unoptimised; the square would take minutes.
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}
