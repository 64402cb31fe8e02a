//! The rules, one a file, and the list that runs and documents them.

mod assigned_and_unassigned;
mod assigned_hidden;
mod assigned_inactive;
mod call_code_depth;
mod call_code_form;
mod call_window;
mod colour;
mod default_assigned;
mod dial_window;
mod dial_window_unproven;
mod do_not_call;
mod do_not_call_off;
mod exclusive_shared;
mod filter_contradiction;
mod filter_repeated;
mod filter_rule_count;
mod filter_rule_incomplete;
mod filter_shadowed;
mod hidden_character;
mod launch_desktop;
mod launch_do_not_call;
mod launch_selection;
mod launch_start_date;
mod launch_windows;
mod list_overlap;
mod look_alike;
mod outcome_parent;
mod pause_rule;
mod priority_count;
mod range;
mod shared_list;
mod shortcut_key;
mod start_date;
mod target_list;
mod time_zone;
mod tuning_envelope;
mod two_defaults;
mod unreachable_outcome;
mod wall_clock;
mod webhook_events;
mod webhook_url;

use cxform_model::{Address, DesktopClash, Kind};

use crate::{Context, Finding, Rule, Standing, StandingObject};

/// A rule with what it needs to see.
struct Entry {
    rule: &'static Rule,
    judge: Judge,
}

