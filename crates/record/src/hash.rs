//! Hashes over parts that can never run into each other.

use cxform_model::hexadecimal;
use sha2::{Digest, Sha256};

use crate::sql::Cell;

/// SHA-256 over cells, each with its kind and its length before it.
pub(crate) struct CellHash(Sha256);

impl CellHash {
    /// A hash of a named kind: no two kinds share a value.
    pub(crate) fn new(kind: &str) -> Self {
        let mut hash = Self(Sha256::new());
        hash.part(b't', kind.as_bytes());
        hash
    }

    pub(crate) fn cell(&mut self, cell: &Cell) {
        match cell {
            Cell::Null => self.part(b'n', &[]),
            Cell::Text(text) => self.part(b't', text.as_bytes()),
            Cell::Int(number) => self.part(b'i', &number.to_be_bytes()),
        }
    }

    fn part(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update([kind]);
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// The SHA-256 of a payload, in the form that audit records hold.
#[must_use]
pub fn payload_sha256(payload: &[u8]) -> String {
    hexadecimal(&Sha256::digest(payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(cells: &[Cell]) -> String {
        let mut hash = CellHash::new("test");
        cells.iter().for_each(|cell| hash.cell(cell));
        hash.finish()
    }

    #[test]
    fn neighbours_never_run_into_each_other() {
        let text = |text: &str| Cell::Text(text.into());
        assert_ne!(hash(&[text("ab"), text("c")]), hash(&[text("a"), text("bc")]));
        assert_ne!(hash(&[text(""), Cell::Null]), hash(&[Cell::Null, text("")]));
        assert_ne!(hash(&[Cell::Int(1)]), hash(&[text("1")]));
    }
}
