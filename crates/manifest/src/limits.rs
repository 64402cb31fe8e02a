//! How much a project may hold: every expansion is counted, so that no input can ask for unbounded memory.

/// The largest file that is read, in bytes.
pub(crate) const FILE_BYTES: u64 = 64 << 20;
/// The most text that one project may hold, in bytes.
pub(crate) const PROJECT_BYTES: u64 = 256 << 20;
/// The most files of one project.
pub(crate) const FILES: usize = 100_000;
/// The most YAML nodes of one project: keys, scalars and collections. A million codes have about twelve million.
pub(crate) const NODES: usize = 16_000_000;
/// How many nodes each one counts for that an alias copies: what is written is bounded by its bytes, a copy is not.
pub(crate) const ALIASED: usize = 8;
/// The most values that variables, inheritance, implied desktops and shared selection rules may copy.
pub(crate) const COPIES: usize = 16_000_000;
/// What an outcome on a desktop costs, in such values.
pub(crate) const DESKTOP_PLACE: usize = 4;
/// The deepest nesting of collections.
pub(crate) const DEPTH: usize = 128;
/// The most problems that are kept; the rest is counted.
pub(crate) const PROBLEMS: usize = 1_000;

/// A count that may not pass its limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    left: usize,
    limit: usize,
    exhausted: bool,
}

impl Budget {
    pub(crate) const fn new(limit: usize) -> Self {
        Self { left: limit, limit, exhausted: false }
    }

    /// Takes `amount`, or takes nothing and stays exhausted from then on.
    #[must_use]
    pub(crate) const fn take(&mut self, amount: usize) -> bool {
        if !self.holds(amount) {
            self.exhausted = true;
            return false;
        }
        self.left -= amount;
        true
    }

    /// Whether `amount` can still be taken.
    pub(crate) const fn holds(&self, amount: usize) -> bool {
        !self.exhausted && amount <= self.left
    }

    pub(crate) const fn limit(&self) -> usize {
        self.limit
    }

    pub(crate) const fn used(&self) -> usize {
        self.limit - self.left
    }

    pub(crate) const fn is_exhausted(&self) -> bool {
        self.exhausted
    }
}