enum Judge {
    /// One object of any kind at a time.
    Object(fn(StandingObject<'_>, &mut Vec<Finding>)),
    /// One object of this kind at a time.
    Kind(Kind, fn(StandingObject<'_>, &mut Vec<Finding>)),
    /// Everything at once.
    Inventory(fn(&Standing<'_>, &mut Vec<Finding>)),
    /// The same, where the date matters.
    Dated(fn(&Standing<'_>, &Context, &mut Vec<Finding>)),
    /// The entries of one desktop, while they are joined: see [`clash`].
    Join,
}

/// By id. Adding a rule is adding its file and its line here.
static ENTRIES: &[Entry] = &[
    Entry { rule: &outcome_parent::RULE, judge: Judge::Inventory(outcome_parent::judge) },
    Entry { rule: &call_code_form::RULE, judge: Judge::Kind(Kind::CallCode, call_code_form::judge) },
    Entry { rule: &call_code_depth::RULE, judge: Judge::Kind(Kind::CallCode, call_code_depth::judge) },
    Entry { rule: &range::RULE, judge: Judge::Object(range::judge) },
    Entry { rule: &colour::RULE, judge: Judge::Object(colour::judge) },
    Entry { rule: &shortcut_key::RULE, judge: Judge::Inventory(shortcut_key::judge) },
    Entry { rule: &time_zone::RULE, judge: Judge::Kind(Kind::Campaign, time_zone::judge) },
    Entry { rule: &wall_clock::RULE, judge: Judge::Kind(Kind::Campaign, wall_clock::judge) },
    Entry { rule: &start_date::RULE, judge: Judge::Kind(Kind::Campaign, start_date::judge) },
    Entry { rule: &call_window::RULE, judge: Judge::Kind(Kind::Campaign, call_window::judge) },
    Entry { rule: &pause_rule::RULE, judge: Judge::Kind(Kind::Campaign, pause_rule::judge) },
    Entry { rule: &do_not_call::RULE, judge: Judge::Kind(Kind::Campaign, do_not_call::judge) },
    Entry { rule: &do_not_call_off::RULE, judge: Judge::Kind(Kind::Campaign, do_not_call_off::judge) },
    Entry { rule: &target_list::RULE, judge: Judge::Inventory(target_list::judge) },
    Entry { rule: &list_overlap::RULE, judge: Judge::Kind(Kind::Campaign, list_overlap::judge) },
    Entry { rule: &filter_rule_count::RULE, judge: Judge::Kind(Kind::Campaign, filter_rule_count::judge) },
    Entry { rule: &priority_count::RULE, judge: Judge::Kind(Kind::Campaign, priority_count::judge) },
    Entry { rule: &filter_rule_incomplete::RULE, judge: Judge::Kind(Kind::Campaign, filter_rule_incomplete::judge) },
    Entry { rule: &filter_contradiction::RULE, judge: Judge::Kind(Kind::Campaign, filter_contradiction::judge) },
    Entry { rule: &filter_repeated::RULE, judge: Judge::Kind(Kind::Campaign, filter_repeated::judge) },
    Entry { rule: &filter_shadowed::RULE, judge: Judge::Kind(Kind::Campaign, filter_shadowed::judge) },
    Entry { rule: &assigned_inactive::RULE, judge: Judge::Inventory(assigned_inactive::judge) },
    Entry { rule: &assigned_hidden::RULE, judge: Judge::Inventory(assigned_hidden::judge) },
    Entry { rule: &default_assigned::RULE, judge: Judge::Inventory(default_assigned::judge) },
    Entry { rule: &two_defaults::RULE, judge: Judge::Join },
    Entry { rule: &exclusive_shared::RULE, judge: Judge::Join },
    Entry { rule: &assigned_and_unassigned::RULE, judge: Judge::Join },
    Entry { rule: &unreachable_outcome::RULE, judge: Judge::Inventory(unreachable_outcome::judge) },
    Entry { rule: &dial_window::RULE, judge: Judge::Dated(dial_window::judge) },
    Entry { rule: &dial_window_unproven::RULE, judge: Judge::Dated(dial_window_unproven::judge) },
    Entry { rule: &shared_list::RULE, judge: Judge::Dated(shared_list::judge) },
    Entry { rule: &webhook_url::RULE, judge: Judge::Kind(Kind::Webhook, webhook_url::judge) },
    Entry { rule: &webhook_events::RULE, judge: Judge::Kind(Kind::Webhook, webhook_events::judge) },
    Entry { rule: &tuning_envelope::RULE, judge: Judge::Inventory(tuning_envelope::judge) },
    Entry { rule: &hidden_character::RULE, judge: Judge::Object(hidden_character::judge) },
    Entry { rule: &look_alike::RULE, judge: Judge::Inventory(look_alike::judge) },
    Entry { rule: &launch_selection::RULE, judge: Judge::Inventory(launch_selection::judge) },
    Entry { rule: &launch_desktop::RULE, judge: Judge::Inventory(launch_desktop::judge) },
    Entry { rule: &launch_do_not_call::RULE, judge: Judge::Inventory(launch_do_not_call::judge) },
    Entry { rule: &launch_start_date::RULE, judge: Judge::Dated(launch_start_date::judge) },
    Entry { rule: &launch_windows::RULE, judge: Judge::Dated(launch_windows::judge) },
];

static RULES: [&Rule; ENTRIES.len()] = {
    let mut rules = [ENTRIES[0].rule; ENTRIES.len()];
    let mut at = 0;
    while at < rules.len() {
        rules[at] = ENTRIES[at].rule;
        at += 1;
    }
    rules
};

/// Every rule of the domain, by id.
#[must_use]
pub fn catalogue() -> &'static [&'static Rule] {
    &RULES
}

pub(crate) fn judge(standing: &Standing<'_>, context: &Context, findings: &mut Vec<Finding>) {
    for entry in ENTRIES {
        match entry.judge {
            Judge::Object(judge) => standing.objects.values().for_each(|object| judge(*object, findings)),
            Judge::Kind(kind, judge) => standing.of(kind).for_each(|object| judge(object, findings)),
            Judge::Inventory(judge) => judge(standing, findings),
            Judge::Dated(judge) => judge(standing, context, findings),
            Judge::Join => {}
        }
    }
}

/// The finding for two entries that cannot both be satisfied on the desktop of `campaign`.
#[must_use]
pub fn clash(campaign: &Address, clash: &DesktopClash) -> Finding {
    match clash {
        DesktopClash::TwoDefaults(first, second) => two_defaults::finding(campaign, first, second),
        DesktopClash::ExclusiveShared { exclusive, other } => exclusive_shared::finding(campaign, *exclusive, *other),
        DesktopClash::AssignedAndUnassigned { outcome, assigned, unassigned } => {
            assigned_and_unassigned::finding(campaign, outcome, *assigned, *unassigned)
        }
    }
}
