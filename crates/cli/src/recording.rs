//! What cxform keeps and tells of its runs: where the store is, who runs, who may write, the journal that every request
//! waits for, and the notifications that go out.
//!
//! The crates below know nothing of each other: `apply` declares a journal, `record` keeps one, and they meet here.

pub mod asked;
pub mod checked;
pub mod courier;
pub mod folder;
pub mod git;
pub mod journal;
pub mod letters;
pub mod lock;
pub mod notices;
pub mod origin;
pub mod pauses;
pub mod run;
pub mod store;
