//! The schema of `TuningPolicy`.

use cxform_model::{Damping, OverBudget, Strategy, TuningRules};
use serde_json::{Value, json};

use super::documents::{document, metadata, names};
use super::{described, object, properties};

fn number(least: f64, most: f64, about: &str) -> Value {
    json!({ "anyOf": [{ "type": "number", "minimum": least, "maximum": most }, { "$ref": "#/$defs/variable" }], "description": about })
}

fn share(about: &str) -> Value {
    number(0.0, 1.0, about)
}

fn time(default: &str, about: &str) -> Value {
    json!({ "type": "string", "pattern": r"\S", "default": default, "description": about })
}

fn word(words: &[&str], default: &str, about: &str) -> Value {
    json!({ "anyOf": [{ "enum": words }, { "$ref": "#/$defs/variable" }], "default": default, "description": about })
}

fn between(item: &Value, about: &str) -> Value {
    json!({ "type": "array", "items": item, "minItems": 2, "maxItems": 2, "description": about })
}

fn with_default(mut schema: Value, default: impl Into<Value>) -> Value {
    schema["default"] = default.into();
    schema
}

pub(super) fn tuning_policy() -> Value {
    let Damping { cool_down: _, window: _, least_calls, most_per_hour } = Damping::DEFAULT;
    let rate = json!({ "type": "number", "minimum": 0.1, "maximum": 1.0 });
    let call_rate = object(
        properties([
            ("between", between(&rate, "The lowest and the highest value: inside the `between` of the campaign.")),
            ("lower", share("Fewer people answer than this share of calls: the call rate falls by a fifth [002].")),
            ("upper", share("More people answer than this share of calls: the call rate rises by a fifth [002].")),
        ]),
        &["between", "lower", "upper"],
    );
    let lines = json!({ "type": "integer", "minimum": 1, "maximum": 500 });
    let concurrency = object(
        properties([
            ("between", between(&lines, "The lowest and the highest value: inside the `between` of the campaign.")),
            ("target", share("The share of calls that people should answer [003].")),
            (
                "deadBand",
                with_default(
                    number(0.0, 0.5, "How far off the target the share may be before lines change [003]."),
                    0.05,
                ),
            ),
            (
                "strategy",
                word(
                    Strategy::WORDS,
                    "balanced",
                    "`balanced` looks at agents and abandoned calls as well; `answer-rate` adds lines when fewer people answer [003].",
                ),
            ),
        ]),
        &["between", "target"],
    );
    let abandonment = object(
        properties([
            (
                "limit",
                with_default(
                    number(0.001, TuningRules::ABANDON_BUDGET, "The share of answered calls that may be abandoned."),
                    TuningRules::ABANDON_BUDGET,
                ),
            ),
            (
                "beyond",
                word(
                    OverBudget::WORDS,
                    "halt",
                    "What happens beyond the limit: `halt` leaves everything, `step-down` goes to the lowest values at once.",
                ),
            ),
        ]),
        &[],
    );
    let calls = json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "$ref": "#/$defs/variable" }], "description": "Fewer calls say nothing." });
    let sample = object(
        properties([
            ("window", time("1h", "How far back calls are looked at, from `1m` to `24h`.")),
            ("minimumCalls", with_default(calls, least_calls)),
        ]),
        &[],
    );
    let spec = properties([
        ("campaigns", names("Campaigns by name. A campaign is tuned by one policy.")),
        ("callRate", described(call_rate, "How the call rate is turned. Left out: it is not.")),
        ("concurrency", described(concurrency, "How the number of lines is turned. Left out: it is not.")),
        ("abandonment", described(abandonment, "What may be abandoned, and what happens beyond.")),
        ("sample", described(sample, "What is judged by.")),
        ("coolDown", time("15m", "How long a knob rests after it was turned, from `1m` to `24h`.")),
        (
            "maxRisePerHour",
            with_default(
                number(0.01, 1.0, "How far a knob may go up in an hour, as a share of the way between its bounds."),
                most_per_hour,
            ),
        ),
    ]);
    document("TuningPolicy", metadata(false), object(spec, &["campaigns"]))
}
