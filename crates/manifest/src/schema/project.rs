//! `cxform.yaml` as a schema.

use serde_json::{Value, json};

use super::documents::{boolean, document, name, names};
use super::{described, object, properties};

pub(super) fn project() -> Value {
    let environments = json!({
        "type": "object",
        "propertyNames": { "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" },
        "additionalProperties": environment(),
        "description": "Tenants, and what manifests say differently there."
    });
    let spec = properties([
        ("manifests", described(names(""), "Folders of manifests; `[manifests]` where left out.")),
        ("defaultEnvironment", name("The environment where `--env` is left out.")),
        ("guard", guard()),
        ("environments", environments),
        (
            "rules",
            json!({ "type": "array", "items": waiver(), "description": "Rules that are lowered for some addresses." }),
        ),
        (
            "store",
            json!({ "type": "string", "description": "Where runs and the audit trail are kept: `sqlite:PATH` (default `.cxform/store.db`) or `postgres://USER:${env.NAME}@HOST/DATABASE`." }),
        ),
        ("audit", audit()),
        (
            "notifications",
            json!({ "type": "array", "items": notification(), "description": "Signed webhooks about runs and campaigns." }),
        ),
        ("serve", serve()),
    ]);
    document("Project", object(properties([("name", name("The name of the project."))]), &["name"]), object(spec, &[]))
}

fn audit() -> Value {
    let known = properties([(
        "filterRules",
        json!({ "enum": ["plain", "hash-only"], "default": "plain", "description": "Whether records keep the values of contact selection rules, or salted hashes of them." }),
    )]);
    described(object(known, &[]), "What the audit trail keeps.")
}

/// What stands where a secret stands.
fn reference() -> Value {
    json!({
        "type": "string", "pattern": r"^(\$\{env\.[A-Za-z_][A-Za-z0-9_-]*\})+$",
        "description": "`${env.NAME}`: a secret never stands in the file."
    })
}

fn notification() -> Value {
    let token = properties([("header", name("Such as `X-CXone-Sync-Token`.")), ("value", reference())]);
    let known = properties([
        ("url", json!({ "type": "string", "description": "`https://...`; `http` on this machine only." })),
        ("secret", reference()),
        ("token", described(object(token, &["header", "value"]), "A header of the receiver's own.")),
        (
            "events",
            json!({ "type": "array", "items": { "enum": crate::NOTIFICATION_EVENTS }, "description": "What it wants to know; all, where left out." }),
        ),
    ]);
    object(known, &["url", "secret"])
}

fn serve() -> Value {
    let token = properties([("header", name("Such as `X-CXone-Sync-Token`.")), ("value", reference())]);
    let secrets = json!({
        "anyOf": [reference(), { "type": "array", "minItems": 1, "items": reference() }],
        "description": "What senders sign with; several while they change from one to the next."
    });
    let listen = json!({ "type": "string", "default": "127.0.0.1:8787", "description": "An IP address and a port." });
    let known = properties([
        ("listen", listen),
        ("secret", secrets),
        ("token", described(object(token, &["header", "value"]), "A header that senders put in.")),
    ]);
    described(object(known, &[]), "How `cxform serve` takes events in.")
}

fn guard() -> Value {
    let percent = |about: &str| json!({ "type": "number", "minimum": 0, "maximum": 100, "description": about });
    let known = properties([
        ("maxChangedPercent", percent("The most updates of one plan, in per cent of the population.")),
        ("maxRetiredPercent", percent("The most retirements of one plan, in per cent of the population.")),
        (
            "minimumPopulation",
            json!({ "type": "integer", "minimum": 0, "description": "Below it nothing is counted." }),
        ),
    ]);
    described(object(known, &[]), "When a plan is refused for its size.")
}

fn environment() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let auth = properties([
        ("tokenPath", text("The path of the token endpoint.")),
        (
            "style",
            json!({ "enum": ["form", "basic", "json"], "default": "form", "description": "What a token request looks like." }),
        ),
        ("clientId", name("The client's id.")),
        ("clientSecret", reference()),
        ("scopes", names("The scopes that are asked for.")),
    ]);
    let scalar = json!({ "type": ["string", "number", "boolean", "null"] });
    let variables = json!({
        "type": "object",
        "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$" },
        "additionalProperties": { "anyOf": [scalar, { "type": "array", "items": scalar }] },
        "description": "What `${var.NAME}` stands for."
    });
    let rate =
        |about: &str| json!({ "type": "string", "pattern": r"^\s*[0-9]+\s*/\s*(s|min|h)\s*$", "description": about });
    let rates = properties([
        ("outcomes", rate("All outcome operations together, such as `100/s`.")),
        ("default", rate("Every other endpoint by itself, such as `100/min`.")),
    ]);
    let emulator = properties([("seed", text("The seed file, relative to the project."))]);
    object(
        properties([
            ("emulator", described(object(emulator, &[]), "The embedded emulator.")),
            ("baseUrl", text("`https://...` of the tenant.")),
            ("campaignsPath", text("The path of the campaign resource.")),
            ("auth", described(object(auth, &[]), "How a token is got.")),
            ("variables", variables),
            ("overlays", names("Folders of overlays, merged in this order.")),
            ("rateLimits", described(object(rates, &[]), "The request rates of the tenant.")),
            ("fingerprint", fingerprint()),
            ("protected", boolean("Whether apply asks for the environment's name.")),
        ]),
        &[],
    )
}

fn fingerprint() -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": { "pattern": "^(outcome|callcode|campaign)/." },
        "additionalProperties": { "type": ["string", "integer"] },
        "description": "Objects of the tenant with the ids that it gave them: a tenant with other ids is refused."
    })
}

fn waiver() -> Value {
    let known = properties([
        ("rule", json!({ "type": "string", "pattern": "^CX[0-9]{3}$", "description": "The rule." })),
        ("address", name("An address such as `outcome/SI-DEMO`, or a pattern such as `campaign/q3-*`.")),
        ("reason", name("Why.")),
        (
            "expires",
            json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "The last day on which it holds." }),
        ),
    ]);
    object(known, &["rule", "address", "reason", "expires"])
}
