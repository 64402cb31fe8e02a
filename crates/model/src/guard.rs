//! How much of a tenant one plan may change.

/// When a plan is refused for its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// The most updates, in per cent of the population.
    pub max_changed_percent: f64,
    /// The most retirements, in per cent of the population.
    pub max_retired_percent: f64,
    /// The population below which nothing is counted.
    pub minimum_population: u64,
}

impl Default for Guard {
    fn default() -> Self {
        Self { max_changed_percent: 30.0, max_retired_percent: 10.0, minimum_population: 10 }
    }
}
