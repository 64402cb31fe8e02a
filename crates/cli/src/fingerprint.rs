//! Whether the tenant at the other end is the one that is meant: base URLs are shared by many, and credentials decide.

use anyhow::{Context as _, bail};
use cxform_model::Fingerprint;
use cxform_tenant::Reader;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::views::text::safe;

/// Whether each object has the id that the fingerprint says. `whose` is who says so: `environment `prod``, `the plan`.
///
/// # Errors
/// One of them has another id, or the tenant cannot be read.
pub async fn verify(reader: &Reader, fingerprint: &Fingerprint, whose: &str, tenant: &str) -> anyhow::Result<()> {
    let marks = fingerprint.0.iter().map(|(address, id)| async move {
        let found = reader.one(address.kind(), id).await.with_context(|| {
            format!("`{tenant}` could not be asked for `{address}`, which tells it from other tenants")
        })?;
        let (kind, id) = (address.kind(), safe(&id.0));
        let found = match found {
            Some(object) if object.key.trim() == address.key() => return Ok(()),
            Some(object) => format!("the {kind} with this id is `{}`", safe(object.key.trim())),
            None => format!("there is no {kind} with this id"),
        };
        bail!(
            "this is another tenant than {whose} says: `{address}` has the id `{id}` there, but here {found}\n\
             hint: look whose credentials these are (`{tenant}` may be shared by many tenants); where the object was \
             renamed, correct `fingerprint` in `cxform.yaml`"
        );
    });
    stream::iter(marks).map(Ok).try_buffer_unordered(8).try_collect::<()>().await
}
