//! What a person reads.

use serde_json::json;

use super::document::everything;
use super::fixture::planned;
use crate::Plan;
use crate::render::{Role, human};

fn text(plan: &Plan, width: usize) -> String {
    human(plan, width).iter().map(|line| line.text() + "\n").collect()
}

#[test]
fn every_change_has_a_block_with_its_sign_word_reason_and_place() {
    let text = text(&everything(), 100);
    for line in [
        "+ outcome/A  create  (all.yaml:4)",
        "~ outcome/OLD  update  (all.yaml:13)",
        "- outcome/GONE  retire: kept in the manifest as retired  (all.yaml:17)",
        "> assignment/q/A  assign: place 6, selected by default  (all.yaml:38)",
        "< assignment/q/GONE  unassign: listed under `unassigned`  (all.yaml:41)",
        "~ campaign/q  transition: the manifest asks for `active`  (all.yaml:30)",
        "      parent: \"P\", name: \"Name\", status: \"ACTIVE\", uiConfig.icon: \"i\"",
        "      status: \"draft\" -> \"active\" (loosening)  (all.yaml:32)",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
    }
}

#[test]
fn long_text_and_lists_of_records_are_shown_as_a_diff_of_lines() {
    let text = text(&everything(), 100);
    assert!(text.contains("      description:"), "{text}");
    assert!(text.contains("        - second\n        + second changed\n          third\n"), "{text}");
    assert!(text.contains("        + { days: ["), "{text}");
}

#[test]
fn the_last_line_counts() {
    let plan = everything();
    let text = text(&plan, 200);
    let last = text.lines().last().unwrap();
    let requests = plan.estimate.requests;
    assert_eq!(
        last,
        format!(
            "Plan: 5 to create, 4 to update, 1 to retire, 1 to assign, 1 to unassign, 1 to transition; 0 unchanged. {requests} requests, about 2 s."
        )
    );
    let in_sync = planned(&json!({"outcomes": [{"code": "A"}]}), &json!({"outcomes": [{"id": "1", "code": "A"}]}));
    assert_eq!(
        human(&in_sync, 80).iter().map(crate::render::Line::text).collect::<Vec<_>>(),
        ["No changes. 1 object matches."]
    );
}

#[test]
fn a_tenant_cannot_write_to_the_terminal() {
    let evil = "\u{1b}[31mred\u{202e}\u{7}\n\u{9b}2J";
    let plan = planned(
        &json!({"outcomes": [{"code": "A", "name": "fine"}], "desktops": [{"campaigns": ["q"], "outcomes": ["A"], "exclusive": true}]}),
        &json!({"outcomes": [{"id": "1", "code": "A", "name": evil, "parent": evil}, {"id": "2", "code": "X"}],
                "campaigns": [{"id": "c", "name": "q"}], "desktops": {"c": [["2", 1, false], [evil, 2, false]]}}),
    );
    for line in human(&plan, 60) {
        assert!(!line.text().chars().any(cxform_model::is_unprintable), "{:?}", line.text());
    }
}

#[test]
fn signs_and_words_carry_the_meaning_without_roles() {
    for line in human(&everything(), 100) {
        if let Some((Role::Create | Role::Update | Role::Retire, sign)) = line.spans.first() {
            assert!(["+ ", "~ ", "- ", "> ", "< "].contains(&sign.as_str()), "{sign}");
        }
    }
}

#[test]
fn records_are_shown_one_on_a_line_and_never_for_their_form() {
    let window = |days: &[&str], start: &str| json!({"days": days, "start": start, "end": "20:00"});
    let plan = planned(
        &json!({"campaigns": [{"name": "q", "complianceSettings.allowedCallTimes": [window(&["tue", "mon"], "9:00"), window(&["sat"], "10:00")],
                               "contactSelection.filterRules": [{"field": "age", "operator": "eq", "value": "5"}]}]}),
        &json!({"campaigns": [{"id": "c", "name": "q", "complianceSettings.allowedCallTimes": [window(&["MON", "TUE"], "09:00"), window(&["sat"], "09:00")],
                               "contactSelection.filterRules": [{"field": "age", "operator": "EQ", "value": 5}]}]}),
    );
    let text = text(&plan, 100);
    for lines in [
        "          { days: [mon, tue], start: 09:00, end: 20:00 }\n        - { days: [sat], start: 09:00, end: 20:00 }\n        + { days: [sat], start: 10:00, end: 20:00 }\n",
        "        - { field: age, operator: EQ, value: 5 }\n        + { field: age, operator: EQ, value: \"5\" }\n",
    ] {
        assert!(text.contains(lines), "{text}");
    }
}

#[test]
fn heads_and_the_summary_keep_within_the_width() {
    let mut plan = everything();
    for change in &mut plan.changes {
        change.reason = "a reason of many words ".repeat(6);
    }
    let wide: Vec<String> = human(&plan, 1000).iter().map(|line| line.text()).collect();
    for line in human(&plan, 60) {
        let text = line.text();
        let is_head = ["+ ", "~ ", "- ", "> ", "< ", "Plan: "].iter().any(|start| text.starts_with(start));
        assert!(!is_head || text.chars().count() <= 60, "{text}");
    }
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let folded: String = human(&plan, 60).iter().map(|line| line.text() + " ").collect();
    assert!(words(&folded).ends_with(&words(wide.last().unwrap())));
}

#[test]
fn a_move_to_the_root_says_so() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A"}]}),
        &json!({"outcomes": [{"id": "1", "code": "A", "parent": "2"}, {"id": "2", "code": "SI"}]}),
    );
    assert_eq!(plan.changes[0].reason, "moves from below `SI` to the top");
}

#[test]
fn what_is_put_on_a_desktop_is_told_in_the_order_of_the_desktop() {
    let plan = planned(
        &json!({"outcomes": [{"code": "A"}, {"code": "B"}], "desktops": [{"campaigns": ["q"], "outcomes": ["B", "A"]}]}),
        &json!({"outcomes": [{"id": "1", "code": "A"}, {"id": "2", "code": "B"}], "campaigns": [{"id": "c", "name": "q"}]}),
    );
    let text = text(&plan, 100);
    assert!(text.find("assignment/q/B") < text.find("assignment/q/A"), "{text}");
}
