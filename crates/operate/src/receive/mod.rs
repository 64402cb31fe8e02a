//! A receiver of webhooks. It checks who tells and what is told, answers `200` only after the event is on disk, and stays up
//! whatever its clients do. TLS is the duty of a proxy in front of it.

mod clerk;
mod door;
mod keys;
mod meter;
mod routes;
mod told;

pub use door::{Door, DoorOptions, OpenError};
pub use keys::{Keys, KeysError};
