//! Any bytes as `cxform.yaml`: read, every environment resolved, and the client secret never shown.
#![no_main]

use cxform_manifest::{HumanStyle, Project, ResolvedTenant};
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "canary-5b1f";

fuzz_target!(|bytes: &[u8]| {
    let (project, diagnostics) = Project::in_memory(Some(bytes), [("manifests/a.yaml", &b""[..])]);
    let _ = diagnostics.human(&HumanStyle::default());
    let Some(project) = project else { return };
    for environment in project.environments() {
        match environment.resolve(&|_| Some(SECRET.to_owned())).map(|resolved| resolved.tenant) {
            Ok(ResolvedTenant::Remote { auth, .. }) => assert!(!format!("{:?}", auth.client_secret).contains(SECRET)),
            Ok(ResolvedTenant::Emulator { .. }) => {}
            Err(error) => drop(error.to_string()),
        }
        let _ = project.load(environment, &cxform_rules::Context::default(), Some(&|_| Some(SECRET.to_owned())));
    }
});
