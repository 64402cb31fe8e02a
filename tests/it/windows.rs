//! The dial-window prover as a person meets it: offline, with a minute to look at, from any day on.

use crate::project::Project;

fn campaign(start: &str) -> Project {
    let manifest = format!(
        "apiVersion: cxform/v1\nkind: Campaign\nmetadata: {{ name: q3 }}\nspec:\n  type: predictive\n  complianceSettings:\n    \
         regulatoryCompliance: TCPA\n    timeZone: America/New_York\n    timeZoneRestrictions: [America/New_York, America/Chicago]\n    \
         allowedCallTimes: [{{ days: [mon], start: \"{start}\", end: \"21:00\" }}]\n    doNotCallListCheck: true\n    doNotCallCompliance: true\n"
    );
    Project::new(&manifest)
}

#[test]
fn an_early_start_is_refused_with_a_minute_in_both_zones() {
    campaign("09:00").cxform("validate").run().exits(0);
    campaign("08:00").cxform("validate --as-of 2026-11-25").run().exits(1).says(&[
        "CX058",
        "Mon 2026-11-30 08:00 in `America/New_York`",
        "07:00 in `America/Chicago`",
        "47 CFR 64.1200(c)(1)",
    ]);
}

#[test]
fn the_proof_begins_on_the_day_that_is_asked_for() {
    campaign("08:00").cxform("validate --as-of 2027-06-01").run().exits(1).says(&["Mon 2027-06-07 08:00"]);
    campaign("08:00").cxform("validate --as-of someday").run().exits(1).says(&["--as-of"]);
}
