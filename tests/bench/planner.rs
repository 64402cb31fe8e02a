//! The planner by itself: the pure function on inventories that are already in memory.

use std::time::{Duration, Instant};

use cxform_manifest::Project;
use cxform_model::{Kind, Observed};
use cxform_plan::Options;
use cxform_rules::Context;

use crate::generated::Generated;
use crate::tenant::Tenant;

pub fn time(generated: &Generated, tenant: &Tenant) -> Duration {
    let context = Context::default();
    let project = Project::open(generated.project()).0.unwrap();
    let desired = project.load(project.environment(None).unwrap(), &context, None).desired.unwrap();
    let observed = tenant.block_on(observe(tenant));
    let options = Options::new("bench", "bench", tenant.url(), context);
    let timed = |_| {
        let started = Instant::now();
        let plan = cxform_plan::plan(&desired, &observed, &options).unwrap();
        let took = started.elapsed();
        drop(plan);
        took
    };
    (0..5).map(timed).min().unwrap()
}

async fn observe(tenant: &Tenant) -> Observed {
    let reader = tenant.connection.reader();
    let mut observed = Observed::default();
    for kind in [Kind::Outcome, Kind::CallCode, Kind::Campaign] {
        observed.listings.insert(kind, reader.list(kind).await.unwrap());
    }
    observed
}
