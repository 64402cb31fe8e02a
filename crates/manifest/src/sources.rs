//! The texts of the project's files, and what of them may be shown.

use std::ops::Range;
use std::sync::Arc;

use cxform_model::{FileId, Files, Source, hexadecimal};
use sha2::{Digest as _, Sha256};

use crate::Place;

/// The files of a project with their texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    files: Files,
    texts: Vec<Option<Arc<str>>>,
    /// Secrets that somebody wrote into a file. They are never shown, whatever line a problem is on.
    masked: Vec<(FileId, Range<usize>)>,
}

impl Sources {
    /// Adds a file; `None` is one whose text is not known.
    pub(crate) fn add(&mut self, name: impl Into<String>, text: Option<Arc<str>>) -> FileId {
        self.texts.push(text);
        self.files.add(name)
    }

    pub(crate) fn set_text(&mut self, file: FileId, text: Arc<str>) {
        if let Some(slot) = self.texts.get_mut(file.0 as usize) {
            *slot = Some(text);
        }
    }

    pub(crate) fn mask(&mut self, place: Place) {
        self.masked.push((place.source.file, place.start as usize..place.end as usize));
    }

    pub(crate) const fn files(&self) -> &Files {
        &self.files
    }

    pub(crate) fn name(&self, file: FileId) -> &str {
        self.files.name(file)
    }

    pub(crate) fn text(&self, file: FileId) -> Option<&Arc<str>> {
        self.texts.get(file.0 as usize)?.as_ref()
    }

    /// `sha256:...` over the names and texts of all files, in the order of names: two projects with one hash ask for the same.
    pub(crate) fn content_hash(&self) -> String {
        let mut files: Vec<_> = self.files.iter().collect();
        files.sort_by_key(|(_, name)| *name);
        let mut hash = Sha256::new();
        for (id, name) in files {
            // Each part after its length, and a file that cannot be read is no empty one.
            let text = self.text(id).map_or(&b"\0"[..], |text| text.as_bytes());
            for part in [name.as_bytes(), text] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        format!("sha256:{}", hexadecimal(&hash.finalize()))
    }

    /// The text at a place; empty where it is unknown or to be kept secret.
    pub(crate) fn slice(&self, place: Place) -> &str {
        let range = place.start as usize..place.end as usize;
        let secret = self.masked.iter().any(|(file, masked)| *file == place.source.file && overlap(masked, &range));
        if secret {
            return "";
        }
        self.text(place.source.file).and_then(|text| text.get(range)).unwrap_or("")
    }

    /// The place of a byte of a file's text.
    pub(crate) fn place_at(&self, file: FileId, at: usize) -> Place {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let before = self.text(file).and_then(|text| text.get(..at)).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let source = Source {
            file,
            line: number(1 + before.bytes().filter(|byte| *byte == b'\n').count()),
            column: number(1 + before[line_start..].chars().count()),
        };
        Place { source, start: number(before.len()), end: number(before.len()) }
    }

    /// The place of a line and column: what is left where nothing else knows the value there.
    pub(crate) fn place_of(&self, source: Source) -> Place {
        let text = self.text(source.file).map_or("", |text| &**text);
        let line = text.split_inclusive('\n').take(source.line.saturating_sub(1) as usize).map(str::len).sum::<usize>();
        let rest = text.get(line..).unwrap_or("");
        let column = rest.chars().take(source.column.saturating_sub(1) as usize).map(char::len_utf8).sum::<usize>();
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Place { source, start: number(line + column), end: number(line + column) }
    }

    /// Line and column just behind a place.
    pub(crate) fn end(&self, place: Place) -> (u32, u32) {
        let Source { file, mut line, mut column } = place.source;
        let text = self.text(file).and_then(|text| text.get(place.start as usize..place.end as usize));
        for character in text.unwrap_or("").chars() {
            if character == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        (line, column)
    }

    /// Bytes of the file's text that hold the whole lines of `range`.
    pub(crate) fn lines(&self, file: FileId, range: Range<usize>) -> Option<Range<usize>> {
        let text = self.text(file)?;
        let start = text.get(..range.start)?.rfind('\n').map_or(0, |newline| newline + 1);
        let end = text.get(range.end..)?.find('\n').map_or(text.len(), |newline| range.end + newline);
        Some(start..end)
    }

    /// The text of a range with its secrets starred out, byte for byte, so that offsets stay what they are.
    pub(crate) fn shown(&self, file: FileId, range: Range<usize>) -> Option<String> {
        let mut bytes = self.text(file)?.get(range.clone())?.as_bytes().to_vec();
        for (_, masked) in self.masked.iter().filter(|(masked, _)| *masked == file) {
            for at in masked.start.max(range.start)..masked.end.min(range.end) {
                if !matches!(bytes[at - range.start], b'\n' | b'\r') {
                    bytes[at - range.start] = b'*';
                }
            }
        }
        String::from_utf8(bytes).ok()
    }
}

fn overlap(left: &Range<usize>, right: &Range<usize>) -> bool {
    left.start < right.end && right.start < left.end
}
