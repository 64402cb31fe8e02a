//! What the planner promises, told on small inventories, and its laws, tried on random ones.

mod campaigns;
mod codes;
mod desktops;
mod document;
mod fixture;
mod inverse;
mod laws;
mod matching;
mod rendering;
mod retiring;
mod selecting;
mod tenant;
