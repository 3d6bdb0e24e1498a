//! Test files for models of the village: analogies, word similarities and minimal pairs.

mod minimal_pairs;
mod words;

pub(crate) use minimal_pairs::minimal_pairs;
pub(crate) use words::{analogies, similarities};
