//! `cxform audit`: reading and proving the trail of every write.

use anyhow::Context as _;
use cxform_model::Address;
use cxform_record::{AuditFilter, ExportFormat, Store};
use serde_json::json;

use crate::args::{AuditCommand, AuditSelection, Format, Global, Wanted};
use crate::recording::store::{find_run, look};
use crate::terminal::{colour_on_stdout, print, width};
use crate::views::style::Palette;
use crate::{project, views, whole};

/// Looks at the audit trail.
pub async fn run(global: &Global, command: AuditCommand) -> anyhow::Result<u8> {
    let project = project::open(global, true)?;
    let palette = Palette::new(colour_on_stdout());
    let Some(store) = look(&project).await? else {
        anyhow::bail!("no write is recorded yet: there is no store");
    };
    let mut code = 0;
    let text = match command {
        AuditCommand::List { selection } => {
            let records = store.audit(filter(&store, selection, global).await?).await?;
            match global.format {
                Format::Json => document(&json!({ "formatVersion": 1, "records": records }))?,
                Format::Human => views::audit::list(&records, palette),
            }
        }
        AuditCommand::Show { number } => {
            let record = store.audit_record(number).await?;
            match global.format {
                Format::Json => document(&json!({ "formatVersion": 1, "record": record }))?,
                Format::Human => views::audit::show(&record, palette, width()),
            }
        }
        AuditCommand::Verify { head } => {
            let head = head.map(|head| head.trim().trim_start_matches("sha256:").to_ascii_lowercase());
            let verdict = store.verify_audit(head.as_deref()).await?;
            code = u8::from(!verdict.is_whole());
            match global.format {
                Format::Json => {
                    let mut found = serde_json::to_value(&verdict)?;
                    found["formatVersion"] = 1.into();
                    found["whole"] = verdict.is_whole().into();
                    document(&found)?
                }
                Format::Human => views::audit::verdict(&verdict, head.is_some(), palette),
            }
        }
        AuditCommand::Export { out, selection } => {
            let form = if global.wanted == Wanted::Csv { ExportFormat::Csv } else { ExportFormat::Jsonl };
            let filter = filter(&store, selection, global).await?;
            let write = async |out: &mut (dyn std::io::Write + Send)| store.export_audit(form, filter, out).await;
            whole::export(out.as_deref(), "record", global.quiet, write).await?;
            String::new()
        }
        AuditCommand::Asof { time, address } => {
            let address: Address = address.parse().with_context(|| format!("`{address}` is no address"))?;
            let state = store.audit_asof(time, &address.to_string()).await?;
            match global.format {
                Format::Json => {
                    let mut state = serde_json::to_value(&state)?;
                    state["formatVersion"] = 1.into();
                    document(&state)?
                }
                Format::Human => views::audit::asof(&state, palette, width()),
            }
        }
    };
    print(&text)?;
    Ok(code)
}

async fn filter(store: &Store, selection: AuditSelection, global: &Global) -> anyhow::Result<AuditFilter> {
    let AuditSelection { run, address, actor, since, until, limit } = selection;
    let run = match run {
        Some(run) => Some(find_run(store, &run, global.environment.as_deref()).await?.id),
        None => None,
    };
    Ok(AuditFilter { run, address, actor, since, until, after: None, limit })
}

fn document(value: &serde_json::Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
