//! What the planner promises, told on small inventories, and its laws, tried on random ones.

mod campaigns;
mod classes;
mod codes;
mod desktops;
mod document;
mod drift;
pub(crate) mod fixture;
mod guarding;
mod inverse;
mod launching;
mod laws;
mod matching;
mod pausing;
mod rendering;
mod retiring;
mod selecting;
mod tenant;
mod webhooks;
