//! Edits and forms, on texts as people write them.

mod edits;
mod forms;
