//! How campaigns are doing: the tenant's totals, what follows from them, and the forms in which programs get that.

mod csv;
mod document;
mod gather;
mod prometheus;
mod standing;

pub use csv::{HEADER, csv};
pub use document::{CampaignV1, StatsV1};
pub use gather::{CampaignStats, Reading, gather};
pub use prometheus::prometheus;
pub use standing::{ABANDON_BUDGET, Standing};
