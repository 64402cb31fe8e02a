//! The fields of a campaign: what it is, its dialer \[002\]\[003\], its compliance \[002\]\[003\], its selection rules \[004\].

use super::{Document, FieldPolicy, Member, Ownership, Shape, Tighter};

/// How a campaign dials, from what waits for an agent to what dials ahead of them.
const PACING: Tighter = Tighter::Earlier(&["preview", "progressive", "predictive"]);

pub(super) const TABLE: &[FieldPolicy] = &[
    field("name", Shape::Text, "Unique name; the identity [A].").owned_as(Ownership::Identity).hot_safe(),
    field("type", Shape::Choice(&["predictive", "progressive", "preview"]), "How the campaign dials [002].")
        .required()
        .tighter(PACING),
    field(
        "status",
        Shape::Choice(&["draft", "active", "paused", "completed"]),
        "The run state; left out, it is not ours [002].",
    )
    .owned_as(Ownership::RunState)
    .hot_safe()
    .critical(),
    field("startDateTime", Shape::Instant, "When dialling may start, RFC 3339 [002].").tighter(Tighter::Later),
    field("targetListId", Shape::Text, "Id of the contact list that is dialled [002].")
        .tighter(Tighter::Unchanged)
        .critical(),
    field("dialerSettings.strategy", Shape::Word, "Pacing strategy [002].").tighter(PACING),
    field(
        "dialerSettings.agentCapacity",
        Shape::Integer { min: 1, max: 500 },
        "Agents that the dialer may count on, 1..500 [002].",
    )
    .tighter(Tighter::Lower)
    .hot_safe(),
    field("dialerSettings.callRate", Shape::Number { min: 0.1, max: 1.0 }, "Calls per free agent, 0.1..1.0 [002].")
        .tighter(Tighter::Lower)
        .hot_safe(),
    field(
        "dialerSettings.answerRate",
        Shape::Number { min: 0.0, max: 1.0 },
        "Expected share of answered calls, 0..1; a lower one dials more [002].",
    )
    .tighter(Tighter::Higher)
    .hot_safe(),
    field("dialerSettings.wrapUpTime", Shape::Integer { min: 0, max: i64::MAX }, "After-call work, seconds [002].")
        .hot_safe(),
    field("dialerSettings.skillGroupId", Shape::Text, "Id of the skill that takes the calls [002]."),
    field("dialerSettings.concurrency", Shape::Integer { min: 1, max: 500 }, "Calls in flight at once, 1..500 [003].")
        .tighter(Tighter::Lower)
        .hot_safe(),
    field("dialerSettings.dialingMethod", Shape::Word, "`PREDICTIVE`, `PROGRESSIVE` or `PREVIEW` [003].")
        .tighter(PACING),
    field(
        "dialerSettings.predictiveSettings.answerRate",
        Shape::Number { min: 0.3, max: 0.95 },
        "Answer rate that the pacing assumes, 0.3..0.95; a lower one dials more [003].",
    )
    .tighter(Tighter::Higher)
    .hot_safe(),
    field(
        "dialerSettings.predictiveSettings.agentEfficiency",
        Shape::Number { min: 0.5, max: 1.0 },
        "Share of agent time that counts as available, 0.5..1.0 [003].",
    )
    .tighter(Tighter::Lower)
    .hot_safe(),
    field(
        "dialerSettings.predictiveSettings.maxWaitTime",
        Shape::Integer { min: 0, max: i64::MAX },
        "Longest wait of an answered call for an agent, milliseconds [003].",
    )
    .tighter(Tighter::Lower)
    .hot_safe(),
    field("complianceSettings.timeZone", Shape::Zone, "IANA zone of the wall-clock times below [002].")
        .tighter(Tighter::Unchanged)
        .critical(),
    field(
        "complianceSettings.allowedCallTimes",
        Shape::List(&Shape::Record(CALL_TIMES)),
        "Windows in which dialling is allowed, wall clock of `timeZone` [002][A].",
    )
    .tighter(Tighter::Fewer)
    .critical(),
    field(
        "complianceSettings.doNotCallListCheck",
        Shape::Bool,
        "Whether contacts are checked against the do-not-call list [002].",
    )
    .tighter(Tighter::True)
    .critical(),
    field("complianceSettings.doNotCallCompliance", Shape::Bool, "Whether do-not-call compliance is enforced [003].")
        .tighter(Tighter::True)
        .critical(),
    field("complianceSettings.regulatoryCompliance", Shape::Word, "The regime, such as `TCPA` [002].")
        .tighter(Tighter::Given)
        .critical(),
    field(
        "complianceSettings.timeZoneRestrictions",
        Shape::Set(&Shape::Zone),
        "The zones that may be called; none means `timeZone` alone [003][A].",
    )
    .tighter(Tighter::Fewer)
    .critical(),
    field(
        "complianceSettings.pauseRules",
        Shape::List(&Shape::Record(PAUSES)),
        "Times without dialling, wall clock of `timeZone`; over midnight is valid [003].",
    )
    .tighter(Tighter::More)
    .critical(),
    field("contactSelection.targetListIds", Shape::Set(&Shape::Text), "Contact lists to dial, at least one [004].")
        .tighter(Tighter::Fewer)
        .critical(),
    field("contactSelection.exclusionListIds", Shape::Set(&Shape::Text), "Contact lists never to dial [004].")
        .tighter(Tighter::More)
        .critical(),
    field(
        "contactSelection.filterRules",
        Shape::List(&Shape::Record(FILTERS)),
        "Conditions that a contact must meet, at most 50 [004].",
    )
    .tighter(Tighter::More)
    .critical(),
    field("contactSelection.priorityOrder", Shape::List(&Shape::Text), "Which contacts come first, at most 5 [004]."),
];

const CALL_TIMES: &[Member] = &[
    Member {
        name: "days",
        shape: Shape::Set(&Shape::Choice(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"])),
        required: true,
        about: "Days on which the window starts.",
    },
    Member { name: "start", shape: Shape::WallClock, required: true, about: "Start, `HH:MM`, included." },
    Member {
        name: "end",
        shape: Shape::WallClock,
        required: true,
        about: "End, `HH:MM`, not included; before `start` it is on the next day.",
    },
];

const PAUSES: &[Member] = &[
    Member { name: "name", shape: Shape::Text, required: false, about: "What reports call the pause." },
    Member { name: "startTime", shape: Shape::WallClock, required: true, about: "Start, `HH:MM`, included." },
    Member {
        name: "endTime",
        shape: Shape::WallClock,
        required: true,
        about: "End, `HH:MM`, not included; before `startTime` it is on the next day.",
    },
];

const FILTERS: &[Member] = &[
    Member { name: "field", shape: Shape::Text, required: true, about: "The contact's field." },
    Member { name: "operator", shape: Shape::Word, required: true, about: "How it is compared, such as `eq` or `gt`." },
    Member { name: "value", shape: Shape::Scalar, required: true, about: "What it is compared with." },
];

/// Whom, when and by what method a campaign calls does not change under a dialer that is at it, unless the row says
/// `hot_safe`: its pacing is made to be turned while it dials \[002\]\[003\].
const fn field(path: &'static str, shape: Shape, about: &'static str) -> FieldPolicy {
    FieldPolicy { needs_pause: true, ..FieldPolicy::new(path, shape, Document::Campaign, about).major() }
}
