//! A file that is written in pieces, and is whole or not there.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cxform_record::ExportError;
use tempfile::NamedTempFile;

use crate::terminal::say;
use crate::views::text::counted;

/// A file in the making, beside the place where it will be. Dropped before [`Whole::finish`], it leaves nothing behind.
pub struct Whole {
    temporary: NamedTempFile,
    path: PathBuf,
}

impl Whole {
    /// Begins a file.
    pub fn begin(path: &Path) -> anyhow::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = NamedTempFile::new_in(folder).with_context(|| fails(path))?;
        Ok(Self { temporary, path: path.to_owned() })
    }

    /// Where its pieces go. What is not flushed at the end is lost.
    pub fn writer(&mut self) -> BufWriter<&mut File> {
        BufWriter::new(self.temporary.as_file_mut())
    }

    /// Puts it in its place; what was there makes way.
    pub fn finish(self) -> anyhow::Result<()> {
        let Self { mut temporary, path } = self;
        let put = |temporary: &mut NamedTempFile| temporary.flush().and_then(|()| temporary.as_file().sync_all());
        put(&mut temporary).with_context(|| fails(&path))?;
        temporary.persist(&path).map_err(|error| error.error).with_context(|| fails(&path))?;
        Ok(())
    }
}

/// Streams rows to standard output, or to a file as a whole: they may be more than memory holds.
pub async fn export(
    file: Option<&Path>,
    row: &str,
    quiet: bool,
    write: impl AsyncFnOnce(&mut (dyn Write + Send)) -> Result<u64, ExportError>,
) -> anyhow::Result<()> {
    let Some(file) = file else {
        return match write(&mut BufWriter::new(std::io::stdout())).await {
            // A reader that went away (`| head`) is no error.
            Err(ExportError::Write(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            result => result.map(drop).map_err(Into::into),
        };
    };
    let mut whole = Whole::begin(file)?;
    let mut writer = whole.writer();
    let count = write(&mut writer).await?;
    writer.flush().with_context(|| fails(file))?;
    drop(writer);
    whole.finish()?;
    if !quiet {
        say(&format!("{} written to `{}`.", counted(usize::try_from(count)?, row), file.display()));
    }
    Ok(())
}

fn fails(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}
