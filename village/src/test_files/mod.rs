//! Tests that the world supplies for models of it: analogies, similarities, minimal pairs.

mod minimal_pairs;
mod words;

pub(crate) use minimal_pairs::minimal_pairs;
pub(crate) use words::{analogies, similarities};
