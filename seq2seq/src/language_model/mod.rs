//! The decoder alone, as a language model: what was read is carried along in the cells.

mod config;
mod model;
pub(crate) mod network;
pub(crate) mod train;

pub use config::{LM_PRESETS, LmConfig};
pub use model::Lm;

/// The name of the language model.
pub const LM_VARIANT: &str = "lstm";
