//! Webhook subscriptions: created, renamed, changed, switched off and on; foreign ones beside them.

use serde_json::{Value, json};

use super::super::tape::Tape;
use super::document;

pub struct Webhooks {
    pub seed: Vec<Value>,
    pub documents: Vec<Value>,
}

pub fn generate(tape: &mut Tape) -> Webhooks {
    let mut made = Webhooks { seed: Vec::new(), documents: Vec::new() };
    for at in 0..tape.roll(4) {
        let (present, listed) = (!tape.chance(35), !tape.chance(30));
        if present {
            made.seed.push(json!({
                "id": format!("w{at}"), "name": format!("hook {at}"), "url": url(tape), "events": events(tape),
                "isActive": !tape.chance(30), "vendor": { "kept": true },
            }));
        }
        if !listed {
            continue;
        }
        let mut spec = json!({});
        if !present || tape.chance(60) {
            spec["url"] = url(tape);
        }
        if !present || tape.chance(60) {
            spec["events"] = events(tape);
        }
        if tape.chance(30) {
            spec["isActive"] = json!(tape.chance(40));
        }
        let renamed = tape.chance(25);
        let name = if renamed { format!("renamed/{at}") } else { format!("hook {at}") };
        let mut document = document("WebhookSubscription", &name, spec);
        if renamed {
            document["metadata"]["previousNames"] = json!([format!("hook {at}")]);
        }
        made.documents.push(document);
    }
    made
}

fn url(tape: &mut Tape) -> Value {
    tape.pick(&[
        json!("https://crm.example/events"),
        json!("https://crm.example/v2?team=a"),
        json!("http://127.0.0.1:9/x"),
    ])
}

fn events(tape: &mut Tape) -> Value {
    tape.pick(&[
        json!(["CALL_ENDED"]),
        json!(["CALL_ENDED", "campaign.started"]),
        json!(["Campaign.Started", "call_ended"]),
    ])
}
