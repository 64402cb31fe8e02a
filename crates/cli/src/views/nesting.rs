//! How deep things hang below each other, as far as a view can set them in.

use std::collections::BTreeMap;

use cxform_model::Address;

/// What hangs deeper is shown at the root.
pub const DEEPEST: usize = 12;

/// How deep a code hangs; more than [`DEEPEST`] also where codes hang in a circle.
pub fn depth(address: &Address, above: &BTreeMap<Address, Address>) -> usize {
    std::iter::successors(above.get(address), |address| above.get(address)).take(DEEPEST + 1).count()
}
