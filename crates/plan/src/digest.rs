//! The digest of a plan: two plans with one digest write the same bytes to the same tenant.

use cxform_model::{Write, hexadecimal};
use sha2::{Digest, Sha256};

use crate::{Plan, Step, v1};

/// Covers project, environment, tenant, and of every step its id, what it needs, its precondition and its write.
/// Reasons, places, bases and the estimate say why and how long, not what.
pub(crate) fn digest(plan: &Plan) -> String {
    let Plan {
        id: _,
        project,
        environment,
        tenant,
        steps,
        changes: _,
        unchanged: _,
        warnings: _,
        estimate: _,
        live: _,
        allowances: _,
        digest: _,
        provenance: _,
    } = plan;
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        // Preceded by its length, so that no two sequences of parts are one text.
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part("cxform plan 1");
    part(project);
    part(environment);
    part(tenant);
    for step in steps {
        let Step { id, needs, precondition, write, bare, address: _, action: _, base: _, base_version: _, places: _ } =
            step;
        part(id);
        part(&needs.len().to_string());
        for need in needs {
            part(need);
        }
        part(&v1::precondition_json(precondition).to_string());
        part(&v1::write_json(write).to_string());
        // What is written may depend on it: without it, the last outcome stays on its desktop.
        if *bare && matches!(write, Write::Unassign { .. }) {
            part("bare");
        }
    }
    format!("sha256:{}", hexadecimal(&hash.finalize()))
}
