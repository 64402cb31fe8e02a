//! What the tests of views show.

use std::collections::BTreeMap;

use cxform_plan::{Estimate, FieldChange, Plan, Provenance};
use serde_json::Value;

/// A plan that changes nothing.
pub(super) fn empty() -> Plan {
    Plan {
        id: None,
        project: "acme".to_owned(),
        environment: "prod".to_owned(),
        tenant: "https://tenant.example".to_owned(),
        changes: Vec::new(),
        steps: Vec::new(),
        live: Vec::new(),
        allowances: Vec::new(),
        unchanged: 12,
        warnings: Vec::new(),
        estimate: Estimate { requests: 0, by_endpoint: BTreeMap::new(), seconds: 0.0 },
        digest: format!("sha256:{}", "0".repeat(64)),
        provenance: Provenance::default(),
    }
}

pub(super) fn field(path: &str, before: &Value, after: &Value) -> FieldChange {
    FieldChange { path: path.to_owned(), before: before.clone(), after: after.clone(), source: None }
}
