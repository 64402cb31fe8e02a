//! End-to-end tests: the real binary, or the real crates together, against the emulator. One binary, so the product is linked once.

mod documents;
mod scenarios;
mod tenant;
